"""Texts of Slack that cannot be anything but text, and messages that are within Slack's limits however long they are.

Rich text is a tree: what stands in a text element is never parsed, so nothing in it becomes a mention, a link or
formatting. Words that a client could turn into a link by itself stand as code, which no client touches.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..reports.cleaning import middle, shown

Block: TypeAlias = dict[str, Any]

MOST_BLOCKS = 50
MOST_IN_SECTION = 3_000
MOST_IN_HEADER = 150
MOST_ON_BUTTON = 75
MOST_IN_VALUE = 2_000
MOST_IN_MESSAGE = 12_000
"""Characters of all blocks of a message as JSON. Slack answers `msg_blocks_too_long` from about 13,200 on; that is not
documented (slackapi/bolt-js issue 2509), so everything counts."""
_MOST_IN_FALLBACK = 600
_MOST_IN_LINE = 700
_MOST_BUTTONS = 5
_MOST_OPTIONS = 100

_LINKED = re.compile(r"://|www\.|@|\bmailto:|\btel:|[\w-]\.[^\W\d_]{2,}|^[#!]|:[\w+'-]+:", re.IGNORECASE)
_MRKDWN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "ʼ", "*": "∗", "_": "ˍ", "~": "∼"})

Style = Literal["plain", "bold", "code"]


@dataclass(frozen=True)
class Words:
    """A run of text in one style; what it says is cleaned and made inert when it is laid out."""

    text: str
    style: Style = "plain"


Line: TypeAlias = Sequence[Words]


@dataclass(frozen=True)
class File:
    """Something that is too long for a message, or is no text.

    Args:
        content: text; base64 if `is_base64`.
        alternative: what a person is told who cannot see it, for pictures.
    """

    name: str
    title: str
    content: str
    is_base64: bool = False
    alternative: str = ""

    @property
    def octets(self) -> bytes:
        """What is uploaded."""
        return base64.b64decode(self.content) if self.is_base64 else self.content.encode()


@dataclass(frozen=True)
class Message:
    """What is posted.

    Args:
        text: what notifications and screen readers say, escaped.
        blocks: at most `MOST_BLOCKS`, together at most `MOST_IN_MESSAGE` characters.
        files: to be uploaded into the thread.
    """

    text: str
    blocks: tuple[Block, ...]
    files: tuple[File, ...] = field(default=())


@dataclass(frozen=True)
class Button:
    """Something to press.

    Args:
        value: an opaque id: people can see it.
        url: of a page of ours that it opens; empty if it opens none. Nothing of it comes from outside.
    """

    action: str
    label: str
    value: str
    style: Literal["primary", "danger"] | None = None
    url: str = ""


def escaped(text: str, limit: int = _MOST_IN_FALLBACK) -> str:
    """A line for the places where Slack knows markup only: what could be markup is replaced by what looks alike."""
    return shown(text, limit).translate(_MRKDWN)


def paragraph(lines: Iterable[Line], *, bulleted: bool = False) -> Block:
    """A block of lines, at most `MOST_IN_SECTION` characters; what does not fit is left out, with a mark."""
    laid: list[list[dict[str, Any]]] = []
    room = MOST_IN_SECTION - 10
    for line in lines:
        elements, size = _elements(line, min(room, _MOST_IN_LINE))
        if not elements:
            continue
        if size + 1 > room:
            laid.append([{"type": "text", "text": "…"}])
            break
        room -= size + 1
        laid.append(elements)
    if bulleted and laid:
        rows = [{"type": "rich_text_section", "elements": each} for each in laid]
        return {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": rows}]}
    joined: list[dict[str, Any]] = []
    laid = laid or [[{"type": "text", "text": "–"}]]
    for place, each in enumerate(laid):
        joined += [{"type": "text", "text": "\n"}] if place else []
        joined += each
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": joined}]}


def preformatted(text: str) -> Block:
    """A block of exact text with its line breaks, cut to `MOST_IN_SECTION` characters."""
    lines = "\n".join(shown(line, 400) if line.strip() else "" for line in text.split("\n")[:200])
    cut = lines if len(lines) <= MOST_IN_SECTION - 10 else lines[: MOST_IN_SECTION - 11] + "…"
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": cut or "–"}]}
    return {"type": "rich_text", "elements": [element]}


def header(text: str) -> Block:
    """A heading of plain text, in which no emoji is made of colons."""
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": middle(shown(text, 600), MOST_IN_HEADER), "emoji": False},
    }


def buttons(block_id: str, wanted: Iterable[Button]) -> Block:
    """A row of buttons.

    Raises:
        ValueError: a value is longer than Slack takes; values are ids of ours.
    """
    elements = []
    for button in list(wanted)[:_MOST_BUTTONS]:
        if len(button.value) > MOST_IN_VALUE:
            raise ValueError("a button's value is an id")
        element: dict[str, Any] = {
            "type": "button",
            "action_id": button.action,
            "text": _plain(button.label, MOST_ON_BUTTON),
            "value": button.value,
        }
        more = {"style": button.style, "url": button.url}
        elements.append(element | {name: text for name, text in more.items() if text})
    return {"type": "actions", "block_id": block_id, "elements": elements}


def menu(block_id: str, action: str, label: str, options: Iterable[tuple[str, str]]) -> Block:
    """A menu of at most a hundred options, each a text and an opaque value of at most 150 characters."""
    rows = [{"text": _plain(text, 75), "value": value[:150]} for text, value in list(options)[:_MOST_OPTIONS]]
    element = {"type": "static_select", "action_id": action, "placeholder": _plain(label, 75), "options": rows}
    return {"type": "actions", "block_id": block_id, "elements": [element]}


def message(text: str, blocks: Iterable[Block], last: Sequence[Block] = (), files: Sequence[File] = ()) -> Message:
    """A message within all limits: the blocks that fit, in order, and then those of `last`, which have to fit.

    Args:
        text: for notifications.
        blocks: as many as there is room for; a mark stands where some were left out.
        last: buttons and the like, small.
        files: beside it.
    """
    mark = paragraph([[Words("…")]])
    room = MOST_IN_MESSAGE - _size(list(last)) - _size([mark])
    kept: list[Block] = []
    for block in blocks:
        size = _size([block])
        if size > room or len(kept) + len(last) + 2 > MOST_BLOCKS:
            kept.append(mark)
            break
        kept.append(block)
        room -= size
    return Message(escaped(text), (*kept, *last), tuple(files))


def _elements(line: Line, room: int) -> tuple[list[dict[str, Any]], int]:
    """The elements of a line, and how many characters they show."""
    found: list[dict[str, Any]] = []
    used = 0
    for words in line:
        if not words.text or room - used < 2:
            continue
        text = _kept_edges(words.text, room - used)
        used += len(text)
        for piece, is_risky in _pieces(text) if words.style != "code" else [(text, True)]:
            element: dict[str, Any] = {"type": "text", "text": piece}
            style = {"code": True} if is_risky else ({"bold": True} if words.style == "bold" else {})
            found.append(element | ({"style": style} if style else {}))
    return found, used


def _kept_edges(text: str, limit: int) -> str:
    """Cleaned, with one space at an edge that had one."""
    inner = shown(text, max(1, limit - 2))
    if not text.strip():
        return " "
    return f"{' ' if text[:1].isspace() else ''}{inner}{' ' if text[-1:].isspace() else ''}"


def _pieces(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, and which of them a client could turn into something."""
    found: list[tuple[str, bool]] = []
    for piece in re.split(r"(\s+)", text):
        if not piece:
            continue
        is_risky = bool(_LINKED.search(piece))
        if found and found[-1][1] == is_risky:
            found[-1] = (found[-1][0] + piece, is_risky)
        else:
            found.append((piece, is_risky))
    return found


def _plain(text: str, limit: int) -> Mapping[str, Any]:
    return {"type": "plain_text", "text": shown(text, limit), "emoji": False}


def _size(blocks: Sequence[Block]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))
