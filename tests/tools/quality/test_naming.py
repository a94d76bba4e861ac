"""A mistake in a table is one finding, by its name; a good day is none; and rules are code that people change."""

from __future__ import annotations

import pyarrow as pa
import pytest

from opswarden.core.errors import InputError
from opswarden.evals.suites.quality import run_quality
from opswarden.evals.suites.quality_days import FAULTS, QualityTable
from opswarden.tools.quality.book import read_book, read_past, write_past
from opswarden.tools.quality.checking import breaches
from opswarden.tools.quality.naming import findings
from opswarden.tools.quality.profile import PartitionProfile, Roles, profile
from opswarden.tools.quality.rules import TableRules, propose


def test_every_mistake_is_named_and_good_days_are_left_alone() -> None:
    result = run_quality(1, seed=7)
    assert result.errors == 0
    assert {case.group for case in result.cases} == {"good", *(fault for fault, _, _ in FAULTS)}
    assert result.metrics["false_alarm"].value == 0.0
    missed = [(case.id, case.details["found"]) for case in result.cases if case.metrics.get("named") == 0.0]
    assert len(missed) <= 1, missed
    assert result.metrics["noticed"].value == 1.0
    assert result.baseline["schema_and_ranges"]["noticed"].value < 0.9


@pytest.fixture(scope="module")
def learned() -> tuple[QualityTable, Roles, list[PartitionProfile], TableRules]:
    source = QualityTable(3)
    past = [profile(f"d{number:02d}", source.day(), source.roles) for number in range(14)]
    return source, source.roles, past, propose("features", past)


def test_the_past_keeps_its_own_rules(learned: tuple[QualityTable, Roles, list[PartitionProfile], TableRules]) -> None:
    _, _, past, rules = learned
    assert [breaches(rules, day) for day in past] == [()] * len(past)


def test_how_far_a_mistake_reaches_and_what_it_was_are_said(
    learned: tuple[QualityTable, Roles, list[PartitionProfile], TableRules],
) -> None:
    source, roles, past, rules = learned
    table = source.day()
    cents = table.set_column(table.column_names.index("amount"), "amount", pa.array(table["amount"].to_numpy() * 100))
    (found,) = findings(rules, past, profile("x", cents, roles))
    assert (found.fault, found.columns, found.reach) == ("unit_changed", ("amount",), 1.0)
    assert found.value == pytest.approx(100, rel=0.1)
    assert "cents" in found.text


@pytest.mark.parametrize(
    "table",
    [
        pa.table({}),
        pa.table({"payment": pa.array([], pa.string())}),
        pa.table({"payment": pa.array([None, None], pa.string()), "amount": pa.array([None, None], pa.float64())}),
        pa.table({"amount": [float("inf")], "event_time": ["not a time"], "x\x1b[31m": [[1, 2]]}),
    ],
)
def test_whatever_comes_is_judged_and_breaks_nothing(
    learned: tuple[QualityTable, Roles, list[PartitionProfile], TableRules], table: pa.Table
) -> None:
    _, roles, past, rules = learned
    assert findings(rules, past, profile("x", table, roles))


def test_a_week_is_needed_to_learn_from() -> None:
    source = QualityTable(0)
    with pytest.raises(ValueError, match="7 days"):
        propose("t", [profile("d", source.day(), source.roles)])


def test_profiles_come_back_as_they_were_kept(
    learned: tuple[QualityTable, Roles, list[PartitionProfile], TableRules],
) -> None:
    _, _, past, rules = learned
    again = read_past(write_past(past))
    assert [day.rows for day in again] == [day.rows for day in past]
    assert [breaches(rules, day) for day in again] == [()] * len(past)
    for damaged in ("", "[]", "[{}]", "{", '[{"name": 1}]'):
        with pytest.raises(InputError):
            read_past(damaged)
    for damaged in ("", "- 1", "rules: &a {x: *a}", "roles: {}\nrules: {columns: 3}"):
        with pytest.raises(InputError, match="no quality file"):
            read_book(damaged)
