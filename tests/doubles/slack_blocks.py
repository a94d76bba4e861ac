"""A double of how Slack checks the blocks of a message, with its documented limits and error codes."""

from __future__ import annotations

import json
from typing import Any

MOST_BLOCKS = 50
MOST_OF_ALL = 13_200
"""Not documented; seen in slackapi/bolt-js issue 2509."""
MOST_TEXT = 40_000

_IDS = 255


def problem_of(asked: dict[str, Any]) -> str | None:
    """The error code that Slack answers a message with; `None` if it is taken."""
    text, blocks = asked.get("text", ""), asked.get("blocks") or []
    if not isinstance(text, str) or not isinstance(blocks, list):
        return "invalid_arguments"
    if not text.strip() and not blocks:
        return "no_text"
    if len(text) > MOST_TEXT:
        return "msg_too_long"
    if len(blocks) > MOST_BLOCKS:
        return "invalid_blocks"
    ids = [block.get("block_id") for block in blocks if isinstance(block, dict) and block.get("block_id")]
    if len(ids) != len(set(ids)):
        return "invalid_blocks"
    try:
        for block in blocks:
            _BLOCKS[block["type"]](block)
            assert len(block.get("block_id", "")) <= _IDS
    except (AssertionError, KeyError, TypeError, AttributeError):
        return "invalid_blocks"
    return "msg_blocks_too_long" if len(json.dumps(blocks, ensure_ascii=False)) > MOST_OF_ALL else None


def _text(found: Any, most: int, *kinds: str) -> None:
    assert found["type"] in kinds
    assert 1 <= len(found["text"]) <= most
    if found["type"] == "plain_text":
        assert set(found) <= {"type", "text", "emoji"}


def _header(block: Any) -> None:
    _text(block["text"], 150, "plain_text")


def _section(block: Any) -> None:
    assert "text" in block or block["fields"]
    if "text" in block:
        _text(block["text"], 3_000, "plain_text", "mrkdwn")
    assert len(block.get("fields", [])) <= 10
    for each in block.get("fields", []):
        _text(each, 2_000, "plain_text", "mrkdwn")


def _context(block: Any) -> None:
    assert 1 <= len(block["elements"]) <= 10
    for each in block["elements"]:
        _text(each, 3_000, "plain_text", "mrkdwn")


def _actions(block: Any) -> None:
    assert 1 <= len(block["elements"]) <= 25
    action_ids = [each["action_id"] for each in block["elements"]]
    assert len(action_ids) == len(set(action_ids))
    for each in block["elements"]:
        assert 1 <= len(each["action_id"]) <= _IDS
        if each["type"] == "button":
            _text(each["text"], 75, "plain_text")
            assert len(each.get("value", "")) <= 2_000
            assert len(each.get("url", "")) <= 3_000
            assert each.get("style", "primary") in ("primary", "danger")
        else:
            assert each["type"] == "static_select"
            _text(each["placeholder"], 150, "plain_text")
            assert 1 <= len(each["options"]) <= 100
            for option in each["options"]:
                _text(option["text"], 75, "plain_text")
                assert 1 <= len(option["value"]) <= 150
        if "confirm" in each:
            confirm = each["confirm"]
            _text(confirm["title"], 100, "plain_text")
            _text(confirm["text"], 300, "plain_text", "mrkdwn")
            _text(confirm["confirm"], 30, "plain_text")
            _text(confirm["deny"], 30, "plain_text")


def _rich_text(block: Any) -> None:
    assert block["elements"]
    for part in block["elements"]:
        kind = part["type"]
        assert kind in ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")
        if kind == "rich_text_list":
            assert part["style"] in ("bullet", "ordered")
            assert part["elements"]
            for row in part["elements"]:
                assert row["type"] == "rich_text_section"
                _runs(row["elements"])
        else:
            _runs(part["elements"])


def _runs(elements: Any) -> None:
    assert elements
    for each in elements:
        assert each["type"] in ("text", "link", "user", "usergroup", "channel", "broadcast", "emoji", "date", "color")
        if each["type"] == "text":
            assert each["text"]
            assert set(each) <= {"type", "text", "style"}
            assert set(each.get("style", {})) <= {"bold", "italic", "strike", "code"}


_BLOCKS = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich_text,
    "divider": lambda _block: None,
}
