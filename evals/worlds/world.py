"""Write labelled cases of the sandbox world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ...core.errors import InputError
from ...tools.snapshots.manifest import Manifest
from ...tools.snapshots.writer import SnapshotWriter
from ..cases import SNAPSHOT_FOLDER, Case, Cause, Truth, case_at, write_truth
from .alerts import Alert, alert_ref, opening_alert, write_alerts, write_slos
from .catalogue import write_catalogue
from .changes import change_log, write_changes
from .events import write_events
from .faults.catalogue import FAMILY_OF
from .jobs import write_jobs
from .logs import write_logs
from .metrics import write_metrics
from .model import World, build_world
from .outcomes import write_outcomes
from .planted import PlantedValue, planted
from .postmortems import write_postmortems
from .runbooks import write_runbooks
from .samples import write_features, write_predictions
from .spec import FAULT_NAMES, FaultName, WorldSpec
from .streams import Streams
from .traces import write_spans

__all__ = ["LICENCE", "SOURCE", "PlantedValue", "WorldSpec", "planted", "write_case", "write_cases"]

SOURCE = "opswarden sandbox world (synthetic)"
LICENCE = "Apache-2.0"
ENVIRONMENT = "sandbox"

Progress = Callable[[str, float], None]
"""Told what is being written and the share done, from 0 to 1."""


def write_case(spec: WorldSpec, dest: Path, *, progress: Progress | None = None) -> Case:
    """Write one case: `dest/snapshot/` and `dest/truth.json`.

    `dest` is the case's folder, created with its parents where missing; its name is the case's id.

    Raises:
        InputError: `dest` holds a snapshot already.
    """
    tell = progress or _silent
    tell("platform", 0.0)
    world = build_world(spec)
    opening = opening_alert(world)
    dest.mkdir(parents=True, exist_ok=True)
    with SnapshotWriter(dest / SNAPSHOT_FOLDER, _manifest(world, opening)) as writer:
        changes = _write_tables(world, writer, opening, tell)
    write_truth(dest, _truth(world, changes))
    tell("done", 1.0)
    return case_at(dest.parent, dest)


def write_cases(
    dest: Path,
    *,
    n: int,
    seed: int,
    faults: Sequence[FaultName] | None = None,
    template: WorldSpec | None = None,
    progress: Progress | None = None,
) -> tuple[Case, ...]:
    """Write `n` cases with neutral ids `world-0001`, …: every fault as often as the others, in a shuffled order.

    `faults` says which, by default all of them and `healthy`; `template` gives the sizes of every case, its own seed
    and fault are not used, and its severity is scaled by 0.7 to 1.5 so that some cases are harder than others.

    Raises:
        InputError: `n` is not positive, `faults` is empty, or a case exists already.
    """
    if n < 1:
        raise InputError("a world needs at least one case", remedy="ask for one or more")
    if faults is not None and not faults:
        raise InputError("no fault was named", remedy="leave it out for all of them")
    cases = []
    for number, spec in enumerate(case_specs(n=n, seed=seed, faults=faults, template=template)):
        if progress is not None:
            progress("cases", number / n)
        cases.append(write_case(spec, dest / f"world-{number + 1:04d}"))
    if progress is not None:
        progress("done", 1.0)
    return tuple(cases)


def case_specs(
    *, n: int, seed: int, faults: Sequence[FaultName] | None = None, template: WorldSpec | None = None
) -> tuple[WorldSpec, ...]:
    """The specs that `write_cases` writes, in its order; no two share a seed."""
    rng = Streams(seed).of("cases")
    names = list(FAULT_NAMES if faults is None else faults)
    rounds = [names[int(row)] for _ in range(-(-n // len(names))) for row in rng.permutation(len(names))]
    shape = template or WorldSpec(seed=0)
    first = int(rng.integers(2**40))
    severities = np.clip(shape.severity * rng.uniform(0.7, 1.5, size=n), 0.25, 4.0)
    return tuple(
        shape.model_copy(update={"seed": first + row, "fault": name, "severity": round(float(severity), 3)})
        for row, (name, severity) in enumerate(zip(rounds[:n], severities, strict=True))
    )


def _silent(step: str, share: float) -> None:
    """Report to nobody."""


def _manifest(world: World, opening: Alert) -> Manifest:
    return Manifest(
        title=f"{opening.name} at {opening.entity} (synthetic)",
        environment=ENVIRONMENT,
        window=world.timeline.window,
        baseline=world.timeline.baseline,
        alert=alert_ref(opening),
        source=SOURCE,
        licence=LICENCE,
    )


def _write_tables(world: World, writer: SnapshotWriter, opening: Alert, tell: Progress) -> dict[str, str]:
    """Write every table; returns the ids of the changes behind faults, by entity."""
    tell("metrics", 0.05)
    write_metrics(world, writer)
    tell("spans", 0.4)
    spans = write_spans(world, writer, lambda share: tell("spans", 0.4 + 0.15 * share))
    tell("logs", 0.55)
    write_logs(world, writer, spans, lambda share: tell("logs", 0.55 + 0.35 * share))
    tell("changes", 0.9)
    changes, causes = change_log(world)
    write_changes(world, writer, changes)
    writer.write(
        "topology",
        {
            "caller": [edge.caller for edge in world.platform.edges],
            "callee": [edge.callee for edge in world.platform.edges],
            "kind": [edge.kind for edge in world.platform.edges],
        },
    )
    write_alerts(world, writer, opening)
    write_slos(writer)
    tell("outcomes", 0.92)
    write_outcomes(world, writer)
    write_features(world, writer)
    write_predictions(world, writer, changes)
    write_events(world, writer)
    write_jobs(world, writer)
    write_runbooks(world.spec, writer)
    write_catalogue(world.spec, writer)
    write_postmortems(writer)
    return causes


def _truth(world: World, changes: dict[str, str]) -> Truth:
    fault = world.spec.fault
    if not world.strike.all:
        return Truth(verdict="healthy", fault=fault, group=FAMILY_OF[fault])
    causes = tuple(
        Cause(
            entity=one.entity,
            indicator=one.indicator,
            change=changes.get(one.change.entity) if one.change is not None else None,
        )
        for one in world.strike.all
        if one.entity is not None
    )
    return Truth(causes=causes, verdict="cause_found", fault=fault, group=FAMILY_OF[fault])
