"""What the tools of an MCP session read: one snapshot, or running systems as they are when the session begins."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...policies.engine import CedarEngine
from ...policies.gate import LocalGateFactory, RunGate
from ...policies.types import Audience, Notice, Principal, Run
from ...tools.snapshots.store import SnapshotStore
from ...tools.spec import AnyTool
from ..installation import Installation
from ..live.incident import incident_of_service, keep_incident
from ..live.systems import TABLE_OF, environment_of, live_backends, surroundings_of
from ..people.callers import Caller
from ..platform.registries import with_moves
from ..wiring import gate_factory, learn_live_names, names_of, policy_engine, tools_of

AUDIENCE = "mcp"
"""The kind of audience that an MCP client is."""


class _Returned:
    """Delivers an answer by handing it back; implements `Sender`."""

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """The protocol carries it."""
        return "returned"


@dataclass(frozen=True)
class Opened:
    """A gate for one session, and what has to be closed with it."""

    gate: RunGate
    store: AbstractContextManager[Any]


class Source:
    """Opens gates for sessions over a snapshot, or over the systems of one environment.

    Args:
        installation: whose settings count.
        snapshot: a folder; running systems are read without one.
        environment: of the systems, where they reach several; with a snapshot, the only one to change something in.
        foreign: tools of other servers beside ours.

    Raises:
        ConfigError: there is nothing to read.
        InputError: the snapshot cannot be used.
    """

    def __init__(
        self,
        installation: Installation,
        snapshot: Path | None,
        environment: str | None,
        foreign: Sequence[AnyTool] = (),
    ) -> None:
        self._installation = installation
        self._foreign = tuple(foreign)
        self._lock = threading.Lock()
        self._engines: dict[str, CedarEngine] = {}
        self._factories: dict[str, LocalGateFactory] = {}
        self._store = SnapshotStore(snapshot) if snapshot is not None else None
        if self._store is not None:
            self.environment = environment or self._store.manifest.environment
        else:
            self.environment = environment_of(installation.settings.systems, environment)

    def open(self, caller: Caller) -> Opened:
        """A gate for a new session of a caller."""
        if self._store is not None:
            return self._opened(caller, self._store, {}, nullcontext())
        installation = self._installation
        settings, now = installation.settings, installation.clock.now()
        manifest = incident_of_service("", self.environment, now, now, settings.live).model_copy(
            update={"title": "an MCP session", "alert": None}
        )
        folder = keep_incident(manifest, installation.state, installation.ids, installation.redaction.scrub)
        surroundings = replace(surroundings_of(installation, manifest), team=caller.team)
        live = live_backends(settings.systems, self.environment, surroundings)
        live = with_moves(installation, self.environment, live)
        store = SnapshotStore(folder, elsewhere=frozenset(TABLE_OF[domain] for domain in live))
        return self._opened(caller, store, live, closing(store))

    def close(self) -> None:
        """Let go of the snapshot."""
        if self._store is not None:
            self._store.close()

    def _opened(
        self, caller: Caller, store: SnapshotStore, live: Mapping[str, Any], kept: AbstractContextManager[Any]
    ) -> Opened:
        installation = self._installation
        factory = self._factory(caller.team, store, live)
        run = Run(
            id=installation.ids.new("run"),
            principal=Principal(caller.role, caller.on_behalf_of, caller.team),
            trigger="mcp",
            known_names=names_of(installation, store),
            environment=self.environment,
            audience_team=caller.team,
        )
        gate = factory.open_run(run)
        learn_live_names(gate, installation.artifacts, live)
        return Opened(gate, kept)

    def _factory(self, team: str, store: SnapshotStore, live: Mapping[str, Any]) -> LocalGateFactory:
        """A snapshot's tools serve all sessions of a team; those of running systems belong to one session."""
        with self._lock:
            known = self._factories.get(team)
            if known is not None and not live:
                return known
            tools = (*tools_of(self._installation, store, team, live), *self._foreign)
            engine = self._engines.get(team) or policy_engine(self._installation, tools)
            self._engines[team] = engine
            settings = self._installation.settings
            limits = settings.gate.limits
            made = gate_factory(
                self._installation,
                tools,
                senders={AUDIENCE: _Returned()},
                engine=engine,
                # Every answer is a message, and a session is open for long without being at work.
                limits=limits.model_copy(update={"tells": limits.calls, "wall_s": settings.mcp.session_s}),
            )
            if not live:
                self._factories[team] = made
            return made
