"""What goes to a model and what is taken from its answers, without any model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opswarden.agents.triage.phases import parse_object
from opswarden.agents.triage.reason import offered_tools, planned, within
from opswarden.agents.triage.types import Diagnosis, DiagnosisHypothesis
from opswarden.core.tokens import estimate_tokens
from opswarden.tools.spec import ToolCard

GOOD = {
    "verdict": "inconclusive",
    "hypotheses": [{"entity": "scorer"}],
    "claims": [{"text": "t", "evidence": ["E1"]}],
}


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            json.dumps(GOOD),
            f"Here it is:\n```json\n{json.dumps(GOOD, indent=2)}\n```\nGood luck!",
            f"\ufeff {json.dumps(GOOD)}",
        ],
        ids=["alone", "in a fence", "after a byte-order mark"],
    )
    def test_one_object_is_found(self, text: str) -> None:
        diagnosis, problem = parse_object(text, Diagnosis)
        assert problem == ""
        assert isinstance(diagnosis, Diagnosis)
        assert diagnosis.hypotheses == (DiagnosisHypothesis(entity="scorer"),)

    WRONG = (
        ("", "no JSON object"),
        ("all is well", "no JSON object"),
        ("}{", "no JSON object"),
        ("{", "no JSON object"),
        ("{}", "verdict"),
        ('{"verdict": "fine"}', "verdict"),
        ('{"verdict": "healthy", "act": "rollback"}', "act"),
        ('{"verdict": "healthy", "claims": "none"}', "claims"),
        ('{"verdict": "healthy", "claims": [{"text": "' + "x" * 601 + '"}]}', "claims.0.text"),
        ('{"verdict": "healthy"} {"verdict": "healthy"}', "trailing"),
        ("{" * 10_000 + "}" * 10_000, ""),
    )

    @pytest.mark.parametrize(("text", "hint"), WRONG)
    def test_what_is_wrong_is_named(self, text: str, hint: str) -> None:
        diagnosis, problem = parse_object(text, Diagnosis)
        assert diagnosis is None
        assert problem
        assert hint in problem


def test_a_write_is_offered_as_one_that_needs_leave_and_the_plans_own_tools_are_not() -> None:
    def card(name: str, effect: Any) -> ToolCard:
        return ToolCard(name, effect, "Do it.", {"type": "object"}, "prod")

    offered = offered_tools(
        [card("logs.search", "read"), card("levers.pull", "write"), card("attribution.rank", "read")]
    )
    assert [(tool["function"]["name"], tool["function"]["description"]) for tool in offered] == [
        ("logs__search", "Do it."),
        ("levers__pull", "Do it. (needs leave)"),
    ]


@pytest.mark.parametrize(("phase", "prefix"), [(None, "model"), ("second", "second"), ("ask.2", "ask.2")])
def test_requests_get_ids_that_are_the_same_after_a_restart(phase: str | None, prefix: str) -> None:
    state: Any = {
        "turn": 2,
        "requests": [{"id": "x", "name": "a.b", "args": {"c": 1}}, {"id": "y", "name": "a.b", "args": "no"}],
    }
    if phase:
        state["phase"] = phase
    assert [(call.call_id, call.tool, dict(call.args)) for call in planned(state)] == [
        (f"{prefix}.2.1", "a.b", {"c": 1}),
        (f"{prefix}.2.2", "a.b", {}),
    ]


def test_a_long_conversation_gives_up_the_oldest_answers_of_tools_and_nothing_else() -> None:
    opening = [{"role": "system", "content": "rules " * 50}, {"role": "user", "content": "evidence " * 50}]
    answers = [{"role": "tool", "content": f"E{n} logs.search status=ok\n" + "line " * 400} for n in range(1, 6)]
    kept = within([*opening, *answers], 1_500)
    assert kept[:2] == opening
    assert kept[-1] == answers[-1]
    assert kept[2]["content"].startswith("E1 logs.search status=ok: left out here")
    assert sum(estimate_tokens(str(message["content"])) for message in kept) <= 1_500
    assert within([*opening, *answers], 100_000) == [*opening, *answers]
