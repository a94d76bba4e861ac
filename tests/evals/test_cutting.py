"""Snapshots that end earlier: nothing after the cut is in the folder, and quiet times become cases of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.cases import Case, Truth
from opswarden.evals.cutting import at_alert, cut, front_matter, moved_cases, moved_from, quiet_case, quiet_cases
from opswarden.evals.scoring.rca import RcaAnswer, score
from opswarden.tools.snapshots.manifest import AlertRef, Manifest, Window
from opswarden.tools.snapshots.schema import TABLES, TIME_COLUMN
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.snapshots.writer import SnapshotWriter

START = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ALERT = START + timedelta(minutes=4)
POSTMORTEM = "---\ncause: oven\n---\nThe oven did it."
PAGE = "---\ntitle: ovens\n---\nTurn it off."


def write(folder: Path, *, alert_ts: datetime | None = ALERT) -> SnapshotStore:
    """One row a minute in every table with times, from an hour before `START` to half an hour after it."""
    manifest = Manifest(
        title="the oven was too hot",
        environment="test",
        window=Window(start=START, end=START + timedelta(minutes=30)),
        alert=AlertRef(name="late bread", entity="door", ts=alert_ts),
        source="postmortem 7",
        licence="none",
    )
    times = [START + timedelta(minutes=minute) for minute in range(-60, 30)]
    with SnapshotWriter(folder, manifest) as writer:
        for table, column in TIME_COLUMN.items():
            rows: dict[str, Any] = {column: times}
            if "entity" in TABLES[table].names:
                rows["entity"] = ["oven"] * len(times)
            if table == "metrics":
                rows |= {"metric": ["heat"] * len(times), "kind": ["gauge"] * len(times), "value": [1.0] * len(times)}
            if table == "spans":
                rows["duration_us"] = [90_000_000] * len(times)
            writer.write(table, rows)
        writer.write("topology", {"caller": ["door"], "callee": ["oven"], "kind": ["calls"]})
        writer.write_runbook("postmortem.md", POSTMORTEM)
        writer.write_runbook("page.md", PAGE)
    return SnapshotStore(folder)


@pytest.mark.parametrize("minutes", [0, 5, 15])
def test_nothing_after_the_cut_is_there(tmp_path: Path, minutes: int) -> None:
    store = write(tmp_path / "whole")
    found = at_alert(store, minutes)
    assert found is not None
    manifest, until = found
    assert until == ALERT + timedelta(minutes=minutes)
    cut(store, tmp_path / "cut", manifest, until)
    seen = SnapshotStore(tmp_path / "cut")
    for table in TIME_COLUMN:
        last = seen.span(table).last
        assert last is not None, table
        assert last <= until, table
        if table == "spans":
            assert last + timedelta(seconds=90) <= until, "a span that ended later was not there yet"
        else:
            assert last == until
        assert seen.span(table).first == START - timedelta(minutes=60)
    assert seen.span("topology").rows == 1
    assert [name for name, _ in seen.runbooks()] == ["page.md"]
    assert seen.manifest.title == "Incident under investigation: alert on door"
    assert "postmortem" not in seen.manifest.source
    assert seen.manifest.window.end <= until + timedelta(microseconds=1)


def test_a_cut_before_the_window_shows_nothing_of_it(tmp_path: Path) -> None:
    assert at_alert(write(tmp_path / "whole", alert_ts=START), 0) is None
    with pytest.raises(InputError, match="does not say when its alert fired"):
        at_alert(write(tmp_path / "other", alert_ts=None), 5)


def test_a_quiet_time_after_the_cut_is_no_quiet_time(tmp_path: Path) -> None:
    store = write(tmp_path / "whole")
    later = Window(start=START + timedelta(hours=1), end=START + timedelta(hours=2))
    store.manifest = store.manifest.model_copy(update={"baseline": later})
    found = at_alert(store, 5)
    assert found is not None
    assert found[0].baseline is None


def test_nothing_recorded_is_said(tmp_path: Path) -> None:
    store = write(tmp_path / "whole")
    with pytest.raises(InputError, match="nothing was recorded before the cut"):
        cut(store, tmp_path / "cut", store.manifest, START - timedelta(days=1))
    assert not (tmp_path / "cut").exists()


def test_a_table_that_was_not_there_stays_away(tmp_path: Path) -> None:
    write(tmp_path / "whole").close()
    (tmp_path / "whole" / "logs.parquet").unlink()
    store = SnapshotStore(tmp_path / "whole")
    found = at_alert(store, 5)
    assert found is not None
    cut(store, tmp_path / "cut", *found)
    assert SnapshotStore(tmp_path / "cut").missing == ("logs",)


@pytest.fixture
def incident(write_case: Callable[..., Case], series: Any, blame: Callable[..., Truth]) -> Callable[..., Case]:
    def make(folder: Path, before: int, after: int) -> Case:
        rows = [series("oven", "heat", [1.0] * before, [9.0] * after)]
        case = write_case(
            folder, blame("oven"), rows, alert_entity="door", changes=[(-2, "oven", "c"), (1, "oven", "d")]
        )
        assert isinstance(case, Case)
        return case

    return make


def test_the_quiet_time_before_an_incident_is_a_healthy_case(incident: Callable[..., Case], tmp_path: Path) -> None:
    case = incident(tmp_path / "case-0001", 60, 10)
    made = quiet_case(case, tmp_path / "quiet-0001")
    assert made is not None
    assert (made.id, made.set_name) == ("case-0001@quiet", "bakery (quiet time)")
    whole, quiet = SnapshotStore(case.snapshot), SnapshotStore(made.snapshot)
    window, baseline = quiet.manifest.window, quiet.manifest.baseline
    assert window.length == whole.manifest.window.length
    assert baseline is not None
    assert baseline.end == window.start
    assert baseline.length >= 2 * window.length
    assert window.end <= whole.manifest.window.start
    last = quiet.span("metrics").last
    assert last is not None
    assert last < window.end
    assert quiet.manifest.alert is not None
    assert quiet.manifest.alert.ts is not None
    assert window.start <= quiet.manifest.alert.ts <= window.end
    assert quiet.query("SELECT max(value) AS most FROM metrics")["most"].to_pylist() == [1.0]


def test_a_short_baseline_gives_no_quiet_case(incident: Callable[..., Case], tmp_path: Path) -> None:
    cases = (incident(tmp_path / "case-0001", 29, 10), incident(tmp_path / "case-0002", 30, 10))
    gone = Case(id="gone", folder=tmp_path / "gone")
    made, without = quiet_cases((*cases, gone), tmp_path / "quiet")
    assert ([case.id for case in made], without) == (["case-0002@quiet"], 1)


def test_only_a_found_cause_is_a_false_alarm() -> None:
    truth = Truth(verdict="healthy", fault="quiet time")
    assert score(truth, RcaAnswer(("oven",), verdict="cause_found")) == {"false_alarm": 1.0}
    assert score(truth, RcaAnswer(("oven",), verdict="inconclusive")) == {"false_alarm": 0.0}
    assert score(truth, RcaAnswer(("oven",))) == {}
    assert score(Truth(verdict="healthy"), RcaAnswer((), verdict="healthy")) == {"verdict_right": 1.0}


PAGES = [
    (POSTMORTEM, {"cause": "oven"}),
    ("no front matter", {}),
    ("---\nnever closed", {}),
    ("---\n- a list\n---", {}),
    ("---\na: [\n---", {}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "found"), PAGES)
def test_front_matter(text: str, found: dict[str, object]) -> None:
    assert front_matter(text) == found


def test_an_incident_is_made_again_with_its_start_told_two_minutes_off(
    incident: Callable[..., Case], tmp_path: Path
) -> None:
    case = incident(tmp_path / "case-0001", 30, 10)
    gone = Case(id="gone", folder=tmp_path / "gone")
    made = moved_cases((case, gone), tmp_path / "moved")
    assert [(one.id, moved_from(one)) for one in made] == [
        ("case-0001@start-2m", "case-0001"), ("case-0001@start+2m", "case-0001"),
    ]  # fmt: skip
    assert moved_from(case) is None
    whole = SnapshotStore(case.snapshot)
    for one, minutes in zip(made, (-2, 2), strict=True):
        store = SnapshotStore(one.snapshot)
        window, baseline = store.manifest.window, store.manifest.baseline
        assert window.start == whole.manifest.window.start + timedelta(minutes=minutes)
        assert window.end == whole.manifest.window.end
        assert baseline is not None
        assert baseline.end == window.start
        assert store.span("metrics") == whole.span("metrics")
        assert one.truth() == case.truth()


def test_a_window_of_two_minutes_cannot_be_told_later(incident: Callable[..., Case], tmp_path: Path) -> None:
    made = moved_cases((incident(tmp_path / "case-0001", 30, 2),), tmp_path / "moved")
    assert [one.id for one in made] == ["case-0001@start-2m"]
