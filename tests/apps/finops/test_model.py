"""What a model may add to a week: words that code has checked, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.openai_server import Fail, OpenAIServer, Step, Text

from .conftest import Analysed


def say(**found: Any) -> Text:
    return Text(json.dumps({"sentences": [], "groups": [], "owners": [], "unknown": [], **found}))


def sentence(text: str, *evidence: str) -> dict[str, Any]:
    return {"text": text, "evidence": list(evidence)}


def evidence_of(report: Any, tool: str) -> str:
    return str(next(each["id"] for each in report["evidence"] if each["tool"] == tool))


def test_every_word_of_a_model_is_checked(first_week: Analysed, cli: Cli, house: OpenAIServer, home: Path) -> None:
    before = first_week.report
    plan = evidence_of(before, "recommendations.plan")
    by_team = {each["team"]: each for each in before["plan"]["offered"]}
    mine, theirs = by_team["payouts"], by_team["risk"]
    saves = mine["saving"]["effective"]["expected"]
    house.script(
        say(
            sentences=[
                sentence(f"{mine['subject']} saves {saves:,.0f} USD a month.", plan),
                sentence(f"{mine['subject']} saves 987,654 USD a month.", plan),
                sentence("The bill is what it is.", "E99"),
            ],
            groups=[
                {"title": "Old endpoints", "text": "", "recommendations": [mine["id"], "0" * 12], "evidence": [plan]}
            ],
            owners=[
                {"team": "payouts", "text": "Stop it first.", "recommendations": [mine["id"]], "evidence": [plan]},
                {"team": "payouts", "text": "And theirs.", "recommendations": [theirs["id"]], "evidence": [plan]},
            ],
        )
    )
    said = cli("finops", "report", first_week.fleet, "--out", "r.json")
    assert said.code == 0, said.err
    report = json.loads((home / "r.json").read_text())
    assert report["recorded"] is None
    assert "the book is empty" in cli("finops", "recommendations", "list").err
    assert house.refusals == []
    model = [
        (claim["text"][:40], claim["status"], claim["problem"])
        for claim in report["claims"]
        if claim["author"] == "model"
    ]
    assert [row[1] for row in model] == ["supported", "unsupported", "unsupported"], model
    assert model[1][2] == "a number is not in the cited evidence"
    notes = [(note["kind"], note["claim"]["status"], note["claim"]["problem"]) for note in report["notes"]]
    assert notes == [
        ("group", "unsupported", "names a recommendation that does not exist"),
        ("owner", "supported", ""),
        ("owner", "unsupported", "names a recommendation of another team"),
    ]
    # Nothing that a model says moves a number.
    assert report["plan"]["saving"] == before["plan"]["saving"]


@pytest.mark.parametrize(
    "steps",
    [
        (Text("no"), Text("I would rather not.")),
        pytest.param((Fail(401),), marks=pytest.mark.soak),
    ],
    ids=["words", "refused"],
)
def test_without_a_usable_answer_the_computed_one_stands(
    first_week: Analysed, cli: Cli, house: OpenAIServer, steps: tuple[Step, ...]
) -> None:
    house.script(*steps)
    answer = cli("finops", "ask", first_week.fleet, "why?", "--format", "json").json
    assert any("could not be used" in gap or "took no part" in gap for gap in answer["gaps"])
    assert answer["claims"] == []
    assert answer["known"]


def test_a_question_in_words_is_checked_too(first_week: Analysed, cli: Cli, house: OpenAIServer) -> None:
    house.script(
        Text(
            json.dumps(
                {
                    "sentences": [sentence("Nothing of it is in E1.", "E1"), sentence("It rose by 31.4159 %.", "E1")],
                    "unknown": ["who asked for it"],
                }
            )
        )
    )
    answer = cli("finops", "ask", first_week.fleet, "why?", "--format", "json").json
    assert [claim["status"] for claim in answer["claims"]] == ["supported", "unsupported"]
    assert answer["unknown"] == ["who asked for it"]
    assert answer["known"]
