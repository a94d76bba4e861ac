"""What `opswarden platform` and pipelines ask of models, all of it through the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.canonical import JsonValue
from ..policies.types import CallResult, Principal, Run
from ..tools.models.promotion_tools import promotion_tools
from . import installation as house
from .catalogue import with_the_rest
from .registries import environment_to, promotion_place
from .wiring import gate_factory

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
    )
    gate = gate_factory(installation, with_the_rest(installation, place.environment, promotion_tools(place))).open_run(
        run
    )
    result = gate.call(tool, args, call_id="asked")
    if not result.approval_id:
        gate.end("reported" if result.status in ("ok", "no_data", "truncated") else "failed")
    return Asked(run.id, result)


def check_model(model: str, version: int, environment: str | None = None) -> bool:
    """For pipelines (Airflow, CI): whether the checks let a version through; recorded like any other call.

    Raises:
        OpswardenError: it could not be checked. That is no pass.
    """
    from ..core.errors import BackendError, CallDenied  # noqa: PLC0415 - beside the one place that needs them

    with house.open_installation() as installation:
        asked = ask_models(installation, "models.check", {"model": model, "version": version}, environment)
    result = asked.result
    if result.status == "denied":
        raise CallDenied(result.message, code=result.code)
    if not isinstance(result.summary, Mapping):
        raise BackendError(result.message or "the checks gave no answer")
    return result.summary.get("result") == "pass"
