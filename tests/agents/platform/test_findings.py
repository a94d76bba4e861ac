"""What results of checks come to: named faults, and what was not seen is no health."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.agents.platform.findings import seen_in
from opswarden.agents.platform.types import CheckKind, PlatformCheck

BURN = {"slos": 3, "paging": 0, "ticketing": 0, "within": 3, "without_data": 0, "unreadable": 0, "objectives": ()}
PAGING = {
    "entity": "scorer", "name": "availability", "objective": 0.999, "window_s": 2_592_000, "state": "page",
    "rates": ({"window_s": 3_600, "rate": 20.5, "covered": 1.0},), "budget_spent": 0.4, "left_s": 7_200.0,
}  # fmt: skip
MOVE = {
    "move": 4, "kind": "promote", "state": "done", "version_before": 6, "version_after": 7, "source_version": 3,
    "begun": "2031-05-06T12:00:00Z", "run_id": "run-1", "reason": "better", "digest": "d",
}  # fmt: skip
HISTORY = {"model": "fraud", "alias": "champion", "version": 7, "is_elsewhere": False, "approved": (7,), "staged": (),
           "moves": (MOVE,)}  # fmt: skip


def seen(kind: CheckKind, summary: dict[str, Any]) -> Any:
    return seen_in(
        PlatformCheck(name=f"{kind} it", kind=kind, subject="it", tool="a.b", args={}, place="files"), summary
    )


def test_a_budget_that_burns_is_named_with_its_rate_and_what_is_left() -> None:
    assert seen("slo", BURN).faults == ()
    found = seen("slo", {**BURN, "paging": 1, "ticketing": 1, "within": 1, "objectives": (PAGING,)})
    assert [(each.fault, each.share) for each in found.faults] == [("budget_burns_fast", 1.0), ("more", None)]
    first = found.faults[0]
    assert (first.cause, first.reach) == (
        "burn rate 20.5 over 1 h", "availability of scorer; 40% of the budget is spent; the rest lasts 2 h",
    )  # fmt: skip
    assert seen("slo", {**BURN, "without_data": 1, "unreadable": 1}).unknown.startswith("2 of 3 objectives")


def test_an_alias_that_somebody_moved_is_told_with_where_it_was() -> None:
    assert seen("registry", HISTORY).faults == ()
    (fault,) = seen("registry", {**HISTORY, "version": 9, "is_elsewhere": True}).faults
    assert (fault.fault, fault.share) == ("alias_moved_outside", 1.0)
    assert fault.cause.startswith("champion is at version 9, and our last move was to version 7")
    (fault,) = seen("registry", {**HISTORY, "version": None, "is_elsewhere": True, "moves": ()}).faults
    assert "champion is at no version, and we never moved it" in fault.cause


@pytest.mark.parametrize("kind", ["quality", "drift", "slo", "freshness", "parity", "registry"])
def test_a_result_that_lost_its_form_is_no_result(kind: CheckKind) -> None:
    with pytest.raises(ValidationError):
        seen(kind, {"found": "[REDACTED]"})


def test_a_comparison_that_saw_nothing_of_the_performance_is_no_health() -> None:
    drift = {
        "reference_rows": 9, "rows": 9, "falls": False, "before": None, "realised": None, "expected": None,
        "expectation_holds": False, "labelled": 0.0, "mean_score_before": None, "mean_score_after": None,
        "score_psi": None, "domain": 0.5, "alarms": 0, "moved": 0, "features": (), "segments": (),
    }  # fmt: skip
    assert seen("drift", drift).unknown
    assert [each.fault for each in seen("drift", {**drift, "alarms": 2}).faults] == ["more"]
