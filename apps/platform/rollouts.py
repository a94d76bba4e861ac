"""Rollouts as they are configured, and the guard: code without a model that may give traffic back by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ...core.clock import to_iso
from ...core.errors import BackendError, CallDenied, ConfigError
from ...policies.types import GUARD_ROLE, CallResult, Principal, Run
from ...tools.plain_yaml import DocumentError, documents
from ...tools.rollouts.backends.settings import SagemakerEndpointSettings
from ...tools.rollouts.tools import RolloutPlace, rollout_tools
from ...tools.rollouts.types import RolloutRule
from .. import installation as house
from ..catalogue import with_the_rest
from ..wiring import gate_factory
from .registries import promotion_place

_RULE_BYTES = 200_000


@dataclass(frozen=True)
class Canary:
    """What the guard found, and what it did about it."""

    run_id: str
    judged: CallResult
    aborted: CallResult | None


def watch(
    installation: house.Installation,
    model: str,
    numbers: Path,
    start: datetime,
    end: datetime,
    environment: str,
    *,
    may_abort: bool,
) -> Canary:
    """Judge a rollout, and give the traffic back if it fails and that was asked for.

    Deterministic code under a role of its own: no model takes part, and what it reads are numbers.

    Raises:
        ConfigError: the rule, the registry or the traffic is not configured.
    """
    place = rollout_place(installation, environment, numbers)
    run = Run(
        id=installation.ids.new("run"),
        principal=Principal(GUARD_ROLE, "system:rollout", installation.settings.team),
        trigger="rollout",
        # Whoever runs the guard names the model; nothing that outsiders write gets here.
        known_names=(model,),
        environment=environment,
        audience_team=installation.settings.team,
    )
    gate = gate_factory(installation, with_the_rest(installation, environment, rollout_tools(place))).open_run(run)
    judged = gate.call("rollouts.judge", {"model": model, "start": to_iso(start), "end": to_iso(end)}, call_id="judge")
    aborted = None
    if may_abort and isinstance(judged.summary, Mapping) and judged.summary.get("result") == "fail":
        aborted = gate.call("rollouts.abort", {"model": model}, call_id="abort")
    gate.end("reported" if judged.status in ("ok", "no_data") else "failed")
    return Canary(run.id, judged, aborted)


def check_rollout(model: str, numbers: Path, start: datetime, end: datetime, environment: str) -> bool:
    """For pipelines (Airflow, CI): whether a rollout passes by its numbers; nothing is given back by it.

    Raises:
        BackendError: it could not be judged. That is no pass.
        CallDenied: policies do not let it.
    """
    with house.open_installation() as installation:
        judged = watch(installation, model, numbers, start, end, environment, may_abort=False).judged
    if judged.status == "denied":
        raise CallDenied(judged.message, code=judged.code)
    if not isinstance(judged.summary, Mapping):
        raise BackendError(judged.message or "the rollout could not be judged")
    return judged.summary.get("result") == "pass"


def rollout_place(installation: house.Installation, environment: str, numbers: Path | None = None) -> RolloutPlace:
    """Where rollouts run in an environment; what is not configured stays away."""
    from ...tools.rollouts.aborts import AbortBook  # noqa: PLC0415 - only where a rollout is looked at
    from ...tools.rollouts.backends.series_file import SeriesFile  # noqa: PLC0415 - the same
    from .objectives import budgets_in  # noqa: PLC0415 - the same

    settings = installation.settings
    traffic = next(
        (_traffic(name, one) for name, one in sorted(settings.traffic.items()) if one.environment == environment), None
    )
    aborts = AbortBook(installation.database, installation.clock, settings.rollouts.aborts_a_day)
    return RolloutPlace(
        environment=environment,
        rule=lambda model: rollout_rule(settings.rollouts.rules, model),
        numbers=SeriesFile(numbers, environment) if numbers is not None else None,
        traffic=traffic,
        promoter=promotion_place(installation, environment).open,
        aborts=aborts,
        budgets=budgets_in(installation, environment),
    )


def rollout_rule(folder: Path | None, model: str) -> RolloutRule:
    """How a model's rollout is judged.

    Raises:
        ConfigError: nobody has said, or the rule cannot be used.
    """
    if folder is None:
        raise ConfigError("no folder of rollout rules is configured", remedy="name it as `rollouts.rules`")
    path = folder / f"{model}.yaml"
    try:
        if path.stat().st_size > _RULE_BYTES:
            raise ConfigError(f"the rollout rule of {model!r} is too large", remedy="a rule is a few lines")
        found = documents(path.read_text(encoding="utf-8"))
        if len(found) != 1:
            raise DocumentError("a rule is one document")
        return found[0].as_model(RolloutRule)
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"there is no rollout rule of {model!r} to be read", remedy=f"write {path}") from None
    except DocumentError as error:
        raise ConfigError(
            f"the rollout rule of {model!r} cannot be used: {error}", remedy="see docs/rollouts.md"
        ) from None


def _traffic(name: str, settings: Any) -> Any:
    if isinstance(settings, SagemakerEndpointSettings):
        from ...core.systems.aws import aws_client  # noqa: PLC0415 - boto3, an extra
        from ...tools.rollouts.backends.sagemaker_endpoint import SagemakerEndpoint  # noqa: PLC0415 - the same

        return SagemakerEndpoint(
            name, settings.environment, aws_client(settings, "sagemaker"), settings.champion_variant
        )
    from ...tools.rollouts.backends.kubernetes_traffic import (  # noqa: PLC0415 - where one is configured
        KubernetesTraffic,
    )

    return KubernetesTraffic(name, settings)
