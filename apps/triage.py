"""A triage from request to report, for every surface that starts one on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..agents.triage.run import Waiting, run_triage
from ..core.errors import OpswardenError
from ..tools.snapshots.store import SnapshotStore, read_manifest
from .installation import Installation
from .models import open_transports
from .runs import RunRequest, RunRequests
from .senders import ReportSender
from .systems import TABLE_OF, live_backends
from .tickets import run_tickets
from .wiring import TriageRequest, open_triage

if TYPE_CHECKING:
    from ..agents.triage.types import TriageReport
    from ..policies.types import Audience

OnStep = Callable[[str], None]

_STEPS = {
    "intake": "reading what is in reach",
    "scope": "comparing series, logs and traces with the quiet time",
    "survey": "comparing series, logs and traces with the quiet time",
    "rank": "looking at the leading suspects",
    "inspect": "writing the report",
    "brief": "a model reads the evidence",
    "reason": "a model reads the evidence",
    "follow_up": "looking up what the model asks for",
    "join": "a model reads the evidence",
}
"""What is being done once a node has ended; nothing new after `report`."""


@dataclass(frozen=True)
class Outcome:
    """How a triage ended: with a report, or waiting for people."""

    run_id: str
    report: TriageReport | None
    approval_ids: tuple[str, ...] = ()


def start(
    installation: Installation, request: RunRequest, sender: ReportSender, audience: Audience, on_step: OnStep
) -> Outcome:
    """Start a run.

    Raises:
        InputError: the snapshot cannot be used.
        OpswardenError: as the parts raise.
    """
    live = _live(installation, request)
    store = _store(request, live)
    run_id = installation.ids.new("run")
    RunRequests(installation.database).remember(run_id, request)
    if request.ticket:
        run_tickets(installation).give(run_id, request.ticket, by=request.on_behalf_of)
    return _drive(installation, run_id, request, store, live, sender, audience, on_step, resume=False)


def go_on(
    installation: Installation,
    run_id: str,
    request: RunRequest,
    sender: ReportSender,
    audience: Audience,
    on_step: OnStep,
) -> Outcome:
    """Go on with a run; one that has ended gives its report again without doing anything.

    Raises:
        InputError: the snapshot or the run is gone.
    """
    live = _live(installation, request)
    store = _store(request, live)
    return _drive(installation, run_id, request, store, live, sender, audience, on_step, resume=True)


def _live(installation: Installation, request: RunRequest) -> dict[str, Any]:
    """The systems of the incident's environment, if the run is a live one."""
    if not request.is_live:
        return {}
    environment = read_manifest(request.snapshot).environment
    return live_backends(installation.settings.systems, environment, installation.state, installation.clock)


def _store(request: RunRequest, live: Mapping[str, Any]) -> SnapshotStore:
    return SnapshotStore(request.snapshot, elsewhere=frozenset(TABLE_OF[domain] for domain in live))


def _drive(
    installation: Installation,
    run_id: str,
    request: RunRequest,
    store: SnapshotStore,
    live: Mapping[str, Any],
    sender: ReportSender,
    audience: Audience,
    on_step: OnStep,
    *,
    resume: bool,
) -> Outcome:
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer  # noqa: PLC0415 - heavy, only a run needs it
    from langgraph.checkpoint.sqlite import SqliteSaver  # noqa: PLC0415 - the same

    with closing(store), open_transports(installation.settings, request.models, installation.clock) as transports:
        asked = TriageRequest(
            run_id=run_id,
            on_behalf_of=request.on_behalf_of,
            trigger="cli",
            audience=audience,
            senders={audience.kind: sender},
            transports=transports,
            ask=request.ask,
            live=live,
        )
        installation.tidy()
        on_step("opening the gate")
        triage = open_triage(installation, store, asked)
        on_step("reading the incident")
        installation.state.checkpoints.touch(mode=0o600)
        try:
            with SqliteSaver.from_conn_string(str(installation.state.checkpoints)) as saver:
                # Only plain values are ever stored; nothing else may come back out of a checkpoint.
                saver.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
                result = run_triage(triage.parts, saver, resume=resume, on_node=lambda node: _tell(on_step, node))
        except OpswardenError:
            triage.end("failed")
            raise
    if isinstance(result, Waiting):
        return Outcome(run_id, None, result.approval_ids)
    triage.end("reported")
    return Outcome(run_id, result)


def _tell(on_step: OnStep, node: str) -> None:
    if node in _STEPS:
        on_step(_STEPS[node])
