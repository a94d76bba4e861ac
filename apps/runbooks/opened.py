"""Runbooks behind a gate: of the settings or of a folder, beside a snapshot, live systems or nothing."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ...core.canonical import JsonValue
from ...core.clock import Deadline
from ...core.errors import CallDenied, ConfigError, InputError
from ...policies.gate import RunGate
from ...policies.types import CallResult, ModelTransport, Principal, Run
from ...tools.features.store_tools import store_tools, views_tool
from ...tools.models.promotion_tools import promotion_tools
from ...tools.runbooks.backends.folder import FolderRunbooks
from ...tools.runbooks.backends.past import PastPages
from ...tools.runbooks.backends.snapshot import SnapshotRunbooks
from ...tools.runbooks.follow_tool import runbook_follow_tool
from ...tools.runbooks.library import RunbookLibrary
from ...tools.runbooks.match_tool import runbook_match_tool
from ...tools.runbooks.tools import runbooks_tools
from ...tools.snapshots.manifest import Manifest
from ...tools.snapshots.store import SnapshotStore, read_manifest
from ...tools.spec import AnyTool
from ..installation import Installation, current_person
from ..live.incident import incident_of_window, keep_incident
from ..live.systems import TABLE_OF, environment_of, live_backends, surroundings_of
from ..past_runs import PastRuns
from ..platform.registries import promotion_place, with_moves
from ..wiring import gate_factory, names_of, tools_of
from .library import library_of, rules_of

ROLE = "runbooks"
_DEADLINE_S = 60.0


@dataclass(frozen=True)
class Where:
    """What to look at.

    Args:
        folder: of runbooks, instead of the one in the settings.
        snapshot: a snapshot to hold pages against; its pages count where no folder is named anywhere.
        is_live: whether to hold them against the configured systems.
        past: whether past incidents are searched instead of runbooks.
        kept: the folder of a live incident of before, whose moments count; the configured systems are asked.
    """

    folder: Path | None = None
    snapshot: Path | None = None
    is_live: bool = False
    past: bool = False
    kept: Path | None = None


@dataclass(frozen=True)
class OpenRunbooks:
    """Runbooks, the gate through which they are asked, what they are held against, and models that may be asked."""

    installation: Installation
    library: RunbookLibrary
    gate: RunGate
    tools: tuple[AnyTool, ...]
    store: SnapshotStore | None
    folder: Path | None
    models: tuple[str, ...] = ()
    is_live: bool = False

    def call(self, tool: str, args: Mapping[str, JsonValue], call_id: str) -> CallResult:
        """Call a tool through the gate.

        Raises:
            CallDenied: the policies do not let anybody read this.
        """
        result = self.gate.call(tool, args, call_id=call_id)
        if result.status == "denied":
            raise CallDenied(
                f"{tool}: {result.message}",
                code=result.code,
                remedy=f"see `opswarden policy explain {tool} --role {ROLE}`",
            )
        return result

    def deadline(self) -> Deadline:
        """A minute from now."""
        return Deadline(self.installation.clock, _DEADLINE_S)


@contextmanager
def opened(
    installation: Installation,
    where: Where,
    *,
    by: str = "",
    trigger: str = "cli",
    role: str = ROLE,
    run_id: str = "",
    transports: Sequence[ModelTransport] = (),
) -> Iterator[OpenRunbooks]:
    """Open runbooks and a gate for one run of the role `runbooks`.

    Args:
        installation: whose runbooks.
        where: what to look at.
        by: on whose behalf, `person:<name>` or `system:<trigger>`; the person at the terminal if empty.
        trigger: what started it.
        role: as which agent.
        run_id: of a run to go on with; a new one if empty.
        transports: of models that may be asked.

    Raises:
        InputError: there are no runbooks anywhere.
        ConfigError: the settings, or a policy, are wrong.
    """
    store, live = _surroundings(installation, where)
    with closing(store) if store is not None else _nothing():
        environment = store.manifest.environment if store is not None else "default"
        library = _library(installation, where, store, environment)
        with closing(library):
            run = Run(
                id=run_id or installation.ids.new("run"),
                principal=Principal(role, by or f"person:{current_person()}", installation.settings.team),
                trigger=trigger,
                known_names=_names(installation, store),
                environment=store.manifest.environment if store is not None else None,
                audience_team=installation.settings.team,
            )
            yield _opened(installation, where, store, live, library, run, transports)


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


def _opened(
    installation: Installation,
    where: Where,
    store: SnapshotStore | None,
    live: Mapping[str, Any],
    library: RunbookLibrary,
    run: Run,
    transports: Sequence[ModelTransport],
) -> OpenRunbooks:
    own = (*runbooks_tools(library), runbook_match_tool(library), runbook_follow_tool(library))
    names = {tool.name for tool in own}
    around = tools_of(installation, store, live=live)
    tools = (*(tool for tool in around if tool.name not in names), *own)
    names |= {tool.name for tool in tools}
    if any(each.environment == run.environment for each in installation.settings.registries.values()):
        promoting = promotion_tools(promotion_place(installation, str(run.environment)))
        tools = (*tools, *(tool for tool in promoting if tool.name not in names))
    tools = (*tools, *_stores(installation, run.environment, names))
    gate = gate_factory(installation, tools, transports=transports).open_run(run)
    folder = None if where.past else where.folder or installation.settings.runbooks
    models = tuple(each.endpoint.name for each in transports)
    is_live = where.is_live or where.kept is not None
    return OpenRunbooks(installation, library, gate, tools, store, folder, models, is_live)


def _stores(installation: Installation, environment: str | None, names: Container[str]) -> tuple[AnyTool, ...]:
    """The tools that read the one feature store of an environment; nothing where there is none, or several."""
    stores = [name for name, each in installation.settings.feature_stores.items() if each.environment == environment]
    if len(stores) != 1:
        return ()
    from ..platform.features import store_place  # noqa: PLC0415 - only where there is a store

    place = store_place(installation, stores[0])
    return tuple(tool for tool in (*store_tools(place), views_tool(place)) if tool.name not in names)


def _names(installation: Installation, store: SnapshotStore | None) -> tuple[str, ...]:
    if store is not None:
        return tuple(names_of(installation, store))
    return installation.catalogue.known_names() if installation.catalogue else ()


def _surroundings(installation: Installation, where: Where) -> tuple[SnapshotStore | None, Mapping[str, Any]]:
    if where.snapshot is not None:
        return SnapshotStore(where.snapshot), {}
    if where.kept is not None:
        return _live(installation, read_manifest(where.kept), where.kept)
    if not where.is_live:
        return None, {}
    settings = installation.settings
    if not settings.systems:
        raise ConfigError("no system is configured", remedy="list systems as `[systems.NAME]`, or name a --snapshot")
    environment = environment_of(settings.systems, None)
    now = installation.clock.now()
    hour = timedelta(hours=1)
    manifest = incident_of_window(now - hour, now, environment, now, settings.live)
    folder = keep_incident(manifest, installation.state, installation.ids, installation.redaction.scrub)
    return _live(installation, manifest, folder)


def _live(installation: Installation, manifest: Manifest, folder: Path) -> tuple[SnapshotStore, Mapping[str, Any]]:
    environment = manifest.environment
    live = live_backends(installation.settings.systems, environment, surroundings_of(installation, manifest))
    live = with_moves(installation, environment, live)
    return SnapshotStore(folder, elsewhere=frozenset(TABLE_OF[domain] for domain in live)), live


def _library(installation: Installation, where: Where, store: SnapshotStore | None, environment: str) -> RunbookLibrary:
    rules = rules_of(installation.settings.runbook_rules)
    if where.past:
        team = installation.settings.team
        return RunbookLibrary(PastPages(PastRuns(installation.database), team, environment))
    if where.folder is not None:
        return RunbookLibrary(FolderRunbooks(where.folder, environment), rules=rules, catalogue=installation.catalogue)
    library = library_of(installation, environment)
    if library is not None:
        return library
    if store is None:
        raise InputError(
            "there are no runbooks", remedy="name a folder as `runbooks` in the settings, or with --folder"
        )
    return RunbookLibrary(SnapshotRunbooks(store), rules=rules, catalogue=installation.catalogue)
