"""What can go: only what would have been seen in use, and was not, for longer than its longest rhythm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opswarden.tests.fleet_views import GIB, flat, subject, view
from opswarden.tools.decommission.items import Item, items_of
from opswarden.tools.decommission.recommend import recommend_decommissions
from opswarden.tools.fleets.schema import FLEET_TABLES
from opswarden.tools.fleets.subjects import Floats
from opswarden.tools.fleets.view import FleetView
from opswarden.tools.recommendations.types import Held, Recommendation

IDLE = {("oven", "requests"): flat(0.0), ("oven", "cpu"): flat(0.01)}


def item(**facts: Any) -> Item:
    given = {"id": "ep/oven", "kind": "endpoint", "age_days": 500.0, "unused_days": 200.0, "watched_days": 400.0}
    return Item(**{**given, **facts})


def volume(**facts: Any) -> Item:
    return item(**{"id": "vol-1", "kind": "volume", "size_bytes": 100 * GIB, "attributes": {"class": "ssd"}, **facts})


def said(thing: Item, looked: FleetView | None = None) -> Recommendation | Held:
    found, _ = recommend_decommissions(looked or view([subject(sizes={"cpu": 1.0, "replicas": 2.0})], IDLE), [thing])
    (one,) = (*found.recommendations, *found.held)
    return one


def test_a_dead_endpoint_is_asked_about_stopped_and_only_then_deleted() -> None:
    found = said(item(workload="oven", owner="@baker"))
    assert isinstance(found, Recommendation)
    assert [step.split(" ")[0].rstrip(":") for step in found.steps] == ["ask", "stop", "wait", "delete"]
    assert found.saving.effective.expected == pytest.approx(2 * 0.03 * 730)
    assert found.proposed["grace_days"] == 14.0
    assert found.reversal == "with_a_restart"


def test_an_unattached_volume_costs_what_its_class_costs() -> None:
    found = said(volume())
    assert isinstance(found, Recommendation)
    assert found.saving.bill.expected == pytest.approx(100 * 0.0001 * 730)
    assert found.steps[0] == "find an owner, and ask"


def test_never_used_counts_from_when_somebody_looked() -> None:
    assert isinstance(said(volume(unused_days=None, watched_days=36.0)), Recommendation)
    held = said(volume(unused_days=None, watched_days=34.0))
    assert isinstance(held, Held)
    assert held.reason == "not_watched"


YEARLY = {"rhythm": "yearly"}
HELD = [
    ("nobody watches", volume(watched_days=None), "not_watched"),
    ("watched for a week", volume(watched_days=7.0), "not_watched"),
    ("used last week", volume(unused_days=7.0), "needed"),
    ("attached", volume(attached_to="node-1"), "needed"),
    ("others need it", volume(needed_by=("oven",)), "needed"),
    ("a quarterly thing after two months", volume(unused_days=70.0, attributes={"rhythm": "quarterly"}), "needed"),
    ("a yearly thing after ten months", volume(unused_days=300.0, watched_days=500.0, attributes=YEARLY), "needed"),
    ("a yearly thing, a year watched", volume(unused_days=None, watched_days=366.0, attributes=YEARLY), "not_watched"),
    ("a rollback would need it", item(id="m/1", kind="model_version", attributes={"stage": "previous"}), "needed"),
    ("kept by law", item(id="e/1", kind="experiment", attributes={"keep_until": "2031-01-01"}), "needed"),
    ("it stands by", item(attributes={"standby": "true"}), "failover"),
    ("created last week", volume(age_days=7.0, unused_days=None), "short_history"),
    ("a feature read two months ago", item(id="f/1", kind="feature_view", unused_days=60.0), "needed"),
    ("of a kind that nobody knows", item(kind="cauldron"), "unknown"),
    ("its workload is not known", item(workload="cellar"), "unknown"),
    ("hardly anything", volume(size_bytes=GIB / 10), "too_small"),
    ("a size that is none", volume(size_bytes=float("nan")), "no_price"),
]  # fmt: skip


@pytest.mark.parametrize(("thing", "reason"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_what_stays(thing: Item, reason: str) -> None:
    found = said(thing)
    assert isinstance(found, Held)
    assert found.reason == reason


def spike(value: float) -> Floats:
    found = flat(0.0)
    found[700] = value
    return found


@pytest.mark.parametrize(
    ("resource", "series", "reason"),
    [
        ("requests", spike(0.01), "needed"),
        ("gpu", spike(0.5), "needed"),
        ("cpu", spike(0.9), "needed"),
        ("requests", np.where(np.arange(2688) % 10 < 5, 0.0, np.nan), "gaps"),
    ],
    ids=["one request", "a GPU for half an hour", "a backup", "half of it was not seen"],
)
def test_one_use_outweighs_weeks_of_silence(resource: str, series: Floats, reason: str) -> None:
    found = said(item(workload="oven"), view([subject()], {**IDLE, ("oven", resource): series}))
    assert isinstance(found, Held)
    assert found.reason == reason


def test_the_kind_is_withheld_where_idle_things_come_back() -> None:
    names = [f"w{number}" for number in range(12)]
    waking = {(name, "requests"): flat(0.0) for name in names}
    for number, name in enumerate(names):
        waking[name, "requests"][(5 + number % 3) * 336] = 1.0
    _, replay = recommend_decommissions(view([subject(name) for name in names], waking), [])
    assert replay.bad == 12
    assert not replay.is_passed
    _, calm = recommend_decommissions(view([subject()], IDLE), [])
    assert (calm.bad, calm.weeks, calm.is_passed) == (0, 4, True)


def test_the_inventory_is_read_as_of_today() -> None:
    today = datetime(2026, 9, 1, tzinfo=UTC)
    rows = [
        {"id": "v", "kind": "volume", "created": today - timedelta(days=9), "needed_by": ["", "a"],
         "attributes": [("class", "ssd")]},
        {"id": "v", "kind": "endpoint"},
        {"id": None, "kind": "volume"},
    ]  # fmt: skip
    (found,) = items_of(pa.Table.from_pylist(rows, schema=FLEET_TABLES["inventory"]), today)
    assert (found.kind, found.age_days, found.unused_days, found.needed_by) == ("volume", 9.0, None, ("a",))
    assert found.attributes == {"class": "ssd"}
