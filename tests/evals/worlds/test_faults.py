"""Every fault shows at the entity it is labelled with, and reaches whoever is paged for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
import pyarrow.parquet as pq
import pytest

from opswarden.evals.cases import Case
from opswarden.evals.worlds.alerts import RULES, watched
from opswarden.evals.worlds.faults.catalogue import FAMILY_OF, FAULTS
from opswarden.evals.worlds.model import World, build_world
from opswarden.evals.worlds.scene import RuleName
from opswarden.evals.worlds.spec import FAULT_NAMES, FaultName, WorldSpec
from opswarden.tools.snapshots.manifest import Manifest

WorldCase = Callable[[FaultName], Case]
REAL = tuple(name for name in FAULT_NAMES if FAMILY_OF[name] != "none")
HARMLESS = tuple(name for name in FAULT_NAMES if FAMILY_OF[name] == "none")
every_real_fault = pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=() if place % 3 == 0 else pytest.mark.soak) for place, name in enumerate(REAL)]
)
"""`make test` takes every third."""


def test_the_catalogue_holds_exactly_the_named_faults() -> None:
    assert set(FAULTS) == set(FAULT_NAMES) == set(FAMILY_OF)
    assert len(REAL) >= 26
    assert len(HARMLESS) >= 5
    assert set(RULES) == set(get_args(RuleName))


def shifts(case: Case, entity: str, metric: str) -> list[float]:
    """Robust shift of every series of an indicator: medians of the late window against the quiet time, over its MAD."""
    manifest = Manifest.model_validate_json((case.snapshot / "snapshot.json").read_bytes())
    rows = pq.read_table(
        case.snapshot / "metrics.parquet", filters=[("entity", "==", entity), ("metric", "==", metric)]
    ).to_pylist()
    late_from = manifest.window.start + manifest.window.length * 0.4
    by_series: dict[str, tuple[list[float], list[float]]] = {}
    for row in rows:
        quiet, late = by_series.setdefault(str(row["labels"]), ([], []))
        if row["ts"] < manifest.window.start:
            quiet.append(row["value"])
        elif row["ts"] >= late_from:
            late.append(row["value"])
    found = []
    for quiet, late in by_series.values():
        if len(quiet) > 20 and late:
            centre = float(np.median(quiet))
            spread = 1.4826 * float(np.median(np.abs(np.array(quiet) - centre))) + 0.01 * abs(centre) + 1e-4
            found.append((float(np.median(late)) - centre) / spread)
    return found


@every_real_fault
def test_the_indicator_moves_at_the_entity_at_fault(world_case: WorldCase, fault: FaultName) -> None:
    case = world_case(fault)
    for cause in case.truth().causes:
        assert cause.indicator is not None
        assert max(map(abs, shifts(case, cause.entity, cause.indicator))) > 3.0


def moved(world: World) -> float:
    """Relative move of the clean curve that the page looks at."""
    page = world.strike.page
    country = page.country if world.strike.entity is not None else None
    clean = watched(world, RULES[page.rule], page.entity, country).clean
    quiet = float(np.median(clean[: world.timeline.window_step]))
    late = float(np.median(clean[world.timeline.elapsed_s > 0.4 * world.timeline.window_length_s]))
    return (late - quiet) / abs(quiet)


@every_real_fault
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_page_is_about_something_that_moved_the_way_the_rule_says(
    small: WorldSpec, fault: FaultName, seed: int
) -> None:
    world = build_world(small.model_copy(update={"seed": seed, "fault": fault, "decoy": False}))
    direction = RULES[world.strike.page.rule].direction
    assert abs(moved(world)) > 0.025
    if direction:
        assert np.sign(moved(world)) == direction
    assert world.strike.entity in world.platform.index


# A hang cannot be harder, and of two faults the page is about one.
@pytest.mark.parametrize("fault", [name for name in REAL if name not in ("stale_features", "upstream_batch_delay")])
def test_a_severer_fault_moves_more(small: WorldSpec, fault: FaultName) -> None:
    mild, severe = (
        build_world(small.model_copy(update={"fault": fault, "severity": severity, "decoy": False}))
        for severity in (0.4, 1.2)
    )
    assert abs(moved(severe)) > abs(moved(mild))


def test_nothing_stays_moved_when_nothing_is_wrong(small: WorldSpec) -> None:
    for seed in range(10):
        world = build_world(small.model_copy(update={"seed": seed, "fault": HARMLESS[seed % len(HARMLESS)]}))
        quiet = slice(0, world.timeline.window_step)
        late = world.timeline.elapsed_s > 0.4 * world.timeline.window_length_s
        waited_for = [world.platform.index[edge.callee] for edge in world.platform.waiting]
        failed = world.state.failed[waited_for]
        assert (np.median(failed[:, late], axis=1) < 2.0 * np.median(failed[:, quiet], axis=1) + 1e-3).all()
        approval = world.payments.approval
        assert (np.abs(np.median(approval[:, late], axis=1) - np.median(approval[:, quiet], axis=1)) < 0.03).all()
        for centre in world.signals.centre.values():
            assert abs(np.median(centre[late]) - np.median(centre[quiet])) < 0.12


def test_the_cause_is_seldom_what_was_paged_for_and_often_not_next_to_it(small: WorldSpec) -> None:
    same = far = 0
    for number in range(2 * len(REAL)):
        spec = small.model_copy(update={"seed": 50 + number, "fault": REAL[number % len(REAL)]})
        world = build_world(spec)
        page, cause = world.strike.page.entity, world.strike.entity
        near = {edge.callee for edge in world.platform.edges if edge.caller == page}
        same += cause == page
        far += cause != page and cause not in near
    assert 2 <= same <= len(REAL)
    assert far >= 2 * len(REAL) // 4


def test_both_kinds_of_faults_occur_with_and_without_a_change(small: WorldSpec) -> None:
    with_change = {
        fault: build_world(small.model_copy(update={"fault": fault})).strike.change is not None for fault in REAL
    }
    assert {"bad_model_promotion", "bad_canary", "threshold_misconfiguration"} <= {
        name for name, has in with_change.items() if has
    }
    assert {"dependency_bump", "flag_in_one_country", "database_locks"} <= {
        name for name, has in with_change.items() if has
    }
    assert {"provider_outage_one_country", "issuer_decline_wave", "card_testing", "stale_features"} <= {
        name for name, has in with_change.items() if not has
    }


def test_a_decoy_swings_when_asked_for_and_never_at_the_entity_at_fault(small: WorldSpec) -> None:
    for fault in ("bad_canary", "noisy_neighbour", "card_testing", "healthy"):
        spec = small.model_copy(update={"fault": fault})
        assert build_world(spec.model_copy(update={"decoy": False})).wiggle is None
        world = build_world(spec.model_copy(update={"decoy": True}))
        assert world.wiggle is not None
        assert world.wiggle.entity != world.strike.entity
        assert world.forces.of(world.wiggle.force, world.wiggle.entity).max() > 0.1
    shares = [build_world(small.model_copy(update={"seed": seed})).wiggle is not None for seed in range(20)]
    assert 2 <= sum(shares) <= 14
