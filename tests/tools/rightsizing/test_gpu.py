"""Which GPU carries a workload: by engine and SM activity, memory that is needed, latency, and what may fail."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from opswarden.tests.fleet_views import GIB, MONDAY, flat, halves, prices, subject, view
from opswarden.tools.fleets.subjects import Floats, Occasion, SizeChange, Subject
from opswarden.tools.recommendations.types import Held, Recommendation
from opswarden.tools.rightsizing.cards import CARDS, INSTANCES, PARTITIONS, card_named, slices_of, whole
from opswarden.tools.rightsizing.gpu import recommend_gpus

ONE = {"cpu": 1.0, "memory": 4 * GIB, "gpu": 1.0, "replicas": 4.0}


def server(**facts: Any) -> Subject:
    given = {"sizes": ONE, "gpu_type": "H100-80GB", "runtime": "triton"}
    return subject(**{**given, **facts})


def series(engine: float = 0.1, occupancy: float = 0.4, memory_gib: float = 6.0, **more: Floats) -> dict[str, Floats]:
    return {
        "gpu": flat(engine),
        "gpu_sm": flat(engine * occupancy),
        "gpu_memory": flat(memory_gib * GIB),
        "latency_p99": flat(0.01),
        "cpu": flat(0.5),
        "memory": flat(2 * GIB),
        **more,
    }


def said(worker: Subject, measured: dict[str, Floats], **more: Any) -> Recommendation | Held:
    named = {(worker.name, resource): values for resource, values in measured.items()}
    found, _ = recommend_gpus(view([worker], named, **more))
    (one,) = (*found.recommendations, *found.held)
    return one


def proposed(worker: Subject, measured: dict[str, Floats], **more: Any) -> dict[str, float | str]:
    found = said(worker, measured, **more)
    assert isinstance(found, Recommendation), found
    return found.proposed


def test_an_idle_engine_moves_to_a_cheaper_card() -> None:
    found = said(server(), series())
    assert isinstance(found, Recommendation)
    assert (found.proposed["gpu_type"], found.proposed["partition"]) == ("L4", "whole")
    assert found.saving.listed.expected == pytest.approx(4 * (6.5 - 0.7) * 730)
    assert not found.below_seen_peak


def test_partitions_keep_their_number_when_a_card_fails() -> None:
    listed = prices(**{"gpu:L4": 99.0, "gpu:A100-80GB": 99.0})

    def chosen(worker: Subject) -> tuple[float | str, float | str, float]:
        found = said(worker, series(), listed=listed)
        assert isinstance(found, Recommendation)
        cards = next(one.value for one in found.basis if one.what == "cards that are paid then")
        return found.proposed["partition"], found.proposed["replicas"], cards

    assert chosen(server()) == ("1g.10gb", 4.0, 1.0)
    assert chosen(server(spare_replicas=1)) == ("1g.10gb", 8.0, 2.0)


@pytest.mark.parametrize(
    ("measured", "partition"),
    [
        (series(), "1g.10gb"),
        (series(memory_gib=8.0, engine=0.1, occupancy=1.0), "2g.20gb"),
        (series(memory_gib=12.0), "1g.20gb"),
        (series(memory_gib=30.0), "3g.40gb"),
        (series(engine=0.45, occupancy=0.2), "1g.20gb"),
    ],
    ids=["a seventh is enough", "its work fills the card", "memory", "more memory", "long work that fills little"],
)
def test_the_smallest_partition_that_carries_it(measured: dict[str, Floats], partition: str) -> None:
    """Prices leave only partitions of the same card; without a spare all replicas may share one, if they fit."""
    listed = prices(**{"gpu:L4": 99.0, "gpu:A100-80GB": 99.0})
    replicas = server(sizes={**ONE, "replicas": 2.0})
    found = said(replicas, measured, listed=listed)
    assert isinstance(found, Recommendation)
    # Whatever shares one card costs the same, so the first that fits is taken: the smallest.
    assert found.proposed["partition"] == partition


def peak(values: Floats, height: float, at: int = 900) -> Floats:
    found = values.copy()
    found[at] = height
    return found


AHEAD = Occasion(date(2019, 8, 10), date(2019, 8, 12), "harvest", "peak", None, yearly=True)
HELD = [
    ("two tenants of one device", server(gpu_partition="shared"), series(), "shared"),
    ("its autoscaler acts on it", server(autoscaler="keda", autoscales="gpu"), series(), "autoscaler_owns_it"),
    ("a card that nobody knows", server(gpu_type="Abacus"), series(), "unknown"),
    ("a framework that takes all memory", server(runtime="vllm"), series(memory_gib=72.0), "unknown"),
    ("busy for one half hour", server(), series(gpu=peak(flat(0.1), 0.95), gpu_sm=peak(flat(0.05), 0.9)), "fits"),
    ("memory that nothing smaller has", server(), series(memory_gib=70.0), "fits"),
    ("latency would not be within its budget", server(latency_budget_ms=12.0), series(occupancy=0.9), "fits"),
    ("half of the time was not seen", server(), series(gpu=np.where(np.arange(2688) % 2, 0.1, np.nan)), "gaps"),
    ("no price for its card", server(region="elsewhere"), series(), "no_price"),
    ("three weeks", server(), {name: values[: halves(3)] for name, values in series().items()}, "short_history"),
]


@pytest.mark.parametrize(("worker", "measured", "reason"), [row[1:] for row in HELD], ids=[row[0] for row in HELD])
def test_silences(worker: Subject, measured: dict[str, Floats], reason: str) -> None:
    found = said(worker, measured)
    assert isinstance(found, Held), found
    assert found.reason == reason


def test_what_is_not_measured_is_not_guessed() -> None:
    no_memory = {name: values for name, values in series().items() if name != "gpu_memory"}
    no_latency = {name: values for name, values in series().items() if name != "latency_p99"}
    assert said(server(), no_memory).reason == "unknown"  # type: ignore[union-attr]
    assert said(server(latency_budget_ms=50.0), no_latency).reason == "latency_budget"  # type: ignore[union-attr]
    without_sm = {name: values for name, values in series(engine=0.2).items() if name != "gpu_sm"}
    # Without SM activity, work may fill the whole card, so a seventh of it will not do.
    assert proposed(server(), without_sm)["partition"] == "3g.40gb"


def test_a_peak_ahead_or_a_change_within_a_week_holds_it() -> None:
    assert said(server(), series(), occasions=[AHEAD]).reason == "peak_ahead"  # type: ignore[union-attr]
    development = server(attributes={"stage": "development"})
    assert isinstance(said(development, series(), occasions=[AHEAD]), Recommendation)
    late = int(MONDAY.timestamp() * 1e6) + 52 * 86_400_000_000
    moved = subject(gpu_type="H100-80GB", sizes=None)
    changed = SizeChange(late, "gpu", 1.0, None, "person")
    worker = Subject(name="oven", kind="serving", region="here", gpu_type="H100-80GB", sizes=(*moved.sizes, changed))
    assert said(worker, series()).reason == "recently_changed"  # type: ignore[union-attr]


def test_the_framework_knows_what_it_needs() -> None:
    measured = series(memory_gib=72.0)
    worker = server(runtime="vllm", attributes={"gpu_memory_needed_bytes": str(9 * GIB)})
    assert proposed(worker, measured)["gpu_type"] == "L4"
    # What was taken is never less than what is needed: where that fits, nothing else need be known.
    assert proposed(server(runtime="vllm"), series(memory_gib=8.0))["gpu_type"] == "L4"
    hostile = server(runtime="vllm", attributes={"gpu_memory_needed_bytes": "nan"})
    assert isinstance(said(hostile, measured), Held)


def test_a_start_keeps_the_engine_busy_and_nobody_waiting() -> None:
    at = 900
    warm = series(gpu=peak(flat(0.1), 0.97, at), gpu_sm=peak(flat(0.04), 0.9, at))
    assert isinstance(said(server(), warm), Held)
    started = {"oven": (int(MONDAY.timestamp() * 1e6) + at * 1_800_000_000 + 5,)}
    assert proposed(server(), warm, starts=started)["gpu_type"] == "L4"


def test_several_devices_halve_and_instances_take_a_part() -> None:
    four = server(sizes={**ONE, "gpu": 4.0, "replicas": 1.0})
    assert proposed(four, series(engine=0.6, memory_gib=30.0))["gpu"] == 1.0
    assert proposed(four, series(engine=1.2, memory_gib=30.0))["gpu"] == 2.0
    instance = subject(instance_type="g5.xlarge", runtime="triton", sizes={"replicas": 2.0})
    assert proposed(instance, series(engine=0.05, memory_gib=2.0))["instance_type"] == "g6f.xlarge"
    assert proposed(instance, series(engine=0.05, memory_gib=4.0))["instance_type"] == "g6f.2xlarge"
    assert isinstance(said(instance, series(engine=0.05, memory_gib=2.0, memory=flat(60 * GIB))), Held)


def test_the_kind_fails_where_the_next_week_needed_more() -> None:
    grows = np.repeat([0.05, 0.05, 0.05, 0.05, 0.95, 0.95, 0.95, 0.95], 336)
    workers = [server(name=f"w{number}") for number in range(6)]
    measured = {(w.name, k): v for w in workers for k, v in series(gpu=grows, gpu_sm=grows * 0.9).items()}
    _, replay = recommend_gpus(view(workers, measured))
    assert (replay.weeks, replay.bad, replay.is_passed) == (6, 6, False)


def test_the_catalogue_is_sound() -> None:
    for card in CARDS.values():
        full = whole(card)
        for one in slices_of(card):
            assert one.memory_bytes * one.per_card <= full.memory_bytes * 1.0001
            assert one.compute * one.per_card <= full.compute * 1.0001
            assert 0 < one.share_of(full) < 1
            memory_gb = float(one.name.partition(".")[2].removesuffix("gb"))
            assert one.memory_bytes / 1e9 == pytest.approx(memory_gb, rel=0.03)
    assert set(PARTITIONS) <= set(CARDS)
    assert {one.card for one in INSTANCES.values()} <= set(CARDS)
    assert card_named("NVIDIA H100 80GB HBM3") is CARDS["H100-80GB"]
    assert card_named("Tesla T4") is CARDS["T4"]
    assert card_named("'; DROP TABLE usage") is None
