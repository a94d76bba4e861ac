"""A model that burns calls, turns in circles or asks without end: the triage delivers its best report and says why."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.apps.conftest import Cli, OpenHouse
from opswarden.tests.apps.models import asks, claim, diagnosis, endpoint_settings
from opswarden.tests.doubles.openai_server import OpenAIServer, Step

WINDOW = {"start": "2024-03-05T11:30:00Z", "end": "2024-03-05T12:00:00Z"}
Ask = Callable[[int], Step]
BEST = diagnosis("healthy", [], [claim("gateway is fine", "E1")])


def same(_turn: int) -> Step:
    return asks(("logs.search", WINDOW))


def two_by_turns(turn: int) -> Step:
    return asks(("logs.search", WINDOW | {"limit": 1 + turn % 2}))


def always_new(turn: int) -> Step:
    return asks(*(("logs.search", WINDOW | {"limit": 10 * turn + n}) for n in range(1, 7)))


def a_thousand(turn: int) -> Step:
    return asks(*(("logs.search", WINDOW | {"limit": 1 + n}) for n in range(1_000)))


def nonsense(turn: int) -> Step:
    return asks(*((f"nothing.here{turn}{n}", {}) for n in range(6)))


def driven(ask: Ask, *, is_stubborn: bool) -> Callable[[Mapping[str, Any]], Step]:
    """A model that asks as long as it may, and a stubborn one even then."""
    turns = itertools.count(1)

    def respond(body: Mapping[str, Any]) -> Step:
        return ask(next(turns)) if is_stubborn or "tools" in body else BEST

    return respond


def triage(cli: Cli, folder: Path) -> dict[str, Any]:
    said = cli("triage", folder, "--format", "json")
    assert said.code == 0, said.err
    assert "Traceback" not in said.err
    report: dict[str, Any] = said.json
    assert report["verdict"] == "healthy"
    assert [row["text"] for row in report["claims"] if row["author"] == "statistics"] != []
    return report


CASES: list[tuple[str, Ask, str, str, int]] = [
    # what, how it asks, limits, what ended it, requests to the model at most
    ("the same call forever", same, "repeats = 2", "(loop)", 4),
    ("two calls by turns", two_by_turns, "repeats = 1", "(loop)", 4),
    ("new calls forever", always_new, "calls = 18", "(budget.calls)", 4),
    ("calls that bring nothing", nonsense, "idle_calls = 4", "unknown-tool", 6),
    # Estimates of six reads at once go beyond the limit, what they bring does not: some are refused in each turn.
    ("a model that reads without end", always_new, "rows = 45_000", "budget.rows", 6),
]


STUBBORN = ("the same call forever", "new calls forever")
"""Of the cases in which the model never answers, those that `make test` tries."""
LATER = ("two calls by turns", "calls that bring nothing")
"""Close to another one; `make soak` tries them."""


@pytest.mark.parametrize(
    ("ask", "limits", "why", "most", "is_stubborn"),
    [
        pytest.param(
            *row[1:],
            is_stubborn,
            id=f"{row[0]}, {'it never answers' if is_stubborn else 'then it answers'}",
            marks=[pytest.mark.soak] if is_stubborn != (row[0] in STUBBORN) or row[0] in LATER else [],
        )
        for row in CASES
        for is_stubborn in (False, True)
    ],
)
def test_what_ended_the_search_stands_in_the_best_report(
    cli: Cli,
    calm: Path,
    open_house: OpenHouse,
    write_settings: Callable[[str], Path],
    ask: Ask,
    limits: str,
    why: str,
    most: int,
    is_stubborn: bool,
) -> None:
    server = open_house(driven(ask, is_stubborn=is_stubborn))
    write_settings(f"version = 1\n[gate.limits]\n{limits}\n" + endpoint_settings(server))
    report = triage(cli, calm)
    assert len(server.captured) <= most
    assert "tools" not in server.captured[-1].body
    codes = [action["decision"] for action in report["actions"]]
    assert why in " ".join([*report["gaps"], *codes])
    by_model = [row["text"] for row in report["claims"] if row["author"] == "model"]
    assert by_model == ([] if is_stubborn else ["gateway is fine"])
    assert bool(report["model"]["note"]) is is_stubborn


def test_a_thousand_calls_in_one_answer_are_not_sent_back_a_thousandfold(
    cli: Cli, calm: Path, house: OpenAIServer
) -> None:
    house.script(a_thousand(1), BEST)
    report = triage(cli, calm)
    assert [item["tool"] for item in report["evidence"]].count("logs.search") == 6
    assert "the model asked for 1000 calls in one answer; 6 were considered" in report["gaps"]
    repeated = [message for message in house.captured[1].body["messages"] if message["role"] == "tool"]
    assert len(repeated) == 24
    assert house.refusals == []


def test_a_repeated_call_is_pointed_to_its_evidence(cli: Cli, calm: Path, house: OpenAIServer) -> None:
    house.script(same(1), same(2), BEST)
    report = triage(cli, calm)
    first = next(item["id"] for item in report["evidence"] if item["tool"] == "logs.search")
    answer = house.captured[2].body["messages"][-1]["content"]
    assert answer.endswith(f"You have asked this before: see {first}.")
    assert "you have asked this before (record " in answer


def test_the_money_of_the_team_s_day_ends_the_model_s_part(
    cli: Cli, calm: Path, house: OpenAIServer, write_settings: Callable[[str], Path]
) -> None:
    write_settings('version = 1\n[[gate.budgets]]\nteam = "platform"\nmicrousd = 10\n' + endpoint_settings(house))
    report = triage(cli, calm)
    assert house.captured == []
    assert "(team-day.microusd)" in report["model"]["note"]
    assert report["model"]["note"] in report["gaps"]
