"""Messages are inert and within Slack's limits whatever is in them; our own words exist in every language."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.agents.triage.types import (
    Action,
    Answer,
    Claim,
    Cost,
    Evidence,
    FirstMinute,
    Incident,
    ModelUse,
    RankedCause,
    TriageReport,
)
from opswarden.apps.service.telling import ToldIncident
from opswarden.apps.slack import words
from opswarden.apps.slack.incident_message import found_lines, incident_message
from opswarden.apps.slack.texts import Message
from opswarden.apps.slack.thread_messages import answer_message, evidence_message, report_blocks, report_message
from opswarden.tests.doubles.slack_blocks import problem_of

BEGAN = datetime(2031, 5, 6, 12, tzinfo=UTC)
TRICKS = (
    "<!channel>", "<!here|x>", "<@U123ABC>", "<#C123|general>", "<https://evil.example|click>", "https://evil.example",
    "`rm -rf`", "```", "*bold*", "_it_", "~no~", "@channel", "@here", ":white_check_mark:", "evil.example",
    "&lt;!channel&gt;",    "\u202e", "\x00", "mailto:a@b.example", "> quote", "x" * 5_000, "\n" * 50, "é" * 4_000,
)  # fmt: skip
hostile = st.lists(st.sampled_from(TRICKS) | st.text(max_size=60), max_size=5).map(" ".join)


def told(title: str = "checkout errors", entity: str = "checkout") -> ToldIncident:
    return ToldIncident(
        id="inc-1", run_id="run-1", team="platform", environment="production", title=title, entity=entity,
        severity="critical", state="open", began=BEGAN, alerts=3, firing=2, thread="", asked_by="system:slack",
    )  # fmt: skip


def report(text: str = "plain", *, many: int = 2, verdict: str = "cause_found") -> TriageReport:
    """A report in which everything that outsiders can write is `text`."""
    segments = {
        "payments_lost": 1234.4,
        "money_lost": [{"currency": "BRL", "amount_minor": 1_234_500}],
        "segments": [{"name": text}] * many,
    }
    return TriageReport(
        run_id="run-1",
        incident=Incident(title=text, environment="production", start=BEGAN.isoformat(), end="2031-05-06T12:30:00Z"),
        verdict=verdict,  # type: ignore[arg-type]
        summary=text,
        first_minute=(FirstMinute(kind="owner", text=text, evidence=("E1",)),),
        ranking=tuple(
            RankedCause(entity=text, indicator=text, change=text, score=1.0, evidence=("E1",), reasons=(text,) * 3)
            for _ in range(many)
        ),
        claims=tuple(Claim(text=text, evidence=("E1",), status="supported") for _ in range(many)),
        actions=(Action(tool="rollouts.rollback", args={"why": text}, decision="x", status="ok"),),
        evidence=tuple(
            Evidence(id=f"E{n}", tool="outcomes.segments", scope={}, status="ok", summary=segments)
            for n in range(1, many + 1)
        ),
        cost=Cost(),
        model=ModelUse(used=False),
        gaps=(text,) * many,
    )  # fmt: skip


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from nodes(item)


def check(message: Message) -> None:
    """What every message has to be."""
    blocks = list(message.blocks)
    assert problem_of({"text": message.text, "blocks": blocks}) is None
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 12_000
    assert not re.search(r"[<>`*_~]|&(?!amp;|lt;|gt;)", message.text)
    types = {node["type"] for node in nodes(blocks) if "type" in node}
    assert not types & {"mrkdwn", "link", "user", "usergroup", "channel", "broadcast", "emoji", "image", "markdown"}
    for node in nodes(blocks):
        if node.get("type") == "plain_text":
            assert node["emoji"] is False
        if node.get("type") == "text":
            assert "\x00" not in node["text"]
            assert "\u202e" not in node["text"]
            if not node.get("style", {}).get("code"):
                assert not re.search(r"://|www\.|@|:[\w+'-]+:|evil\.example", node["text"]), node


@settings(max_examples=8)
@given(text=hostile, many=st.sampled_from((1, 3, 40)), language=st.sampled_from(words.LANGUAGES))
def test_nothing_that_outsiders_write_is_obeyed_and_all_limits_hold(
    text: str, many: int, language: words.Language
) -> None:
    whole = report(text, many=many)
    check(incident_message(told(text, text), language, state=text, found=found_lines(whole, language), step=text))
    check(report_blocks(whole, language))
    check(evidence_message(whole.evidence[0], language))
    claims = whole.claims
    answer = Answer(
        run_id="r", number=1, question=text, claims=claims, known=claims, unknown=(text,) * many, shown=("E1",),
        evidence=whole.evidence, cost=Cost(), model=ModelUse(used=False),
    )  # fmt: skip
    check(answer_message(answer, language))


def lines_of(message: Message) -> list[str]:
    shown = [message.blocks[0]["text"]["text"]]
    for block in message.blocks[1:]:
        shown += "".join(element["text"] for element in block["elements"][0]["elements"]).split("\n")
    return shown


@pytest.mark.parametrize(
    ("language", "cause", "impact"),
    [
        ("en", "Likely cause: plain · change plain", "Impact: about 1,234 payments lost, worth 12,345 BRL"),
        ("es", "Causa probable: plain · cambio plain", "Impacto: unos 1\u202f234 pagos perdidos, por 12\u202f345 BRL"),
        (
            "pt",
            "Causa provável: plain · mudança plain",
            "Impacto: cerca de 1\u202f234 pagamentos perdidos, no valor de 12\u202f345 BRL",
        ),
    ],
)
def test_the_message_of_an_incident_has_six_lines(language: words.Language, cause: str, impact: str) -> None:
    message = incident_message(
        told(), language, state=words.say(language, "reported"), found=found_lines(report(), language)
    )
    lines = lines_of(message)
    assert len(lines) == 6
    assert lines[0] == "checkout errors · production · critical"
    assert lines[1:3] == [cause, impact]
    assert lines[4].endswith(": plain")
    assert "2031-05-06 12:00 UTC" in lines[5]


def test_a_triage_without_a_cause_says_so_and_what_was_not_measured() -> None:
    found = report(verdict="inconclusive").model_copy(update={"ranking": (), "evidence": ()})
    lines = lines_of(incident_message(told(), "en", state="x", found=found_lines(found, "en")))
    assert lines[1] == "Inconclusive: no cause stands out in the evidence"
    assert lines[2] == "Impact: not measured: no payment outcomes were read"
    assert lines[3] == "Next step: none is known"
    assert lines_of(incident_message(told(), "en", state="looking"))[1].startswith("State: looking")


def test_every_sentence_has_the_same_parts_in_every_language() -> None:
    for name, (english, *others) in words.SENTENCES.items():
        parts = {part for _, part, _, _ in string.Formatter().parse(english) if part is not None}
        for other in others:
            assert other.strip()
            assert {part for _, part, _, _ in string.Formatter().parse(other) if part is not None} == parts, name
        assert len(others) == len(words.LANGUAGES) - 1


def test_the_whole_report_is_a_file() -> None:
    *_, file = report_message(report("<!channel> <b>x</b>"), "pt").files
    assert file.name == "triage-run-1.html"
    assert "<b>x</b>" not in file.content
