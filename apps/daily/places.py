"""What the configuration watches, as checks, and the systems that they are asked of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...agents.platform.types import CheckKind, PlatformCheck
from ...core.clock import to_iso
from ...core.errors import ConfigError, OpswardenError
from ...tools.spec import AnyTool
from ..boundaries import usual_environment
from ..installation import Installation

_RECENT = timedelta(minutes=30)
FILES = "files"


@dataclass(frozen=True)
class Place:
    """A system that checks are asked of: its environment and its tools."""

    environment: str
    tools: tuple[AnyTool, ...]


@dataclass
class Watched:
    """Everything that a day looks at.

    Args:
        places: by name; a place that cannot be opened is not among them.
        checks: in the order of the configuration; those of such a place carry the problem.
        not_covered: what the installation has and nobody watches.
    """

    places: dict[str, Place] = field(default_factory=dict[str, Place])
    checks: list[PlatformCheck] = field(default_factory=list[PlatformCheck])
    not_covered: list[str] = field(default_factory=list[str])

    def add(
        self, place: str, kind: CheckKind, subject: str, tool: str, args: dict[str, Any], problem: str = ""
    ) -> None:
        """One more check."""
        self.checks.append(
            PlatformCheck(
                name=f"{kind} {subject}",
                kind=kind,
                subject=subject,
                tool=tool,
                args=args,
                place=place,
                problem=problem,
            )
        )

    def open(self, name: str, make: Callable[[], Place]) -> str:
        """Open a place; the problem if it cannot be opened, which must not stop the checks of other places."""
        try:
            self.places[name] = make()
        except OpswardenError as error:
            return error.message
        except Exception as error:  # noqa: BLE001 - a client library's own error is that of this place alone
            return f"it cannot be opened: {type(error).__name__}"
        return ""


def watched(installation: Installation, at: datetime) -> Watched:
    """Read the section `platform` of an installation.

    Raises:
        ConfigError: nothing is watched.
    """
    found = Watched()
    _files(installation, found, at)
    for environment in installation.settings.platform.slos:
        _slos(installation, found, environment, at)
    for name in sorted(installation.settings.platform.payments):
        _payments(installation, found, name, at)
    for store, views in sorted(installation.settings.platform.features.items()):
        _features(installation, found, store, views)
    for registry, models in sorted(installation.settings.platform.champions.items()):
        _champions(installation, found, registry, models)
    for system, pipelines in sorted(installation.settings.platform.pipelines.items()):
        _pipelines(installation, found, system, pipelines)
    if not found.checks:
        raise ConfigError("nothing is watched", remedy="name tables, models, views, … in the section `platform`")
    found.not_covered += _rest(installation)
    return found


def _files(installation: Installation, found: Watched, at: datetime) -> None:
    from ...tools.drift.backends.files import FileRows, ScoredFiles  # noqa: PLC0415 - numpy, which only a check needs
    from ...tools.drift.tools import drift_tools  # noqa: PLC0415 - the same
    from ...tools.quality.backends.files import FileTables, WatchedFiles  # noqa: PLC0415 - the same
    from ...tools.quality.tools import quality_tools  # noqa: PLC0415 - the same

    settings, environment = installation.settings.platform, usual_environment(installation.settings.gate)
    tables = {
        name: WatchedFiles(one.book, one.days, has_days=True, due_s=one.due_hours * 3_600)
        for name, one in settings.tables.items()
    }
    rows = {
        name: ScoredFiles(
            one.reference, one.window, one.score, one.label, one.labels, one.key, one.time, one.segments, one.ignored
        )
        for name, one in settings.scored.items()
    }
    found.places[FILES] = Place(
        environment,
        (
            *quality_tools(FileTables(tables, environment, installation.clock.now)),
            *drift_tools(FileRows(rows, environment)),
        ),
    )
    for name in sorted(tables):
        found.add(FILES, "quality", name, "quality.check", {"table": name, "limit": 20})
    for name, one in sorted(settings.scored.items()):
        args: dict[str, Any] = {"model": name, "margin": one.margin}
        if one.last_hours is not None:
            args |= {"start": to_iso(at - timedelta(hours=one.last_hours)), "end": to_iso(at)}
        found.add(FILES, "drift", name, "drift.compare", args)


def _slos(installation: Installation, found: Watched, environment: str, at: datetime) -> None:
    def opened() -> Place:
        from ...tools.slo.backends.declared import DeclaredSlos  # noqa: PLC0415 - only where objectives are watched
        from ...tools.slo.tools import slo_tools  # noqa: PLC0415 - the same
        from ..live.systems import environment_of, live_backends, surroundings_of  # noqa: PLC0415 - the same
        from ..platform.objectives import declared_slos  # noqa: PLC0415 - the same

        where = environment_of(installation.settings.systems, environment)
        live = live_backends(installation.settings.systems, where, surroundings_of(installation))
        if "metrics" not in live:
            raise ConfigError("no configured system holds metrics", remedy="list one under `systems`")
        return Place(where, slo_tools(DeclaredSlos(where, declared_slos(installation)), live["metrics"]))

    place = f"slo-{environment}"
    args = {"start": to_iso(at - _RECENT), "end": to_iso(at), "entities": []}
    found.add(place, "slo", environment, "slo.burn", args, found.open(place, opened))


def _payments(installation: Installation, found: Watched, name: str, at: datetime) -> None:
    def opened() -> Place:
        from ..catalogue import with_the_rest  # noqa: PLC0415 - only where payments are watched
        from ..platform.fraud import payments_place  # noqa: PLC0415 - the same

        environment, tools = payments_place(installation, name)
        return Place(environment, with_the_rest(installation, environment, tools))

    place = f"payments-{name}"
    problem, until = found.open(place, opened), {"until": to_iso(at)}
    found.add(place, "chargebacks", name, "outcomes.chargebacks", until, problem)
    if installation.settings.platform.payments[name].programmes is not None:
        found.add(place, "programmes", name, "outcomes.programmes", until, problem)


def _features(installation: Installation, found: Watched, store: str, views: Sequence[str]) -> None:
    from ..catalogue import with_the_rest  # noqa: PLC0415 - every tool there is

    listed: list[str] = list(views)

    def opened() -> Place:
        from ...tools.features.store_tools import store_tools  # noqa: PLC0415 - only where a store is watched
        from ..platform.features import store_name, store_place, view_names  # noqa: PLC0415 - the same

        place = store_place(installation, store_name(installation, store))
        if not listed:
            listed.extend(view_names(installation, store))
        if not listed:
            raise ConfigError("the store has no view", remedy="name views that exist")
        return Place(place.environment, with_the_rest(installation, place.environment, store_tools(place)))

    place = f"store-{store}"
    problem = found.open(place, opened)
    for view in listed or ("*",):
        found.add(place, "freshness", f"{store}/{view}", "features.freshness", {"view": view}, problem)
        found.add(place, "parity", f"{store}/{view}", "features.parity", {"view": view}, problem)


def _champions(installation: Installation, found: Watched, registry: str, models: Sequence[str]) -> None:
    def opened() -> Place:
        from ...tools.models.promotion_tools import promotion_tools  # noqa: PLC0415 - only where one is watched
        from ..catalogue import with_the_rest  # noqa: PLC0415 - the same
        from ..platform.registries import promotion_place  # noqa: PLC0415 - the same

        known = installation.settings.registries
        if registry not in known:
            raise ConfigError("there is no registry of this name", remedy="list it under `[registries.NAME]`")
        place = promotion_place(installation, known[registry].environment)
        return Place(place.environment, with_the_rest(installation, place.environment, promotion_tools(place)))

    place = f"registry-{registry}"
    problem = found.open(place, opened)
    for model in models:
        found.add(place, "registry", f"{registry}/{model}", "models.history", {"model": model}, problem)


def _pipelines(installation: Installation, found: Watched, system: str, pipelines: Sequence[str]) -> None:
    def opened() -> Place:
        from ...tools.pipelines.tools import pipeline_tools  # noqa: PLC0415 - only where pipelines are watched
        from ..catalogue import with_the_rest  # noqa: PLC0415 - the same
        from ..platform.pipelines import pipeline_place, pipelines_name  # noqa: PLC0415 - the same

        place = pipeline_place(installation, pipelines_name(installation, system))
        return Place(place.environment, with_the_rest(installation, place.environment, pipeline_tools(place)))

    place = f"pipelines-{system}"
    args = {"pipelines": list(pipelines), "limit": 200}
    found.add(place, "pipelines", system, "pipelines.late", args, found.open(place, opened))


def _rest(installation: Installation) -> list[str]:
    """What there is and nobody watches; and kinds of checks that watch nothing."""
    settings, platform = installation.settings, installation.settings.platform
    rest = [f"feature store {name}" for name in sorted(set(settings.feature_stores) - set(platform.features))]
    rest += [f"pipelines {name}" for name in sorted(set(settings.pipelines) - set(platform.pipelines))]
    rest += [f"registry {name}" for name in sorted(set(settings.registries) - set(platform.champions))]
    entries = installation.catalogue.entries if installation.catalogue is not None else ()
    if any(entry.slos for entry in entries):
        environments = {system.environment for system in settings.systems.values()}
        rest += [f"objectives in {name}" for name in sorted(environments - set(platform.slos))]
    kinds = (
        ("tables", platform.tables, ()),
        ("scored rows", platform.scored, ()),
        ("payments", platform.payments, ()),
        ("feature stores", platform.features, settings.feature_stores),
        ("registries", platform.champions, settings.registries),
        ("pipelines", platform.pipelines, settings.pipelines),
        ("objectives", platform.slos, [name for name in rest if name.startswith("objectives")]),
    )
    # A store that exists is named above; here stand kinds of which there is nothing at all.
    return rest + [f"any {name}" for name, watched_ones, there in kinds if not watched_ones and not there]
