"""What runs pipelines, as it is configured, what rests on them, and what is asked of it all through the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ...core.canonical import JsonValue
from ...core.clock import Deadline
from ...core.errors import BackendError, InputError
from ...policies.types import Principal, Run
from ...tools.pipelines.backends.jobs import JobSystem, Retries
from ...tools.pipelines.place import FedModel, FedView, Feeding, PipelinePlace
from ...tools.pipelines.tools import pipeline_tools
from .. import installation as house
from ..catalogue import with_the_rest
from ..chosen import Choice
from ..wiring import gate_factory
from .models import ROLE, Asked

if TYPE_CHECKING:
    from ...tools.topology.backends.types import TopologyBackend


_SYSTEMS = Choice(
    "nothing that runs pipelines is configured",
    "list it under `[pipelines.NAME]`",
    "nothing of this name runs pipelines",
    "several systems run pipelines",
    "--system",
)


def pipelines_name(installation: house.Installation, named: str | None) -> str:
    """The system that a person means: the one they name, or the only one.

    Raises:
        ConfigError: there is none, or it has to be chosen.
    """
    return _SYSTEMS.of(installation.settings.pipelines, named)


def pipeline_place(installation: house.Installation, name: str) -> PipelinePlace:
    """Where the pipelines of one configured system are."""
    settings = installation.settings.pipelines[name]

    @cache
    def opened() -> JobSystem:
        return _opened(installation, name)

    def retries() -> Retries:
        found = opened()
        assert isinstance(found, Retries), "looked at below"  # noqa: S101 - for the type checker
        return found

    live = _live(installation, settings.environment)
    credential = getattr(settings, "token_env", None) or getattr(settings, "password_env", None)
    return PipelinePlace(
        settings.environment,
        opened,
        retries if settings.kind in _RETRYING else None,
        settings.rules,
        live.get("changes"),
        feeding_of(installation, settings.environment, live.get("topology")),
        credential_env=credential,
    )


def place_in(installation: house.Installation, environment: str) -> PipelinePlace | None:
    """That of an environment: of its first system by name; `None` if none is configured there."""
    names = (name for name, one in sorted(installation.settings.pipelines.items()) if one.environment == environment)
    name = next(names, None)
    return None if name is None else pipeline_place(installation, name)


def feeding_of(installation: house.Installation, environment: str, topology: TopologyBackend | None = None) -> Feeding:
    """What may rest on pipelines in an environment: feature stores, registries, whoever calls a model."""
    stores = sorted(
        name for name, one in installation.settings.feature_stores.items() if one.environment == environment
    )
    registry = next(
        (name for name, one in sorted(installation.settings.registries.items()) if one.environment == environment), None
    )

    def views(deadline: Deadline) -> Sequence[FedView]:
        from .features import store_place  # noqa: PLC0415 - a store, which only this needs

        return [
            FedView(each.name, tuple(each.features), each.sources, each.depends_on, each.ttl_s)
            for name in stores
            for each in store_place(installation, name).store().views(deadline)
        ]

    def models(deadline: Deadline) -> Sequence[FedModel]:
        return _models(installation, registry or "", environment, deadline)

    def callers(entity: str, deadline: Deadline) -> Sequence[str]:
        assert topology is not None, "looked at below"  # noqa: S101 - for the type checker
        edges = topology.edges(deadline)
        pairs = zip(edges["caller"].to_pylist(), edges["callee"].to_pylist(), strict=True)
        return sorted({caller for caller, callee in pairs if callee == entity})

    return Feeding(
        views if stores else None,
        models if registry is not None else None,
        callers if topology is not None else None,
    )


def ask_pipelines(
    installation: house.Installation,
    system: str,
    tool: str,
    args: Mapping[str, JsonValue],
    run_id: str | None = None,
) -> Asked:
    """One call of a pipeline tool on behalf of whoever is at the keyboard.

    Args:
        installation: whose pipelines.
        system: what runs them, by its name in the configuration.
        tool: its name.
        args: of the tool.
        run_id: of a run that waited for a person, to go on with the very same call.
    """
    place = pipeline_place(installation, system)
    names = (*place.rules, *(str(args[name]) for name in ("pipeline", "task") if args.get(name)))
    run = Run(
        id=run_id or installation.ids.new("run"),
        principal=Principal(ROLE, f"person:{house.current_person()}", installation.settings.team),
        trigger="cli",
        environment=place.environment,
        audience_team=installation.settings.team,
        known_names=tuple(dict.fromkeys(names)),
        # What they typed is where the arguments come from. Without roles it is no leave: another person still agrees.
        request=", ".join(f"{name} {value}" for name, value in args.items() if value not in ("", None)),
    )
    gate = gate_factory(installation, with_the_rest(installation, place.environment, pipeline_tools(place))).open_run(
        run
    )
    result = gate.call(tool, dict(args), call_id="asked")
    if not result.approval_id:
        gate.end("reported" if result.status in ("ok", "no_data", "truncated") else "failed")
    return Asked(run.id, result)


def check_pipelines(system: str | None = None, *pipelines: str) -> bool:
    """For CI and other pipelines: whether none is late, stuck or failed; recorded like any other call.

    Raises:
        OpswardenError: it could not be checked. That is no pass.
    """
    from .features import summary_of  # noqa: PLC0415 - what a call came to

    with house.open_installation() as installation:
        name = pipelines_name(installation, system)
        asked = ask_pipelines(installation, name, "pipelines.late", {"pipelines": list(pipelines), "limit": 200})
    found = summary_of(asked)
    return found is not None and found["in_trouble"] == 0


def _live(installation: house.Installation, environment: str) -> Mapping[str, Any]:
    """The systems of the environment that tell of changes and of who calls whom; none where none is configured."""
    systems = installation.settings.systems
    if not any(one.environment == environment for one in systems.values()):
        return {}
    from ..live.systems import live_backends, surroundings_of  # noqa: PLC0415 - only where a system is read live

    return live_backends(systems, environment, surroundings_of(installation))


def _opened(installation: house.Installation, name: str) -> JobSystem:
    return _OPENED[installation.settings.pipelines[name].kind](
        installation, name, installation.settings.pipelines[name]
    )


# Everything below imports what it makes only where it is configured.


def _airflow(installation: house.Installation, name: str, settings: Any) -> JobSystem:
    from ...tools.pipelines.backends.airflow import Airflow  # noqa: PLC0415
    from ...tools.pipelines.backends.airflow_token import TokenProof  # noqa: PLC0415

    proof = TokenProof(name, settings, installation.clock)
    return Airflow(_client(installation, name, settings, proof), settings, proof)


def _argo(installation: house.Installation, name: str, settings: Any) -> JobSystem:
    from ...tools.pipelines.backends.argo_workflows import ArgoWorkflows  # noqa: PLC0415

    return ArgoWorkflows(_client(installation, name, settings), settings)


def _databricks(installation: house.Installation, name: str, settings: Any) -> JobSystem:
    from ...tools.pipelines.backends.databricks import Databricks  # noqa: PLC0415

    return Databricks(_client(installation, name, settings), settings)


def _sagemaker(installation: house.Installation, name: str, settings: Any) -> JobSystem:
    from ...core.systems.aws_api import AwsApi  # noqa: PLC0415
    from ...tools.pipelines.backends.sagemaker_pipelines import SagemakerPipelines  # noqa: PLC0415
    from ..live.systems import signed_client_of, surroundings_of  # noqa: PLC0415

    def api(service: str, prefix: str, own: Any) -> AwsApi:
        fresh = own.model_copy(update={"shared_s": 0.0})
        return AwsApi(signed_client_of(name, fresh, surroundings_of(installation), service), prefix, "1.1")

    logs = api("logs", "Logs_20140328", settings.for_logs())
    return SagemakerPipelines(api("sagemaker", "SageMaker", settings), logs, settings)


def _files(_installation: house.Installation, name: str, settings: Any) -> JobSystem:
    from ...tools.pipelines.backends.held_jobs import FileJobs  # noqa: PLC0415

    try:
        return FileJobs(settings.folder, settings.environment, name)
    except InputError as error:
        raise BackendError(error.message, remedy=error.remedy) from error


def _client(installation: house.Installation, name: str, settings: Any, proof: Any = None) -> Any:
    """Nothing is shared: what was cleared a second ago is read back."""
    from ...core.systems.client import SystemClient  # noqa: PLC0415

    own = settings.model_copy(update={"shared_s": 0.0})
    more = {"proof": proof} if proof is not None else {}
    return SystemClient(name, own, installation.state.locks, clock=installation.clock, **more)


_RETRYING = ("airflow", "sagemaker-pipelines")
_OPENED: Mapping[str, Callable[[house.Installation, str, Any], JobSystem]] = {
    "airflow": _airflow,
    "argo-workflows": _argo,
    "databricks": _databricks,
    "sagemaker-pipelines": _sagemaker,
    "files": _files,
}


def _models(
    installation: house.Installation, registry: str, environment: str, deadline: Deadline
) -> Sequence[FedModel]:
    """The champions of the models that are watched or checked here, with what they want to be fed."""
    from .registries import promotion_place  # noqa: PLC0415 - a registry, which only this needs

    settings = installation.settings
    names = set(settings.platform.champions.get(registry, ()))
    if settings.model_checks is not None:
        names |= {path.stem for path in settings.model_checks.glob("*.yaml")}
    opened = promotion_place(installation, environment).open
    if opened is None or not names:
        return []
    promoter = opened()
    mover, found = promoter.mover, []
    for name in sorted(names):
        at = mover.look(name, deadline).at
        version = mover.registry.version(mover.names.of(name), at, deadline) if at is not None else None
        signature = promoter.signature(version, deadline) if version is not None else None
        entity = settings.registries[registry].entities.get(name, name)
        found.append(FedModel(name, frozenset(signature or ()), entity))
    return found
