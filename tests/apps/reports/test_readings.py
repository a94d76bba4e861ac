from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opswarden.agents.triage.types import Evidence, TriageReport
from opswarden.apps.reports.digest import digest
from opswarden.apps.reports.levels import before_after_text
from opswarden.apps.reports.outline import outline
from opswarden.apps.reports.readings import (
    changes_missing,
    found_runbooks,
    kept_places,
    metric_readings,
    recent_changes,
)
from opswarden.apps.reports.sparks import sparkline
from opswarden.policies.summaries import fit

Make = Callable[..., TriageReport]


def query(points: object, *, step_s: float = 60.0, status: Any = "ok", **scope: Any) -> Evidence:
    where = {"start": "2026-11-19T12:00:00Z", "end": "2026-11-19T13:00:00Z", "filters": {"entity": "a", "metric": "m"}}
    summary = {"series_matched": 1, "series": [{"labels": {}, "unit": "s", "step_s": step_s, "points": points}]}
    return Evidence(id="E1", tool="metrics.query", scope=where | scope, status=status, summary=summary)


def test_the_places_of_a_cut_list_are_those_the_gate_keeps() -> None:
    """Draws the conclusion from the real cut, so that a chart never shifts values in time."""
    whole = [float(f"{1 + index / 1000:.3f}") for index in range(72)]
    for limit in (20, 31, 60, 90, 140, 400):
        kept = fit({"series": [{"points": whole}]}, limit).value["series"][0]["points"]  # type: ignore[index,call-overload]
        head, tail = kept_places(len(kept), len(whole))
        assert kept == whole[:head] + whole[len(whole) - tail :]
        line = metric_readings([query(kept, step_s=50.0)])[0].lines[0]
        assert len(line.points) == 72
        assert [point for point in line.points if point is not None] == kept
        assert line.points[:head] == tuple(whole[:head])
        assert line.points_cut == 72 - len(kept)
        assert tail == 0 or line.points[-tail:] == tuple(whole[-tail:])


def test_a_point_stands_in_the_middle_of_its_step() -> None:
    reading = metric_readings([query([1.0] * 60)])[0]
    assert reading.place(0).isoformat() == "2026-11-19T12:00:30+00:00"
    assert reading.place(59).isoformat() == "2026-11-19T12:59:30+00:00"


@pytest.mark.parametrize(
    "evidence",
    [
        query([None, None]),
        query("1 2 3"),
        query(["1", True, [2], {"a": 1}, 10**400, float("nan"), float("inf")]),
        query([1.0], status="error"),
        query([1.0], status="denied"),
        query([1.0], start="never"),
        query([1.0], start="2026-11-19T14:00:00Z"),
        Evidence(id="E1", tool="metrics.query", scope={}, status="ok", summary="cut to a text"),
        Evidence(id="E1", tool="metrics.other", scope=query([1.0]).scope, status="ok", summary=query([1.0]).summary),
    ],
)
def test_what_cannot_be_drawn_is_not(evidence: Evidence) -> None:
    assert metric_readings([evidence]) == ()


def test_an_absurd_step_costs_nothing() -> None:
    assert len(metric_readings([query([1.0, 2.0], step_s=1e-9)])[0].lines[0].points) == 2
    assert len(metric_readings([query([1.0] * 9_000)])[0].lines[0].points) == 2_000


def test_changes_are_in_time_order_and_counted(make_report: Make) -> None:
    report = make_report()
    changes = recent_changes(report.evidence)
    assert [change.id for change in changes] == ["run-03", "card-risk-v42", "cfg-8849"]
    assert changes_missing(report.evidence) == 2
    again = (*report.evidence, report.evidence[1].model_copy(update={"id": "E7"}))
    assert recent_changes(again) == changes


def test_a_change_without_a_readable_time_is_left_out() -> None:
    rows = [{"ts": "soon", "entity": "a", "id": "x"}, {"entity": "a"}, "text", None]
    item = Evidence(id="E1", tool="changes.recent", scope={}, status="ok", summary={"changes": 4, "newest": rows})
    assert recent_changes([item]) == ()


def test_runbooks(make_report: Make) -> None:
    (runbook,) = found_runbooks(make_report().evidence)
    assert (runbook.title, runbook.section, runbook.evidence_id) == ("Fraud scorer is slow", "After a promotion", "E5")


def test_levels_compare_before_with_during(make_report: Make) -> None:
    page = outline(make_report())
    assert before_after_text(page.readings[1], page.windows) == "Median 1 before, 0.4 during the incident"
    assert before_after_text(page.readings[1], None) == "From 0.4 to 1.02"
    assert before_after_text(page.readings[0], page.windows).endswith("871 ms during the incident (quantile=0.95)")


def test_a_digest_counts_and_leaves_times_out() -> None:
    summary = {"start": "2026-11-19T12:00:00Z", "lines": 45_312, "share": 0.12345, "hits": [1, 2], "source": "declared"}
    assert digest(summary) == "lines: 45,312 · share: 0.123 · hits: 2 · source: declared"
    assert digest(None) == "–"


@pytest.mark.parametrize("width", [20, 33, 59, 200])
def test_a_sparkline_never_mixes_the_incident_into_the_time_before(make_report: Make, width: int) -> None:
    page = outline(make_report())
    drawn = sparkline(page.readings[1], page.readings[1].lines[0], page.windows, width)
    quiet, edge, incident = drawn.partition("│")
    assert len(drawn) <= width
    assert edge
    assert set(quiet) <= {"█", "·"}
    assert set(incident[1:]) == {"▁"}
