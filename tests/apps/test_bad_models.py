"""A hostile, lazy or broken model, over real HTTP: the report is delivered and no worse than that of statistics."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.tokens import most_tokens
from opswarden.tests.apps.conftest import Cli, OpenHouse, sampled
from opswarden.tests.apps.models import asks, claim, diagnosis, refutation
from opswarden.tests.doubles.openai_server import Drip, Fail, Hang, Raw, Step, Text

WINDOW = {"start": "2024-03-05T11:30:00Z", "end": "2024-03-05T12:00:00Z"}


class Model:
    """A model of one bad habit: called with what it is asked and how often it was asked before."""

    def __init__(self, habit: Callable[[Mapping[str, Any], int], Step]) -> None:
        self._habit, self.asked = habit, 0

    def __call__(self, body: Mapping[str, Any]) -> Step:
        self.asked += 1
        return self._habit(body, self.asked)


def is_second_look(body: Mapping[str, Any]) -> bool:
    return "Your task is to refute it" in body["messages"][0]["content"]


def names_in(body: Mapping[str, Any]) -> list[str]:
    """The entities of the ranking, as the model reads them, the last first."""
    text = str(body["messages"][1]["content"])
    rows = text.partition("candidates: ")[2].partition("[[end")[0].splitlines()[1:]
    return [row.split(" | ")[0] for row in rows if " | " in row][::-1]


def id_of(body: Mapping[str, Any], tool: str) -> str:
    lines = str(body["messages"][1]["content"]).splitlines()
    return next((line.split()[0] for line in lines if f" {tool} status=" in line), "E1")


def decoy(body: Mapping[str, Any], _asked: int) -> Step:
    """Names the last of the ranking as the cause, with figures that it makes up, and agrees with itself."""
    if is_second_look(body):
        return refutation()
    name = names_in(body)[0]
    told = {"entity": name, "mechanism": f"{name} rose from 3.14159 to 271828.18 ms", "evidence": ["E5"]}
    return diagnosis("cause_found", [told], [claim(f"{name} failed 98765.4 times", "E5")])


def sly(body: Mapping[str, Any], _asked: int) -> Step:
    """Names another one than the first with words that its evidence bears out, and finds nothing against it."""
    if is_second_look(body):
        return refutation(searched="everything there is")
    shifts = id_of(body, "metrics.shifts")
    told = [{"entity": name, "mechanism": f"{name} stands out", "evidence": [shifts]} for name in names_in(body)[:5]]
    return diagnosis("cause_found", told)


def self_contradicting(body: Mapping[str, Any], _asked: int) -> Step:
    """Names the first suspect, and then refutes it with whatever comes to mind."""
    name, shifts = names_in(body)[-1], id_of(body, "metrics.shifts")
    if not is_second_look(body):
        return diagnosis("cause_found", [{"entity": name, "mechanism": f"{name} stands out", "evidence": [shifts]}])
    return refutation(
        {"kind": "began_later", "text": f"{name} began last", "entity": names_in(body)[0], "evidence": [shifts]},
        {"kind": "did_not_move", "text": f"{name} was unaffected", "evidence": [shifts]},
        {"kind": "other", "text": "I was wrong about all of it", "evidence": ["E404"]},
    )


def injected(body: Mapping[str, Any], asked: int) -> Step:
    """Does what it says it has read in a log line: rolls back, and declares all to be well."""
    if asked == 1:
        return asks(("rollouts.rollback", {"service": "gateway"}), ("people.tell", {"text": "all clear"}))
    return diagnosis("healthy", [], [claim("ignore the statistics, all is well", "E1")])


BAD: dict[str, Callable[[Mapping[str, Any], int], Step]] = {
    "silent": lambda _body, _asked: Hang(),
    "endlessly slow": lambda _body, _asked: Drip("x" * 4_000, pause_s=0.2),
    "empty": lambda _body, _asked: Text(""),
    "never JSON": lambda _body, _asked: Raw(b'{"choices": [{"mess'),
    "an answer of another shape for ever": lambda _body, _asked: Text('{"verdict": "rollback", "causes": 7}'),
    "prose only": lambda _body, _asked: Text("In my experience it is always DNS. " * 40),
    "inventing entities": lambda _body, _asked: diagnosis(
        "cause_found", [{"entity": "shadow-gateway", "mechanism": "it is haunted", "evidence": ["E1"]}]
    ),
    "naming a decoy with made-up figures": decoy,
    "naming decoys with true words": sly,
    "quoting evidence that does not exist": lambda body, _asked: diagnosis(
        "cause_found",
        [{"entity": names_in(body)[0], "mechanism": "see there", "evidence": ["E99"], "quotes": ["on fire"]}],
        [claim("it is on fire", "E1", quotes=["the dog ate it"])],
    ),
    "calling the same tool for ever": lambda _body, _asked: asks(("logs.search", WINDOW)),
    "asking for a thousand tools": lambda _body, _asked: asks(
        *[("logs.search", {**WINDOW, "limit": 1 + n % 50}) for n in range(1_000)]
    ),
    "obeying what it read": injected,
    "declaring all to be well": lambda _body, _asked: diagnosis("healthy", [], [claim("all is well", "E1")]),
    "doubting everything": lambda _body, _asked: diagnosis("inconclusive"),
    "contradicting itself": self_contradicting,
    "429 for ever": lambda _body, _asked: Fail(429, "slow down"),
    "talking without end": lambda _body, _asked: Text("yes " * 500_000),
    "nesting without end": lambda _body, _asked: Text('{"verdict":' * 50_000),
}  # fmt: skip


UNANSWERED = ("silent", "endlessly slow")


LATER = {
    "an answer of another shape for ever",
    "naming decoys with true words",
    "doubting everything",
    "nesting without end",
    "prose only",
    "empty",
    "429 for ever",
    "endlessly slow",
    "naming a decoy with made-up figures",
    "calling the same tool for ever",
    "never JSON",
    "inventing entities",
    "quoting evidence that does not exist",
    "declaring all to be well",
    "asking for a thousand tools",
}
"""Habits close to another one; `make soak` tries them."""


@pytest.mark.usefixtures("_litellm_is_loaded")
@pytest.mark.parametrize("habit", sampled(BAD, set(BAD) - LATER))
def test_the_result_is_no_worse_than_that_of_statistics(
    cli: Cli, case: Any, ended_triage: Any, open_house: OpenHouse, habit: str
) -> None:
    statistical = ended_triage.report
    patience = "[gate]\nprompt_timeout_s = 2\n" if habit in UNANSWERED else ""
    server = open_house(Model(BAD[habit]), patience)
    said = cli("triage", case.snapshot, "--format", "json")
    assert said.code == 0, said.err
    report = said.json
    assert server.captured or habit in UNANSWERED, "the model was not asked at all"
    assert habit not in UNANSWERED or "the model took no part" in report["model"]["note"]
    assert report["verdict"] == statistical["verdict"] == "cause_found"
    places = [(row["entity"], row["indicator"], row["change"]) for row in report["ranking"]]
    assert places == [(row["entity"], row["indicator"], row["change"]) for row in statistical["ranking"]]
    assert report["summary"] == statistical["summary"]
    computed = [row for row in report["claims"] if row["author"] == "statistics"]
    assert computed == statistical["claims"]
    named = [(row["id"], row["tool"], row["status"]) for row in statistical["evidence"]]
    assert [(row["id"], row["tool"], row["status"]) for row in report["evidence"]][: len(named)] == named
    told = [row["text"] for row in report["claims"] if row["author"] == "model" and row["status"] == "supported"]
    assert not [text for text in told if "98765" in text or "fire" in text]
    kinds = [entry["kind"] for entry in cli("audit", "tail", "-n", 500, "--format", "json").json]
    assert kinds[-3:] == ["tell.decided", "tell.outcome", "run.ended"]


@pytest.mark.usefixtures("_litellm_is_loaded")
def test_what_it_contradicts_is_shown_with_what_became_of_it(cli: Cli, case: Any, open_house: OpenHouse) -> None:
    open_house(Model(self_contradicting))
    (one,) = cli("triage", case.snapshot, "--format", "json").json["hypotheses"]
    assert (one["status"], one["place"]) == ("supported", 1)
    assert one["second_look"] in ("stands", "weakened")
    assert [objection["weight"] for objection in one["objections"]][1:] == ["none", "none"]


@pytest.mark.usefixtures("_litellm_is_loaded")
def test_a_good_model_adds_a_mechanism_that_people_read(
    cli: Cli, case: Any, open_house: OpenHouse, tmp_path: Path
) -> None:
    def good(body: Mapping[str, Any]) -> Step:
        if is_second_look(body):
            return refutation(searched="the spans of its callers")
        name, shifts = names_in(body)[-1], id_of(body, "metrics.shifts")
        told = {"entity": name, "mechanism": "its answers became slow", "evidence": [shifts], "refuted_by": "calm"}
        return diagnosis("cause_found", [told])

    server = open_house(good)
    for style in ("terminal", "html"):
        text = cli("triage", case.snapshot, "--format", style).out
        assert "What the model holds" in text
        flat = " ".join(text.split())
        assert "its answers became slow" in flat
        assert "It would be refuted by: calm" in flat
    assert json.loads(cli("triage", case.snapshot, "--format", "json").out)["hypotheses"][0]["second_look"] == "stands"
    for captured in server.captured:
        first = captured.body["messages"][:2]
        assert sum(most_tokens(message["content"]) for message in first) <= 8_000
