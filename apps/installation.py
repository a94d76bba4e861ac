"""The parts that every run of one installation shares: keys, database, ledger, redaction."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from ..core.clock import Clock, SystemClock
from ..core.database import Database
from ..core.holds import Held
from ..core.ids import IdSource, TimeOrderedIds
from ..core.keys import StoredKeys
from ..core.state import StateDirectory, open_state
from ..core.systems.kept_answers import AnswerFolder
from ..policies.approvals import ApprovalStore
from ..policies.artifacts import ArtifactStore
from ..policies.emergencies import Emergencies
from ..policies.endorsements import Endorsements
from ..policies.holds import Holds
from ..policies.incident_labels import IncidentLabels
from ..policies.ledger.fallback import FallbackJournal
from ..policies.ledger.postgres import open_ledger
from ..policies.ledger.sqlite import SqliteLedger
from ..policies.shared_artifacts import SharedArtifacts
from ..policies.stop_file import StopFile
from ..policies.switches import KillSwitch
from ..redaction.engine import Redaction
from ..redaction.settings import redaction_of
from ..redaction.vault import SqliteVault
from ..tools.mcp.acceptance import Acceptances
from ..tools.mcp.tools import foreign_tools
from ..tools.owners.backends.files import read_catalogue
from ..tools.owners.catalogue import Catalogue
from .databases import database_of, refuse_newer
from .keeping.queue_retention import forget_queue
from .keeping.retention import Due, artifacts_of, due_now, expire, run_artifacts
from .keys import open_keys
from .packages import Registry, load_packages
from .redaction_names import check_redaction_names
from .settings import Settings, load_settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from ..policies.embedding import Embedding


@dataclass(frozen=True)
class Installation:
    """One state directory and what lives in it; every part is made when it is first asked for."""

    settings: Settings
    state: StateDirectory
    clock: Clock
    ids: IdSource

    @cached_property
    def keys(self) -> StoredKeys:
        """The installation's keys; made at the first run."""
        return open_keys(self.settings.keys, self.state, self.clock)

    @cached_property
    def database(self) -> Database:
        """The one database.

        Raises:
            ConfigError: a newer version wrote it.
        """
        database = database_of(self.settings.database, self.state)
        refuse_newer(database)
        return database

    @cached_property
    def ledger(self) -> SqliteLedger:
        """The ledger."""
        return open_ledger(self.database, self.keys, self.clock)

    @cached_property
    def fallback(self) -> FallbackJournal:
        """Where reads are recorded while the ledger is down."""
        return FallbackJournal(self.state.fallback_journal, self.keys, self.clock)

    @cached_property
    def registry(self) -> Registry:
        """What the listed packages add, and the listed tools of other MCP servers."""
        registry = replace(self._packages, tools=dict(self._packages.tools))
        for tool in foreign_tools(self.settings.mcp_servers, self.acceptances) if self.settings.mcp_servers else ():
            registry.add_tool(tool)
        return registry

    @cached_property
    def _packages(self) -> Registry:
        return load_packages(self.settings.packages)

    @property
    def acceptances(self) -> Acceptances:
        """What people have accepted of other MCP servers' tools."""
        return Acceptances(self.state.mcp_servers, self.redaction.scrub)

    @cached_property
    def redaction(self) -> Redaction:
        """The redaction of every exit."""
        # Not of the registry, which asks for this while tools of other MCP servers are put into it.
        check_redaction_names(self.settings, self._packages.senders)
        return redaction_of(self.settings.redaction, self._packages.recognizers)

    @cached_property
    def vault(self) -> SqliteVault:
        """What runs may put back."""
        return SqliteVault(
            self.database, self.keys, self.clock, ttl_s=self.settings.redaction.vault_ttl_s, held=self._held
        )

    @cached_property
    def artifacts(self) -> ArtifactStore:
        """Full results of tool calls."""
        return ArtifactStore(
            self.state.artifacts,
            self.keys,
            self.clock,
            self.ids,
            ttl_s=self.settings.gate.artifact_ttl_s,
            held=self._held,
            shared=SharedArtifacts(self.database) if self.database.dialect != "sqlite" else None,
        )

    @cached_property
    def approvals(self) -> ApprovalStore:
        """What waits for people."""
        return ApprovalStore(
            self.database,
            self.ledger,
            self.keys,
            self.clock,
            self.ids,
            self.redaction.scrub,
            ttl_s=self.settings.gate.approval_ttl_s,
        )

    @cached_property
    def endorsements(self) -> Endorsements:
        """Values that people have endorsed."""
        return Endorsements(self.database, self.ledger, self.keys, self.clock, self.approvals, self.redaction.scrub)

    @cached_property
    def switch(self) -> KillSwitch:
        """The kill switch for writes."""
        return KillSwitch(self.database, self.ledger, self.clock, self.redaction.scrub)

    @cached_property
    def stop(self) -> StopFile:
        """The kill switch that needs no database."""
        return StopFile(self.settings.stop or self.state.stop, self.settings.gate.local_audiences)

    @cached_property
    def emergencies(self) -> Emergencies:
        """Emergency access."""
        return Emergencies(
            self.database,
            self.ledger,
            self.keys,
            self.clock,
            self.ids,
            self.redaction.scrub,
            self.settings.gate.emergency,
        )

    @cached_property
    def incident_labels(self) -> IncidentLabels:
        """What incidents turned out to be."""
        return IncidentLabels(self.database, self.ledger, self.clock, self.redaction.scrub)

    @cached_property
    def telemetry(self) -> TracerProvider | None:
        """Spans, cleaned before they leave; `None` unless an endpoint is configured."""
        endpoint = self.settings.telemetry.otlp_endpoint
        if endpoint is None:
            return None
        from ..core.telemetry import otlp_exporter, tracer_provider  # noqa: PLC0415 - only where telemetry is wanted
        from ..redaction.spans import ScrubbingSpanExporter  # noqa: PLC0415 - the same

        exporter = ScrubbingSpanExporter(self.redaction, otlp_exporter(endpoint))
        return tracer_provider([exporter], service_version=version("opswarden"))

    @cached_property
    def catalogue(self) -> Catalogue | None:
        """The operator's service catalogue, where one is configured.

        Raises:
            ConfigError: it does not exist, or something in it is wrong.
        """
        path = self.settings.catalogue.path
        return read_catalogue(path) if path is not None else None

    @cached_property
    def embedding(self) -> Embedding | None:
        """The model that makes vectors of texts, where one is configured.

        Raises:
            ConfigError: no listed package adds it.
        """
        settings = self.settings.runbook_embeddings
        if settings.endpoint is None and settings.local is None:
            return None
        from .runbooks.embedding import embedding_of  # noqa: PLC0415 - only where one is configured

        return embedding_of(self.settings, lambda: self.registry, self.clock)

    def of_team(self, team: str) -> Installation:
        """The same installation at work for another team; both share what is open."""
        if team == self.settings.team:
            return self
        shared = (
            "keys",
            "database",
            "ledger",
            "fallback",
            "registry",
            "redaction",
            "vault",
            "artifacts",
            "telemetry",
            "embedding",
        )
        for name in shared:
            getattr(self, name)
        other = replace(self, settings=self.settings.model_copy(update={"team": team}))
        other.__dict__.update({name: self.__dict__[name] for name in shared})
        return other

    @cached_property
    def holds(self) -> Holds:
        """What may not expire."""
        return Holds(
            self.database, self.ledger, self.clock, self.redaction.scrub, roles=self.settings.ledger.erase_roles
        )

    def _held(self) -> Held:
        return self.holds.held()

    def tidy(self) -> None:
        """Delete what has expired and is not on hold, in every store that has a time of its own.

        Raises:
            LedgerError: it cannot be known what is on hold; then nothing is deleted.
        """
        held = self._held()
        AnswerFolder(self.state.answers, self.keys.secret("answers"), self.clock).purge()
        if held.is_everything:
            return
        due = due_now(self.database, self.clock, self.settings.retention, held)
        self.artifacts.purge(artifacts_of(self.database, held.runs), self._sooner_artifacts(due))
        expire(self.state, self.database, due)
        forget_queue(self, due)
        self.vault.purge(partial(due.sooner, "vault") if due.shortens else None)

    def _sooner_artifacts(self, due: Due) -> Callable[[str], timedelta | None] | None:
        """How long each full result is kept, where that is less than is written in it."""
        if not due.shortens:
            return None
        runs: dict[str, list[str]] = {}
        for artifact, run_id in run_artifacts(self.database):
            runs.setdefault(artifact, []).append(run_id)
        return lambda artifact_id: due.sooner("artifacts", runs.get(artifact_id, ()))

    def close(self) -> None:
        """Flush what waits and let go of the files."""
        if "telemetry" in self.__dict__ and self.telemetry is not None:
            self.telemetry.shutdown()
        if self.__dict__.get("embedding") is not None:
            self.__dict__["embedding"].model.close()
        if "database" in self.__dict__:
            self.database.close()

    def __enter__(self) -> Installation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_installation(settings: Settings | None = None, clock: Clock | None = None) -> Installation:
    """Open the installation that the settings name; its state directory is made if it is new.

    Raises:
        ConfigError: the settings or the state directory cannot be used.
    """
    settings = settings or load_settings()
    clock = clock or SystemClock()
    return Installation(settings, open_state(settings.state_dir), clock, TimeOrderedIds(clock))


@contextmanager
def open_state_only() -> Iterator[Database]:
    """The database as it is, without making, changing or refusing anything in it.

    Raises:
        ConfigError: the settings or the state directory cannot be used.
    """
    settings = load_settings()
    database = database_of(settings.database, open_state(settings.state_dir))
    try:
        yield database
    finally:
        database.close()


def current_person() -> str:
    """Who is at the keyboard, as far as the operating system says: whose process this is.

    Embedded mode knows no better; see docs/gate.md.
    """
    try:
        import pwd  # noqa: PLC0415 - not on every system

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return getpass.getuser()
