"""What the judgement of the changes does to the order of entities."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from opswarden.tools.attribution.changed import usual_step_s, with_changes
from opswarden.tools.attribution.ranking import Ranked
from opswarden.tools.attribution.suspects import Judgement, Suspect
from opswarden.tools.attribution.tools import Tables, rank_tables
from opswarden.tools.changes.backends.types import NOTICE_COLUMNS

from .tables import START, changes, graph, shift, shifts, us


def row(entity: str, weight: float) -> Ranked:
    return Ranked(entity, weight, None, None, ())


def suspect(id: str, entity: str, probability: float, *, named: bool = True) -> Suspect:
    verdict = "for" if named else "unclear"
    return Suspect(entity, id, "deploy", us(5), 60.0, verdict, probability, named, ("why",))


def test_where_a_change_did_it_its_entity_is_the_place_of_the_cause() -> None:
    rows = with_changes([row("oven", 8), row("till", 2)], Judgement((suspect("c1", "till", 0.9),), 0.1))
    assert [(one.entity, one.change and one.change.id) for one in rows] == [("till", "c1"), ("oven", None)]
    assert sum(one.weight for one in rows) == pytest.approx(10)


def test_where_none_may_be_named_the_order_stays() -> None:
    before = [row("oven", 8), row("till", 2)]
    assert with_changes(before, Judgement((suspect("c1", "till", 0.4, named=False),), 0.3)) == before
    assert with_changes(before, Judgement()) == before
    assert with_changes([], Judgement((suspect("c1", "till", 0.9),), 0.1)) == []


def test_no_change_is_named_above_the_likeliest() -> None:
    found = Judgement((suspect("best", "till", 0.5), suspect("second", "oven", 0.4)), 0.05)
    rows = with_changes([row("oven", 9), row("till", 1)], found)
    named = [one.change.id for one in rows if one.change is not None]
    assert named[0] == "best"


def test_a_changed_entity_that_nothing_else_speaks_of_is_added() -> None:
    rows = with_changes([row("oven", 1)], Judgement((suspect("c1", "flagship", 0.8),), 0.2))
    assert [one.entity for one in rows] == ["flagship", "oven"]


def notices(*rows: tuple[float, str, str, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"ts": START + timedelta(minutes=at), "entity": entity, "kind": kind, "reason": reason, "message": "m"}
            for at, entity, kind, reason in rows
        ],
        NOTICE_COLUMNS,
    )


FOUND = shifts(shift("oven", "error_rate", 30, before=0, after=0.4, onset_us=us(5)))


def said(*rows: tuple[float, str, str, str], **more: Any) -> str:
    tables = Tables(shifts=FOUND, changes=changes(("oven", "c1", -2)), notices=notices(*rows), **more)
    return rank_tables(tables, START, "oven", "error_rate")[2].outside


@pytest.mark.parametrize(
    ("notice", "counts"),
    [
        ((5, "grain supplier", "status", "degraded"), True),
        ((-20, "grain supplier", "Status", "outage"), True),
        ((5, "oven", "status", "degraded"), False),  # our own, so an echo of the trouble
        ((5, "grain supplier", "Warning", "BackOff"), False),  # an event of a cluster
        ((5, "grain supplier", "status", "resolved"), False),
        ((90, "grain supplier", "status", "degraded"), False),
    ],
)
def test_what_a_status_page_says_of_others_at_the_time_counts(
    notice: tuple[float, str, str, str], counts: bool
) -> None:
    assert bool(said(notice)) == counts


def test_the_alert_and_the_graph_reach_the_judgement() -> None:
    tables = Tables(
        shifts=FOUND, graph=graph(("oven", "grain")), changes=changes(("oven", "c1", -2), ("shop", "c2", -1))
    )
    _, _, judgement = rank_tables(tables, START, "oven", "error_rate", end=START + timedelta(minutes=30))
    off = next(one for one in judgement.suspects if one.id == "c2")
    assert "its service is not on a path with the alert" in off.reasons


def test_how_sharp_an_onset_is_follows_the_sampling() -> None:
    assert usual_step_s(FOUND, 9000) == 300
    assert usual_step_s(FOUND, 30) == 60
    assert usual_step_s(None, 900) == 60
    assert usual_step_s(shifts(), 900) == 60
