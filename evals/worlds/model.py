"""One settled world: everything the writers read, nothing written yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .decoys import Wiggle, add_wiggle
from .faults.catalogue import FAULTS
from .forces import Forces
from .payments import Demand, PaymentModel, Payments
from .rollouts import Rollout, plan_rollouts
from .scene import Scene, Strike
from .signals import Signals, read_signals
from .simulation import Simulation, State
from .spec import WorldSpec
from .streams import Streams
from .timeline import Timeline, build_timeline
from .topology import Platform, build_platform

_PAGED_AT_CAUSE = 0.3


@dataclass(frozen=True)
class World:
    """The platform of a spec with its fault, settled."""

    spec: WorldSpec
    streams: Streams
    timeline: Timeline
    platform: Platform
    forces: Forces
    strike: Strike
    wiggle: Wiggle | None
    rollouts: Mapping[str, Rollout]
    demand: Demand
    state: State
    signals: Signals
    payments: Payments


def build_world(spec: WorldSpec) -> World:
    """Draw the world of a spec and let it settle."""
    streams = Streams(spec.seed)
    timeline = build_timeline(spec, streams)
    platform = build_platform(streams)
    forces = Forces(timeline.steps)
    scene = Scene(platform, timeline, forces, streams.of("fault", spec.fault), spec.severity)
    strike = _paged(FAULTS[spec.fault](scene), streams)
    wiggle = add_wiggle(scene, strike, streams.of("wiggle"), wanted=spec.decoy)
    rollouts = plan_rollouts(platform, timeline, strike, streams)

    simulation = Simulation(platform, timeline, forces, streams)
    payments = PaymentModel(platform, timeline, forces, streams)
    # Failures change the features and features change what is sent on, so the second pass sees the first one's state.
    first = simulation.settle(payments.flow(read_signals(platform, timeline, forces, streams, None)))
    signals = read_signals(platform, timeline, forces, streams, first)
    state = simulation.settle(payments.flow(signals))
    return World(
        spec, streams, timeline, platform, forces, strike, wiggle, rollouts, payments.demand, state, signals,
        payments.outcome(signals, state),
    )  # fmt: skip


def _paged(strike: Strike, streams: Streams) -> Strike:
    """Now and then the alert fires at the entity at fault itself, where there is a rule that would."""
    if strike.page_at_cause is None or float(streams.of("paged").uniform()) >= _PAGED_AT_CAUSE:
        return strike
    return replace(strike, page=strike.page_at_cause)
