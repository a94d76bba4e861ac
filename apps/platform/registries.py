"""Model registries as they are configured: the promoter of an environment, with the credential of that environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.clock import Deadline
from ...core.errors import ConfigError
from ...policies.environments import Environments
from ...policies.freezes import Freezes
from ...tools.models.checks.types import CheckFile, read_check_file
from ...tools.models.moves import MoveBook
from ...tools.models.moving import Mover, Names
from ...tools.models.promotion import Origin, Promoter
from ...tools.models.promotion_tools import PromotionPlace
from ...tools.models.sign_offs import SignOffBook
from ..chosen import Choice

if TYPE_CHECKING:
    from ...tools.models.backends.registry import ModelVersion
    from ...tools.models.backends.settings import RegistrySettings
    from ...tools.models.promotion_types import CheckReport
    from ..installation import Installation

_CHECK_FILE_BYTES = 1_000_000


def promotion_place(installation: Installation, environment: str) -> PromotionPlace:
    """Where models are promoted in an environment; without a registry there, the tools are declared only.

    Raises:
        ConfigError: two environments share a credential, or the registries are wrong otherwise.
    """
    registries = installation.settings.registries
    kind = Environments(installation.settings.gate.environments).kind_of(environment)
    name = next((name for name, one in sorted(registries.items()) if one.environment == environment), None)
    if name is None:
        return PromotionPlace(environment, is_production=kind not in ("development", "staging"))
    check_registries(registries)

    @cache
    def opened() -> Promoter:
        return _promoter(installation, name)

    credential = getattr(registries[name], "token_env", None) or getattr(registries[name], "password_env", None)
    return PromotionPlace(environment, kind not in ("development", "staging"), opened, credential)


def with_moves(installation: Installation, environment: str, live: Mapping[str, Any]) -> dict[str, Any]:
    """The live backends of an environment, with what runs its pipelines; the moves of its models are changes there."""
    if any(one.environment == environment for one in installation.settings.pipelines.values()):
        from .pipelines import place_in  # noqa: PLC0415 - only where pipelines run

        live = {**live, "pipelines": place_in(installation, environment)}
    registries = installation.settings.registries.values()
    settings = next((one for one in registries if one.environment == environment), None)
    if settings is None:
        return dict(live)
    from ...tools.changes.backends.joined import JoinedChanges  # noqa: PLC0415 - only where there is a registry
    from ...tools.changes.backends.model_moves import ModelMoves  # noqa: PLC0415 - the same

    moves = ModelMoves(MoveBook(installation.database, installation.clock), environment, settings.entities)
    others = (live["changes"],) if "changes" in live else ()
    return {**live, "changes": JoinedChanges([*others, moves])}


_REGISTRIES = Choice(
    "no model registry is configured",
    "list one under `[registries.NAME]`",
    "no registry reaches that environment",
    "registries reach several environments",
    "--environment",
)


def environment_to(installation: Installation, named: str | None) -> str:
    """The environment that a person means: the one they name, or the only one that versions come to from another.

    Raises:
        ConfigError: there is no registry, or it has to be chosen.
    """
    return _REGISTRIES.of((one.environment for one in installation.settings.registries.values()), named)


def check_registries(registries: Mapping[str, RegistrySettings], variables: Mapping[str, str] = os.environ) -> None:
    """Refuse registries that could act in one another's environment, or that come from nowhere.

    Raises:
        ConfigError: two environments have one credential, one environment has two registries, or `comes_from` is wrong.
    """
    environments = [one.environment for one in registries.values()]
    if len(set(environments)) < len(environments):
        raise ConfigError("an environment has two model registries", remedy="keep one under `[registries.NAME]`")
    for name, one in registries.items():
        if one.comes_from is not None and (one.comes_from not in registries or one.comes_from == name):
            raise ConfigError(f"registry {name!r} comes from no other one", remedy="correct its `comes_from`")
    for (first, one), (second, other) in combinations(sorted(registries.items()), 2):
        if _proofs(one, variables) & _proofs(other, variables):
            raise ConfigError(
                f"registries {first!r} and {second!r} share a credential", remedy="give each environment one of its own"
            )


def _proofs(settings: Any, variables: Mapping[str, str]) -> set[tuple[str, str]]:
    """What a registry proves itself with: names of places, and what the variables among them hold."""
    found = set()
    for field in ("token_env", "token_file", "password_env", "password_file", "profile"):
        named = getattr(settings, field, None)
        if named is not None:
            found.add((field, str(named)))
            if field.endswith("_env") and variables.get(str(named)):
                found.add(("value", variables[str(named)]))
    return found


def _promoter(installation: Installation, name: str) -> Promoter:
    registries = installation.settings.registries
    settings = registries[name]
    registry = _registry(name, settings)
    book = MoveBook(installation.database, installation.clock)
    mover = Mover(registry, book, Names(settings.prefix, settings.alias))
    if settings.comes_from is None:
        origin, source = Origin(registry, mover.names, is_open=True), registry
    else:
        before = registries[settings.comes_from]
        source = _registry(settings.comes_from, before)
        origin = Origin(source, Names(before.prefix, before.alias), is_open=before.comes_from is None)
    sign_offs = SignOffBook(installation.database, installation.clock)
    freezes = Freezes(installation.settings.gate.freezes)

    def check(
        model: str, version: ModelVersion, champion: int | None, now: datetime, deadline: Deadline
    ) -> CheckReport:
        from ...tools.models.checks.running import run_checks  # noqa: PLC0415 - numpy, which only checks need
        from ...tools.models.checks.seen import Seen  # noqa: PLC0415 - the same
        from .objectives import budgets_in  # noqa: PLC0415 - live systems, which only some check files ask

        def binding() -> tuple[str, ...]:
            team = installation.settings.team
            return freezes.binding(team=team, environment=settings.environment, now=now)

        at = registry.version(mover.names.of(model), champion, deadline) if champion is not None else None
        file = check_file(installation, model)
        asks_budgets = any(one.kind == "slo" for one in file.checks)
        return run_checks(
            Seen(
                file=file,
                version=version,
                champion=at,
                environment=settings.environment,
                source_environment=source.environment,
                reader=source,
                champion_reader=registry,
                sign_offs=sign_offs,
                frozen=binding,
                now=now,
                deadline=deadline,
                budgets=budgets_in(installation, settings.environment) if asks_budgets else None,
                entity=settings.entities.get(model, model),
            )
        )

    return Promoter(mover, origin, check, registry)


def check_file(installation: Installation, model: str) -> CheckFile:
    """The check file of a model.

    Raises:
        ConfigError: there is none, or it cannot be used.
    """
    folder = installation.settings.model_checks
    if folder is None:
        raise ConfigError("no folder of check files is configured", remedy="name it as `model_checks`")
    path = Path(folder) / f"{model}.yaml"
    try:
        if path.stat().st_size > _CHECK_FILE_BYTES:
            raise ConfigError(f"the check file of {model!r} is too large", remedy="a check file is a few kilobytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"there is no check file of {model!r} to be read", remedy=f"write {path}") from None
    return read_check_file(text, model)


def _registry(name: str, settings: Any) -> Any:
    if settings.kind == "sagemaker":
        from ...tools.models.backends.sagemaker import SagemakerRegistry  # noqa: PLC0415 - boto3, an extra

        return SagemakerRegistry(name, settings)
    from ...tools.models.backends.mlflow_server import MlflowServer  # noqa: PLC0415 - only where one is configured

    return MlflowServer(name, settings, settings.environment, settings.artifacts)
