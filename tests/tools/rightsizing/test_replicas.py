"""How many replicas: the peak of all weeks, what may fail, latency, and what an autoscaler owns."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from opswarden.tests.fleet_views import GIB, flat, halves, subject, view
from opswarden.tools.fleets.list_prices import ListPrices
from opswarden.tools.fleets.subjects import Floats, Occasion, Subject
from opswarden.tools.recommendations.types import Held, Recommendation
from opswarden.tools.rightsizing.replicas import recommend_replicas

AHEAD = Occasion(date(2019, 8, 10), date(2019, 8, 12), "harvest", "peak", None, yearly=True)
HALVES = np.arange(halves())
DAY = 50 + 50 * np.sin(HALVES * 2 * np.pi / 48)
"""Requests per second: 0 to 100 every day."""


def service(replicas: float, **facts: Any) -> Subject:
    sizes = {"cpu": 1.0, "memory": 2 * GIB, "replicas": replicas}
    return subject(**{"sizes": sizes, "latency_budget_ms": 100.0, **facts})


def measured(replicas: float, load: Floats = DAY, *, carries: float = 40.0, gpu: bool = False) -> dict[str, Floats]:
    """What is seen of replicas that are saturated at `carries`: CPU follows load, latency rises near the end."""
    share = np.minimum(load / replicas / carries, 0.99)
    found = {
        "requests": load,
        "cpu": 0.02 + 0.9 * share,
        "memory": flat(GIB)[: load.size],
        "latency_p99": 0.02 * (1 + share / (1 - share)),
    }
    return {**found, "gpu": 0.9 * share} if gpu else found


def said(worker: Subject, seen: dict[str, Floats], **more: Any) -> Recommendation | Held:
    found, _ = recommend_replicas(
        view([worker], {(worker.name, name): values for name, values in seen.items()}, **more)
    )
    (one,) = (*found.recommendations, *found.held)
    return one


def test_twelve_where_four_would_do() -> None:
    found = said(service(12), measured(12))
    assert isinstance(found, Recommendation)
    # A replica was seen with 8.3 of them at most; half as much again may be tried: 8 carry the peak.
    assert found.proposed == {"replicas": 8.0}
    assert found.saving.bill.expected == pytest.approx(4 * (0.03 + 2 * 0.004) * 730)


def test_what_may_fail_is_no_waste() -> None:
    spared = said(service(9, spare_replicas=1), measured(9))
    assert isinstance(spared, Recommendation)
    assert spared.proposed == {"replicas": 7.0}
    held = said(service(7, spare_replicas=2), measured(7))
    assert isinstance(held, Held)
    assert held.reason == "failover"
    # Three regions, one may go: two thirds must carry what needs six.
    regions = said(service(12, spare_regions=1, attributes={"regions": "3"}), measured(12))
    assert isinstance(regions, Held)
    assert regions.reason == "failover"
    unknown = said(service(12, spare_regions=1), measured(12))
    assert isinstance(unknown, Held)
    assert unknown.reason == "failover"


def test_a_region_takes_over_for_the_others() -> None:
    names = ("east", "west")
    workers = [service(12, name=name, region=name, spare_regions=1, model="crust") for name in names]
    seen = {(name, key): values for name in names for key, values in measured(12).items()}
    found, _ = recommend_replicas(view(workers, seen))
    # Together 200 at the peak, and either may be alone with it: twelve replicas would not even be enough.
    assert [one.reason for one in found.held] == ["fits", "fits"]
    apart = [service(12, name=name, region=name, model="crust") for name in names]
    found, _ = recommend_replicas(
        view(
            apart,
            seen,
            listed=ListPrices("USD", {(name, sku, "on_demand"): 1.0 for name in names for sku in ("cpu", "memory")}),
        )
    )
    assert [one.proposed["replicas"] for one in found.recommendations] == [8.0, 8.0]


def test_an_autoscaler_gets_another_floor_and_no_other_request() -> None:
    worker = service(20, autoscaler="hpa", autoscales="cpu", autoscaler_target=0.5, replicas_least=20, replicas_most=50)
    found = said(worker, measured(20))
    assert isinstance(found, Recommendation)
    assert found.current == {"replicas_least": 20.0}
    # At most half of them at once, whatever the peak needs.
    assert found.proposed["replicas_least"] == 14.0
    assert "cpu" not in found.proposed


def test_a_replica_that_was_seen_with_more_carries_more() -> None:
    """During a rollout four did the work of twelve for two hours of a peak, within the budget."""
    seen = measured(12)
    few = measured(4)
    at = slice(1_018, 1_022)
    mixed = {name: values.copy() for name, values in seen.items()}
    for name, values in mixed.items():
        values[at] = few[name][at]
    worker = service(12)
    start_us = view([], {}).usage.start_us
    sizes = [
        *worker.sizes,
        *(type(worker.sizes[0])(start_us + half * 1_800_000_000, "replicas", number, None, "person")
          for half, number in ((1_018, 4.0), (1_022, 12.0))),
    ]  # fmt: skip
    found = said(Subject(**{**worker.__dict__, "sizes": tuple(sizes)}), mixed)
    assert isinstance(found, Recommendation)
    assert float(found.proposed["replicas"]) == 6.0


HELD = [
    ("its budget is used up", service(4), measured(4, carries=28.0), "latency_budget"),
    ("CPU is used up", service(4, latency_budget_ms=None), measured(4, carries=28.0), "fits"),
    ("committed", service(12, capacity_type="committed"), measured(12), "already_paid"),
    ("it stands by", service(12, attributes={"standby": "true"}), measured(12), "failover"),
    ("a tenant of a device", service(12, gpu_type="L4", gpu_partition="shared"), measured(12), "shared"),
    ("once a quarter", service(12, attributes={"rhythm": "quarterly"}), measured(12), "short_history"),
    ("its load was not seen", service(12), measured(12, np.where(HALVES % 3, DAY, np.nan)), "gaps"),
    ("a peak in one half hour", service(12), measured(12, np.where(HALVES == 700, 400.0, DAY)), "fits"),
    ("nothing to carry", service(12), measured(12, flat(0.0)) | {"cpu": flat(0.0)}, "unknown"),
    ("no price", service(12, region="elsewhere"), measured(12), "no_price"),
]


@pytest.mark.parametrize(("worker", "seen", "reason"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_silences(worker: Subject, seen: dict[str, Floats], reason: str) -> None:
    found = said(worker, seen)
    assert isinstance(found, Held), found
    assert found.reason == reason


def test_a_peak_ahead_holds_it() -> None:
    assert said(service(12), measured(12), occasions=[AHEAD]).reason == "peak_ahead"  # type: ignore[union-attr]


def test_latency_that_is_not_measured_is_not_taken_for_good() -> None:
    seen = {name: values for name, values in measured(12).items() if name != "latency_p99"}
    assert said(service(12), seen).reason == "latency_budget"  # type: ignore[union-attr]
    assert isinstance(said(service(12, latency_budget_ms=None), seen), Recommendation)


def test_with_fewer_gpus_each_replica_gets_the_cores_for_its_work() -> None:
    """Cores cost a hundredth of cards: they are no reason to keep a card."""
    sizes = {"cpu": 0.25, "memory": 2 * GIB, "gpu": 1.0, "replicas": 12.0}
    worker = service(12, sizes=sizes, gpu_type="H100-80GB", runtime="vllm")
    found = said(worker, measured(12, gpu=True))
    assert isinstance(found, Recommendation)
    assert found.proposed["replicas"] == 8.0
    assert float(found.proposed["cpu"]) > 0.25
    assert found.saving.effective.expected < 4 * 6.6 * 730


def test_the_kind_fails_where_peaks_outgrow_their_past() -> None:
    workers, seen = [], {}
    growth = np.repeat([1.0, 1.0, 1.0, 1.0, 6.0, 6.0, 6.0, 6.0], 336)
    for number in range(6):
        workers.append(service(12, name=f"w{number}", latency_budget_ms=None))
        seen |= {(f"w{number}", name): values for name, values in measured(12, DAY / 6 * growth).items()}
    _, replay = recommend_replicas(view(workers, seen))
    assert replay.bad >= 6
    assert not replay.is_passed
