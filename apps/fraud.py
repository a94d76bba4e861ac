"""What goes on among the payments of a snapshot, asked through the gate with what else bears on it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from ..core.clock import to_iso
from ..core.errors import InputError
from ..policies.types import Principal, Run
from . import installation as house
from .platform import ROLE, Asked
from .wiring import gate_factory, names_of, tools_of

_BESIDE = (
    ("features", "features", "features.health"),
    ("models", "predictions", "models.health"),
    ("notices", "events", "changes.notices"),
)
"""Argument of `outcomes.explain`, the table that it needs, and the tool whose artifact it is."""


def explain_payments(installation: house.Installation, snapshot: Path) -> Asked:
    """Compare the window of a snapshot with its quiet time.

    Raises:
        InputError: it is no snapshot, or it has no quiet time or no payments.
    """
    from ..tools.snapshots.store import SnapshotStore  # noqa: PLC0415 - DuckDB, which only this needs

    with closing(SnapshotStore(snapshot)) as store:
        window, quiet = store.manifest.window, store.baseline()
        if quiet is None:
            raise InputError("the snapshot has no quiet time to compare with", remedy="name a `baseline` in it")
        if not store.has("outcomes"):
            raise InputError("the snapshot holds no payments", remedy="docs/snapshots.md says what `outcomes` is")
        run = Run(
            id=installation.ids.new("run"),
            principal=Principal(ROLE, f"person:{house.current_person()}", installation.settings.team),
            trigger="cli",
            known_names=names_of(installation, store),
            environment=store.manifest.environment,
            audience_team=installation.settings.team,
        )
        gate = gate_factory(installation, tools_of(installation, store)).open_run(run)
        compared: dict[str, Any] = {
            "start": to_iso(window.start),
            "end": to_iso(window.end),
            "baseline_start": to_iso(quiet.start),
            "baseline_end": to_iso(quiet.end),
        }
        args = dict(compared)
        for name, table, tool in _BESIDE:
            if store.has(table):  # type: ignore[arg-type]  # the names above are tables
                given = {key: compared[key] for key in ("start", "end")} if name == "notices" else compared
                found = gate.call(tool, given, call_id=name)
                if found.artifact_id is not None:
                    args[name] = found.artifact_id
        result = gate.call("outcomes.explain", args, call_id="explain")
        gate.end("reported" if result.status in ("ok", "no_data", "truncated") else "failed")
    return Asked(run.id, result)
