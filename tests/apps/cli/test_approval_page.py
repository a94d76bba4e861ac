"""What a person reads before they answer: everything there, nothing alive."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from opswarden.apps.cli.approval_page import ago, as_json, inert, next_steps, page
from opswarden.apps.cli.console import emit_json
from opswarden.policies.approvals import Approval, Binding

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
PREVIEW: dict[str, Any] = {
    "effect": "write",
    "resource": "checkout",
    "role": "triage",
    "stage": "act",
    "args": {"service": "checkout", "replicas": 5, "contact": "<EMAIL_ADDRESS_1·k3f9>"},
    "untrusted_args": ["contact"],
    "run_tainted": True,
    "cautions": [],
    "provenance": {
        "service": {"is_trusted": True, "origins": [{"seq": 7, "tool": "topology.find", "field": "name"}]},
        "contact": {"is_trusted": False, "origins": [{"seq": 9, "tool": "logs.search", "field": "text"}], "via": "url"},
    },
    "look": {
        "status": "ok",
        "what": "scale checkout to 5 replicas",
        "where": "cluster eu-1",
        "changes": [{"field": "replicas", "before": 3, "after": 5}],
        "warnings": ["two teams use it"],
    },
}
ITEM = Approval(
    id="apr_1",
    run_id="run_1",
    verb="call",
    call_id="c1",
    team="payments",
    action="services.scale",
    environment="production",
    code="taint.args",
    reason="an argument derives from outside",
    preview=PREVIEW,
    roles=("oncall", "payments-lead"),
    needs_every_role=True,
    two_person=True,
    requester="person:kim",
    binding=Binding("a", "b", "c", ("contact",)),
    requested_at=NOW - timedelta(minutes=12),
    expires_at=NOW + timedelta(hours=3, minutes=5),
)
HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred\r\n\x9b1mbold \u202egnp.exe\u2066 \u200b[bold]markup[/bold] :fire: \U000e0041"
)


def printed(item: Approval, *, width: int = 100, whole: bool = False, terminal: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, color_system="standard" if terminal else None)
    for part in page(item, NOW, whole=whole):
        console.print(part, markup=False, emoji=False, highlight=False)
    return file.getvalue()


def with_look(**changed: Any) -> Approval:
    return replace(ITEM, preview={**PREVIEW, "look": {**PREVIEW["look"], **changed}})


@pytest.mark.parametrize("width", [60, 100, 200])
def test_the_page_answers_what_where_from_what_to_what_and_why(width: int) -> None:
    said = printed(ITEM, width=width)
    assert said.startswith("scale checkout to 5 replicas\n")
    flat = " ".join(said.split())
    for part in (
        "cluster eu-1; environment production",
        "payments; stage act",
        "agent triage for person:kim, run run_1",
        "12 min ago, expires in 3 h 5 min",
        "oncall and payments-lead; not person:kim",
        "! two teams use it",
        "! the run has read text that outsiders can write",
        "replicas 3 5",
        "opswarden reveal run_1 '<EMAIL_ADDRESS_1·k3f9>'",
        "Evidence: ledger 7, 9",
    ):
        assert part in flat
    assert re.search(r"^contact .*untrusted", said, re.MULTILINE) or width == 60
    if width == 200:
        assert re.search(r"^contact .*untrusted +logs.search text \(ledger 9\), url", said, re.MULTILINE)


def test_an_argument_without_a_doubt_says_nothing_of_trust() -> None:
    said = printed(replace(ITEM, preview={**PREVIEW, "provenance": {}}))
    assert re.search(r"^service +checkout *$", said, re.MULTILINE)
    assert re.search(r"^contact +<EMAIL_ADDRESS_1·k3f9> +untrusted *$", said, re.MULTILINE)


@pytest.mark.parametrize(
    "item",
    [
        with_look(what=HOSTILE),
        with_look(where=HOSTILE),
        with_look(warnings=[HOSTILE]),
        with_look(changes=[{"field": HOSTILE, "before": HOSTILE, "after": HOSTILE}]),
        with_look(status="failed", why=HOSTILE),
        replace(ITEM, preview={**PREVIEW, "args": {HOSTILE: HOSTILE, "b": {HOSTILE: [HOSTILE]}}}),
        replace(ITEM, preview={**PREVIEW, "cautions": [HOSTILE], "untrusted_args": [HOSTILE], "resource": HOSTILE}),
        replace(ITEM, preview={**PREVIEW, "provenance": {"service": {"via": HOSTILE, "origins": [{"tool": HOSTILE}]}}}),
        replace(ITEM, reason=HOSTILE, requester=HOSTILE, note=HOSTILE, approver="person:x", state="denied"),
    ],
)
@pytest.mark.parametrize("terminal", [False, True])
def test_nothing_in_it_is_obeyed_by_a_terminal(item: Approval, terminal: bool) -> None:
    said = printed(item, whole=True, terminal=terminal)
    own_colours = re.sub(r"\x1b\[[0-9;]*m", "", said) if terminal else said
    bad = [one for one in own_colours if one != "\n" and unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")]
    assert bad == []
    assert "\x1b[31m" not in said or "\x1b[1;31m" in said
    assert r"\x1b[2J" in "".join(said.split()) or r"\x1b[2J" in said
    assert "[bold]markup[/bold]" in said.replace("\n", "") or "[bold]" in said


def test_json_keeps_the_value_and_escapes_what_is_unseen(capsys: pytest.CaptureFixture[str]) -> None:
    item = replace(ITEM, preview={**PREVIEW, "args": {"service": HOSTILE}})
    emit_json(as_json(item))
    said = capsys.readouterr().out
    assert [one for one in said if one != "\n" and unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")] == []
    document = json.loads(said)
    assert document["arguments"][0]["value"] == HOSTILE
    assert document["changes"] == [{"field": "replicas", "before": 3, "after": 5}]
    assert {"id", "run_id", "preview", "warnings", "evidence", "expires_at", "two_person"} <= set(document)


def test_a_huge_value_is_counted_and_shown_to_its_end_on_demand() -> None:
    value = "a" * 5_000 + "THE MIDDLE" + "z" * 5_000
    item = replace(ITEM, preview={**PREVIEW, "args": {"service": value}})
    short, full = (printed(item, width=200, whole=whole) for whole in (False, True))
    assert "9410 characters not shown, see --full" in short
    assert "THE MIDDLE" not in short
    assert "THEMIDDLE" in "".join(full.split())


def test_a_failed_preview_and_none_are_told_first() -> None:
    assert "agrees blindly" in " ".join(printed(with_look(status="failed", why="it broke")).split())
    preview = {name: value for name, value in PREVIEW.items() if name != "look"}
    said = printed(replace(ITEM, preview=preview))
    assert said.startswith("services.scale checkout\n")
    assert "only the arguments are known" in said


def test_a_message_to_people_is_shown_as_one() -> None:
    preview = {"audience": {"kind": "chat", "name": "#x", "team": "payments"}, "kind": "report", "body": {"text": "hi"}}
    said = printed(replace(ITEM, verb="tell", action="people.tell", preview=preview))
    assert re.search(r"^Message$", said, re.MULTILINE)
    assert re.search(r"^text +hi", said, re.MULTILINE)


def test_an_answered_question_offers_no_answers() -> None:
    assert [line.split()[2] for line in next_steps(ITEM)] == ["approve", "deny", "endorse"]
    assert next_steps(replace(ITEM, state="denied")) == []


@pytest.mark.parametrize(
    ("minutes", "text"), [(0.5, "30 s"), (12, "12 min"), (185, "3 h 5 min"), (60 * 52, "2 d 4 h"), (-12, "12 min")]
)
def test_ages(minutes: float, text: str) -> None:
    assert ago(NOW - timedelta(minutes=minutes), NOW) == text


def test_a_short_text_is_whole() -> None:
    assert inert("checkout", whole=False) == "checkout"
