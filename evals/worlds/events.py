"""`events.parquet`: what an orchestrator of containers says about pods and machines."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...tools.snapshots.writer import SnapshotWriter
from .columns import TIME
from .model import World
from .service_series import pod_name, restarts_per_s
from .timeline import SECOND_US
from .topology import DEPLOYED

_PODS = 3
_MOST_PER_ENTITY = 500


def write_events(world: World, writer: SnapshotWriter) -> int:
    """Restarts, rollouts and the everyday scheduling noise; returns how many."""
    rows: list[tuple[int, str, str, str, str, int]] = []
    for node in world.platform.nodes:
        if node.kind not in DEPLOYED:
            continue
        rng = world.streams.of("events", node.name)
        pods = [pod_name(world, node.name, pod) for pod in range(_PODS)]

        def note(
            ts_us: int, reason: str, text: str, count: int = 1, *, entity: str = node.name, kind: str = "Normal"
        ) -> None:
            rows.append((ts_us, entity, kind, reason, text, count))

        rate = restarts_per_s(world, node.name) + 1.0 / 40_000.0
        drawn = rng.poisson(rate * world.timeline.step_s)
        steps = np.repeat(np.arange(world.timeline.steps), drawn)[:_MOST_PER_ENTITY]
        for step in steps.tolist():
            ts_us = world.timeline.start_us + step * world.timeline.step_us + int(rng.integers(world.timeline.step_us))
            pod = pods[int(rng.integers(_PODS))]
            is_forced = bool(rng.random() < world.forces.of("restarts", node.name)[step] / rate[step])
            if is_forced:
                note(ts_us, "BackOff", f"restarting failed container main of {pod}, exit code 137", kind="Warning")
            elif rng.random() < 0.5:
                note(
                    ts_us,
                    "Unhealthy",
                    f"readiness probe of {pod} took too long",
                    int(rng.integers(1, 4)),
                    kind="Warning",
                )
            else:
                note(ts_us, "Pulled", f"image of {pod} is already present")
        rollout = world.rollouts.get(node.name)
        if rollout is not None:
            note(
                rollout.start_us + 2 * SECOND_US,
                "ScalingReplicaSet",
                f"scaled up {node.name} version {rollout.fresh} to 1",
            )
    rows.sort()
    names = ("ts", "entity", "kind", "reason", "message", "count")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    writer.write("events", {**columns, "ts": pa.array(columns["ts"], type=TIME)})
    return len(rows)
