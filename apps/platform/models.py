"""What `opswarden platform` and pipelines ask of models, all of it through the gate."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.canonical import JsonValue
from ...core.clock import from_iso, to_iso
from ...core.errors import InputError
from ...policies.types import CallResult, Principal, Run
from ...tools.models.confirming import Confirmation, confirmation
from ...tools.models.promotion_tools import promotion_tools
from .. import installation as house
from ..catalogue import with_the_rest
from ..wiring import gate_factory, tools_of
from .registries import environment_to, promotion_place

ROLE = "platform"


@dataclass(frozen=True)
class Asked:
    """What came of one call, and the run it belongs to, which can be gone on with."""

    run_id: str
    result: CallResult


def ask_models(
    installation: house.Installation,
    tool: str,
    args: Mapping[str, JsonValue],
    environment: str | None = None,
    run_id: str | None = None,
) -> Asked:
    """One call of a model tool on behalf of whoever is at the keyboard.

    Args:
        installation: whose registries.
        tool: `models.check`, `models.promote`, `models.rollback` or `models.history`.
        args: of the tool.
        environment: where; may be left out if there is only one registry.
        run_id: of a run that waited for a person, to go on with the very same call.

    Raises:
        ConfigError: there is no such environment, or a registry is wrong.
    """
    place = promotion_place(installation, environment_to(installation, environment))
    run = Run(
        id=run_id or installation.ids.new("run"),
        principal=Principal(ROLE, f"person:{house.current_person()}", installation.settings.team),
        trigger="cli",
        environment=place.environment,
        audience_team=installation.settings.team,
        known_names=(str(args["model"]),),
        # What they typed is where the arguments come from. Without roles it is no leave: another person still agrees.
        request=", ".join(f"{name} {value}" for name, value in args.items() if value != ""),
    )
    gate = gate_factory(installation, with_the_rest(installation, place.environment, promotion_tools(place))).open_run(
        run
    )
    result = gate.call(tool, args, call_id="asked")
    if not result.approval_id:
        gate.end("reported" if result.status in ("ok", "no_data", "truncated") else "failed")
    return Asked(run.id, result)


def confirm_move(
    installation: house.Installation, model: str, snapshot: Path, environment: str | None = None
) -> Confirmation:
    """Whether the predictions of a snapshot show the last move of a model; all of it read through the gate.

    Raises:
        InputError: nothing was moved, or the snapshot ends before the move.
        ConfigError: there is no such environment, or a registry is wrong.
    """
    from ...tools.snapshots.store import SnapshotStore  # noqa: PLC0415 - DuckDB, which only this needs

    asked = ask_models(installation, "models.history", {"model": model}, environment)
    told: Any = asked.result.summary if isinstance(asked.result.summary, Mapping) else {}
    moves: Any = told.get("moves", ())
    done: Any = next((one for one in moves if one["state"] == "done" and one["kind"] != "seen"), None)
    if done is None:
        raise InputError("nothing was moved here", remedy="`opswarden platform history` lists the moves of a model")
    with closing(SnapshotStore(snapshot)) as store:
        at, end = from_iso(done["begun"]), store.manifest.window.end
        if at >= end:
            raise InputError("the snapshot ends before the move", remedy="capture one that begins before it")
        run = Run(
            id=installation.ids.new("run"),
            principal=Principal(ROLE, f"person:{house.current_person()}", installation.settings.team),
            trigger="cli",
            audience_team=installation.settings.team,
        )
        gate = gate_factory(installation, tools_of(installation, store)).open_run(run)
        times = {"start": at, "end": end, "baseline_start": at - (end - at), "baseline_end": at}
        args = {name: to_iso(moment) for name, moment in times.items()}
        found = gate.call("models.health", {**args, "limit": 50}, call_id="health")
        gate.end("reported" if found.status in ("ok", "no_data", "truncated") else "failed")
    shown: Any = found.summary.get("shown", ()) if isinstance(found.summary, Mapping) else ()
    return confirmation(shown, model, int(done["version_after"]))


def check_model(model: str, version: int, environment: str | None = None) -> bool:
    """For pipelines (Airflow, CI): whether the checks let a version through; recorded like any other call.

    Raises:
        OpswardenError: it could not be checked. That is no pass.
    """
    from ...core.errors import BackendError, CallDenied  # noqa: PLC0415 - beside the one place that needs them

    with house.open_installation() as installation:
        asked = ask_models(installation, "models.check", {"model": model, "version": version}, environment)
    result = asked.result
    if result.status == "denied":
        raise CallDenied(result.message, code=result.code)
    if not isinstance(result.summary, Mapping):
        raise BackendError(result.message or "the checks gave no answer")
    return result.summary.get("result") == "pass"
