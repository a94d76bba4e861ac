"""A triage from request to report, for every surface that starts one on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..agents.triage.run import Ended, Question, Waiting, ask_triage, run_triage
from ..agents.triage.types import Answer, TriageReport
from ..core.errors import CallDenied, LedgerError, OpswardenError
from ..policies.runs import MIGRATIONS as RUN_MIGRATIONS
from ..policies.runs import RunRegister
from ..policies.types import Audience, Sender
from ..tools.captures.recording import recorded
from ..tools.snapshots.store import SnapshotStore, read_manifest
from . import installation as machine
from .installation import Installation
from .keeping.reports import KeptReports
from .live.captures import MOST_ROWS, Wanted, check_free, kept_answers, write_run
from .live.shared import folder_here, share_incident
from .live.systems import TABLE_OF, live_backends, surroundings_of
from .models import open_transports
from .past_runs import PastRuns
from .people.tickets import run_tickets
from .platform.registries import with_moves
from .runs import RunRequest, RunRequests
from .wiring import OpenTriage, TriageRequest, open_triage

if TYPE_CHECKING:
    from ..core.systems.client import Asked, SystemClient

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
    "question": "writing the answer",
}
"""What is being done once a node has ended; nothing new after `report`."""


@dataclass(frozen=True)
class Outcome:
    """How a triage ended: with a report, with the answer to a question, or waiting for people.

    `asked` tells what live systems were asked, by their names.
    `capture_problem` says why what was seen could not be written as a snapshot; empty if it was, or nobody asked.
    """

    run_id: str
    report: TriageReport | None = None
    approval_ids: tuple[str, ...] = ()
    answer: Answer | None = None
    asked: tuple[tuple[str, Asked], ...] = ()
    capture_problem: str = ""


@dataclass(frozen=True)
class Surface:
    """Where a run is followed and read.

    Args:
        sender: delivers what is told.
        audience: who is told.
        on_step: told what is being done; what it raises stops the run between two steps, to go on with later.
        trigger: what started the run, as its record says.
    """

    sender: Sender
    audience: Audience
    on_step: OnStep
    trigger: str = "cli"


class HandedBack(OpswardenError):
    """The run was left between two steps: whoever goes on with it finds it as it is, so it has not failed."""


def start(installation: Installation, request: RunRequest, surface: Surface, run_id: str = "") -> Outcome:
    """Start a run, under an id that somebody has kept for it, or a new one.

    Raises:
        InputError: the snapshot cannot be used.
        OpswardenError: as the parts raise.
    """
    if request.capture is not None:
        check_free(request.capture)
    run_id = run_id or installation.ids.new("run")
    data = _open(installation, request, run_id)
    RunRequests(installation.database).remember(run_id, request)
    if request.ticket:
        run_tickets(installation).give(run_id, request.ticket, by=request.on_behalf_of)
    return _drive(installation, run_id, request, data, surface, _Work(), request.ask)


def go_on(installation: Installation, run_id: str, request: RunRequest, surface: Surface) -> Outcome:
    """Go on with a run; one that has ended gives its report again without doing anything.

    Raises:
        InputError: the snapshot or the run is gone.
    """
    data = _open(installation, request, run_id)
    installation.database.migrate("runs", RUN_MIGRATIONS)  # a run of an earlier version knows no questions
    is_own = RunRegister(installation.database, installation.clock).is_own(run_id)
    return _drive(installation, run_id, request, data, surface, _Work(resume=True), request.ask, is_own=is_own)


def ask(
    installation: Installation,
    run_id: str,
    request: RunRequest,
    words: str,
    question: Question,
    surface: Surface,
    *,
    by: str | None = None,
) -> Outcome:
    """Answer a question about a triage that has ended: the same run, gate, budget and evidence.

    Args:
        installation: where the run was.
        run_id: of the run.
        request: as the run was asked for, with the models to use now.
        words: what the person says; leave for what it names, as `--ask` is, where it is the run's own person.
        question: whose evidence they want to see.
        surface: where the answer goes.
        by: `person:<name>` whom the surface has identified, and whose words give no leave; whose process this is if
            absent.

    Raises:
        CallDenied: the person is not of the team.
        InputError: the run has not ended, or holds nothing of the kind.
    """
    gives_leave = by is None
    by = by or f"person:{machine.current_person()}"
    people = installation.settings.people
    if by != request.on_behalf_of and people and by.partition(":")[2] not in people:
        raise CallDenied(
            "only the team's people may ask about this run",
            code="not-of-the-team",
            remedy="have yourself listed under `people`, or ask whoever started the run",
        )
    data = _open(installation, request, run_id)
    work = _Work(question=replace(question, has_words=bool(words)))
    is_own = gives_leave and by == request.on_behalf_of
    return _drive(installation, run_id, request, data, surface, work, words, is_own=is_own)


@dataclass(frozen=True)
class _Data:
    """What a run reads: a snapshot, and per domain the system that is asked instead."""

    store: SnapshotStore
    live: Mapping[str, Any]
    clients: Sequence[SystemClient] = ()

    @property
    def asked(self) -> tuple[tuple[str, Asked], ...]:
        """What systems were asked so far."""
        return tuple((client.name, client.asked) for client in self.clients)


@dataclass(frozen=True)
class _Work:
    """What the graph is to do: begin, go on, or answer a question."""

    resume: bool = False
    question: Question | None = None


def _open(installation: Installation, request: RunRequest, run_id: str) -> _Data:
    live: dict[str, Any] = {}
    clients: Sequence[SystemClient] = ()
    folder = request.snapshot
    if request.is_live:
        folder = folder_here(installation.database, installation.state, folder)
        with suppress(LedgerError):  # without the database this machine alone can go on with the run
            share_incident(installation.database, folder, installation.clock.now())
        incident = read_manifest(folder)
        surroundings = surroundings_of(installation, incident)
        live = live_backends(installation.settings.systems, incident.environment, surroundings)
        live = with_moves(installation, incident.environment, live)
        clients = surroundings.clients
        if request.capture is not None or installation.settings.live.keep:
            live = recorded(live, kept_answers(installation, run_id))
    store = SnapshotStore(folder, elsewhere=frozenset(TABLE_OF[domain] for domain in live))
    return _Data(store, live, clients)


def _drive(
    installation: Installation,
    run_id: str,
    request: RunRequest,
    data: _Data,
    surface: Surface,
    work: _Work,
    words: str,
    *,
    is_own: bool = True,
) -> Outcome:
    on_step = surface.on_step
    is_apart = request.is_apart or installation.settings.runner.mode == "apart"
    with closing(data.store), open_transports(installation.settings, request.models, installation.clock) as transports:
        asked = TriageRequest(
            run_id=run_id,
            on_behalf_of=request.on_behalf_of,
            trigger=surface.trigger,
            audience=surface.audience,
            senders={surface.audience.kind: surface.sender},
            transports=transports,
            ask=words,
            is_own=is_own,
            live=data.live,
            is_apart=is_apart,
        )
        installation.tidy()
        on_step("opening the gate")
        triage = open_triage(installation, data.store, asked)
        register = RunRegister(installation.database, installation.clock)
        if work.question is not None:
            register.open_question(run_id, triage.gate.run.request, is_own=is_own)
        on_step("reading the incident")
        try:
            if is_apart:
                endpoint_names = tuple(item.endpoint.name for item in transports)
                result = _run_apart(installation, triage, work, endpoint_names, on_step)
            else:
                result = _run_here(installation, triage, work, on_step)
        except HandedBack:
            raise
        except OpswardenError:
            triage.end("failed")
            raise
    if isinstance(result, Waiting):
        return Outcome(run_id, approval_ids=result.approval_ids, asked=data.asked)
    if isinstance(result, Answer):
        register.close_question(run_id)
        triage.end("answered")
        return Outcome(run_id, answer=result, asked=data.asked)
    triage.end("reported")
    PastRuns(installation.database).remember(result, installation.settings.team)
    KeptReports(installation.database).keep(result, installation.settings.team, installation.clock.now())
    problem = _capture(installation, run_id, request, data, triage.parts.known_names, on_step)
    return Outcome(run_id, result, asked=data.asked, capture_problem=problem)


def _run_here(installation: Installation, triage: OpenTriage, work: _Work, on_step: OnStep) -> Ended:
    from .runner.shared_positions import saver_of  # noqa: PLC0415 - heavy, only a run needs it

    def on_node(node: str) -> None:
        _tell(on_step, node)

    with saver_of(installation, triage.gate.run.id) as saver:
        if work.question is not None:
            return ask_triage(triage.parts, saver, work.question, on_node=on_node)
        return run_triage(triage.parts, saver, resume=work.resume, on_node=on_node)


def _run_apart(
    installation: Installation, triage: OpenTriage, work: _Work, endpoint_names: tuple[str, ...], on_step: OnStep
) -> Ended:
    from .runner.apart import triage_apart, triage_work  # noqa: PLC0415 - only where it is wanted

    def on_node(node: str) -> None:
        _tell(on_step, node)

    told = triage_work(resume=work.resume, question=work.question)
    return triage_apart(installation, triage.parts, triage.gate, told, endpoint_names, on_node)


def _capture(
    installation: Installation,
    run_id: str,
    request: RunRequest,
    data: _Data,
    names: tuple[str, ...],
    on_step: OnStep,
) -> str:
    """Write what was seen, where that was asked for; why it could not be. The report has been told by then."""
    if request.capture is None or request.capture.exists():
        return ""
    on_step("writing what was seen")
    wanted = Wanted(request.capture, request.on_behalf_of, MOST_ROWS)
    manifest, systems = data.store.manifest, tuple(data.live)
    try:
        write_run(installation, run_id, manifest, wanted, systems=systems, names=names, while_triaging=True)
    except OpswardenError as error:
        return error.message
    except OSError as error:
        return f"the folder cannot be written: {error.strerror}"
    return ""


def _tell(on_step: OnStep, node: str) -> None:
    if node in _STEPS:
        on_step(_STEPS[node])
