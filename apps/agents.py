"""Running an agent that a package adds: its own role, the same gate, the same ledger."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..agents.tracing import without_outside_tracing
from ..core.canonical import JsonValue
from ..core.errors import ApprovalRequired, CallDenied, InputError, OpswardenError
from ..policies.types import Audience, Notice, Principal, Run
from ..tools.snapshots.store import SnapshotStore
from .installation import Installation, current_person
from .people.tickets import run_tickets
from .wiring import gate_factory, names_of, tools_of


class _Shown:
    """Hands the redacted result to whoever prints it."""

    def __init__(self, show: Callable[[Mapping[str, JsonValue]], None]) -> None:
        self._show = show

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Show the body."""
        self._show(notice.body)
        return "shown"


def run_agent(
    installation: Installation,
    name: str,
    graph_input: Mapping[str, Any],
    store: SnapshotStore | None,
    show: Callable[[Mapping[str, JsonValue]], None],
    environment: str | None = None,
    *,
    ticket: str = "",
    is_apart: bool = False,
) -> str:
    """Build a package's graph over a gate, run it to its end, and tell the result.

    Args:
        installation: whose packages are asked.
        name: of the agent; also its role in the policies.
        graph_input: the state the graph starts with.
        store: a snapshot whose tools the agent may be allowed to call; without it only tools of packages exist.
        show: gets the redacted end state.
        environment: the only one in which it may change something; the snapshot's, if there is one.
        ticket: the change ticket of the run, where its writes need one.
        is_apart: whether the graph runs in an agent process; it does where the settings say so.

    Returns:
        The run id.

    Raises:
        InputError: no listed package adds such an agent.
        ApprovalRequired: it asks for something that a person would have to allow.
        CallDenied: the result may not be told.
    """
    is_apart = is_apart or installation.settings.runner.mode == "apart"
    factory = installation.registry.agents.get(name)
    if factory is None and not is_apart:
        raise no_such_agent(name, installation.registry.agents)
    run = Run(
        id=installation.ids.new("run"),
        principal=Principal(name, f"person:{current_person()}", installation.settings.team),
        trigger="cli",
        known_names=names_of(installation, store) if store is not None else (),
        environment=environment or (store.manifest.environment if store is not None else None),
        audience_team=installation.settings.team,
    )
    gates = gate_factory(installation, tools_of(installation, store), senders={"terminal": _Shown(show)})
    gate = gates.open_run(run)
    if ticket:
        run_tickets(installation).give(run.id, ticket, by=run.principal.on_behalf_of)
    try:
        if factory is None or is_apart:
            from .runner.apart import agent_apart  # noqa: PLC0415 - only where it is wanted

            end = agent_apart(installation, gate, name, graph_input)
            state, waits = end.state, end.waits
        else:
            with without_outside_tracing():
                state = factory(gate).invoke(dict(graph_input), {"configurable": {"thread_id": run.id}})
            waits = tuple(item.value for item in state.get("__interrupt__", ()))
        _refuse_to_wait(waits)
        body = {"run_id": run.id, "agent": name, "state": json.loads(json.dumps(state, default=str))}
        audience = Audience("terminal", "stdout", installation.settings.team)
        told = gate.tell(audience, Notice("agent.result", body), call_id="tell.result")
        if told.status != "sent":
            raise CallDenied(f"the result may not be told: {told.message}", code=told.code)
    except OpswardenError:
        gate.end("failed")
        raise
    gate.end("reported")
    return run.id


def no_such_agent(name: str, known: Mapping[str, Any]) -> InputError:
    """That no listed package adds an agent, and which was perhaps meant."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "list a package that adds it under `packages`"
    return InputError("there is no such agent", remedy=hint)


def _refuse_to_wait(waits: Iterable[Any]) -> None:
    """An agent of a package runs once and is not resumed, so what needs a person ends it."""
    for value in waits:
        asked = value if isinstance(value, Mapping) else {}
        raise ApprovalRequired(
            f"the agent asks for {asked.get('tool', 'something')}, which a person would have to allow",
            approval_id=str(asked.get("approval_id", "")),
            remedy="have it propose the step instead; an agent run cannot be resumed yet",
        )
