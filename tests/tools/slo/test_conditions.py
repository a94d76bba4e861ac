"""Error budgets as a condition: of promoting a version, and of a rollout that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.tests.tools.models.test_checks import results, seen
from opswarden.tools.rollouts.backends.series_file import Numbers
from opswarden.tools.rollouts.tools import RolloutPlace, rollout_tools
from opswarden.tools.rollouts.types import MetricRule, RolloutRule
from opswarden.tools.slo.conditions import Budgets, Held, budgets_hold
from opswarden.tools.slo.types import SloBurn, SloState
from opswarden.tools.spec import ToolContext

END = datetime(2031, 1, 1, tzinfo=UTC)
FILE = "version: 1\nmodel: fraud\nchecks:\n  - {name: budget, kind: slo, least_left: 0.25}\n"


def burn(state: SloState, spent: float | None) -> SloBurn:
    return SloBurn(
        entity="fraud-scorer", name="availability", objective=0.999, window_s=2_592_000, state=state, budget_spent=spent
    )


TABLE: list[tuple[list[SloBurn], str]] = [
    ([burn("within", 0.3), burn("within", 0.7)], "pass"),
    ([burn("within", 0.3), burn("within", 0.8)], "fail"),
    ([burn("ticket", 0.3)], "pass"),
    ([burn("page", 0.1)], "fail"),
    ([burn("within", 0.1), burn("no_data", None)], "inconclusive"),
    ([burn("error", None), burn("within", 1.4)], "fail"),
    ([], "inconclusive"),
]


@pytest.mark.parametrize(("burns", "expected"), TABLE)
def test_a_budget_holds_only_if_all_of_it_can_be_read(burns: list[SloBurn], expected: str) -> None:
    found: Held = budgets_hold(burns, 0.25)
    assert found[0] == expected

    def budgets(entities: Sequence[str], _at: datetime, _deadline: Deadline) -> Sequence[SloBurn]:
        assert entities == ("fraud-scorer",)
        return burns

    asked = seen(FILE, budgets=budgets, entity="fraud-scorer")
    assert results(asked) == {"budget": expected}
    assert results(seen(FILE)) == {"budget": "inconclusive"}


def down(_entities: Sequence[str], _at: datetime, _deadline: Deadline) -> Sequence[SloBurn]:
    raise BackendError("the metrics did not answer")


@pytest.mark.parametrize(
    ("budgets", "expected"),
    [
        (lambda *_: [burn("within", 0.9)], "pass"),
        (lambda *_: [burn("page", 0.2)], "inconclusive"),
        (lambda *_: [burn("no_data", None)], "inconclusive"),
        (lambda *_: [], "inconclusive"),
        (down, "inconclusive"),
        (None, "inconclusive"),
    ],
)
def test_a_rollout_does_not_pass_while_a_budget_burns(
    budgets: Budgets | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = RolloutRule(metrics=(MetricRule(name="declines", kind="rate", margin=0.01),), slo_entities=("scorer",))
    monkeypatch.setattr("opswarden.tools.rollouts.tools.judge", lambda *_: _passed())

    class Numbered:
        environment = "production"

        def numbers(self, *_: Any) -> Numbers:
            return Numbers((None, None), {})  # type: ignore[arg-type]  # the judge is not asked

    place = RolloutPlace("production", lambda _: rule, Numbered(), budgets=budgets)
    tool = rollout_tools(place)[0]
    args = tool.args(model="fraud", start=END - timedelta(hours=1), end=END)
    clock = SystemClock()
    context = ToolContext("run", "team", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # not read
    summary = tool.run(args, context).summary
    assert summary.result == expected
    assert len(summary.reasons) == (1 if expected == "pass" else 2)


def _passed() -> Any:
    from opswarden.tools.rollouts.types import Judged

    return Judged(
        result="pass",
        reasons=("no metric is worse by its margin",),
        looks=20,
        requests_champion=1,
        requests_canary=1,
        looks_needed=None,
        requests_needed=None,
        metrics=(),
    )
