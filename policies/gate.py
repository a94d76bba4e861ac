"""The gate of one run, and the factory that opens it with everything an installation has."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.canonical import JsonValue
from ..core.clock import Clock
from ..core.database import Database
from ..core.errors import ConfigError, LedgerError, RedactionError
from ..core.ids import IdSource
from ..core.keys import KeyProvider
from ..redaction.types import Redactor
from ..tools.embedding import Embedder
from ..tools.spec import AnyTool, ToolCard
from . import budgets, journal, runs, trail, undo
from .approvals import ApprovalStore
from .artifacts import ArtifactStore
from .budgets import RunBudget
from .calls import Calls, relearn
from .data_facts import DataLabel
from .desk import Desk
from .endorsements import Endorsements
from .engine import CedarEngine
from .execution import BoundedThreads
from .facts import Target
from .fingerprints import Fingerprints
from .group_commit import GroupCommit
from .journal import RunJournal
from .ledger.types import Ledger, LedgerEntry
from .lent_embedder import lent_embedder
from .prompts import Prompts
from .provenance import Provenance, Request
from .records import Books, Fallback, Recorder
from .run_data import Residency, RunData
from .runs import RunRegister
from .services import GateRules, Services
from .spans import RunSpans
from .stages import Stages
from .switches import KillSwitch
from .taint import RunTaint
from .tells import Tells
from .trail import RunTrail
from .types import (
    Audience,
    CallResult,
    Endpoint,
    Gate,
    ModelReply,
    ModelRequest,
    ModelTransport,
    Notice,
    Run,
    Sender,
    Spent,
    TellResult,
)

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_TABLES = (
    ("budgets", budgets.MIGRATIONS),
    ("journal", journal.MIGRATIONS),
    ("runs", runs.MIGRATIONS),
    ("trail", trail.MIGRATIONS),
    ("undo", undo.MIGRATIONS),
)
"""What gates themselves keep; stores that are handed in see to their own."""


class RunGate:
    """The door for one run: everything an agent can do to the world goes through its three verbs."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._services = services
        self._desk = desk
        self._calls = Calls(services, desk)
        self._prompts = Prompts(services, desk)
        self._tells = Tells(services, desk)
        self._spans = RunSpans(services.tracer, desk.run, has_content=services.has_traced_content)
        self._cards: tuple[ToolCard, ...] | None = None

    @property
    def run(self) -> Run:
        """The run this gate was opened for."""
        return self._desk.run

    def cards(self) -> Sequence[ToolCard]:
        """The tools that policy could allow this role in some circumstances, in name order."""
        if self._cards is None:  # nothing of what is asked changes in a run
            principal, engine = self.run.principal, self._services.engine
            self._cards = tuple(
                tool.card
                for name, tool in sorted(self._services.tools.items())
                if tool.is_offered
                and engine.could_allow(principal, name, Target(name.partition(".")[0], tool.environment))
            )
        return self._cards

    def endpoints(self) -> Sequence[Endpoint]:
        """The model endpoints in the operator's order."""
        return tuple(transport.endpoint for transport in self._services.transports.values())

    def call(self, tool: str, args: Mapping[str, JsonValue], *, call_id: str) -> CallResult:
        """Run a tool, or learn why not; see `types.Gate`."""
        with self._spans.call(tool if tool in self._services.tools else "unknown", call_id) as span:
            result = self._calls.call(tool, args, call_id, on_args=span.args)
            span.called(result)
            return result

    def undo(self, found: undo.Undoable) -> CallResult:
        """Make the call that takes an effect back; decided, approved and recorded like any other, and made once."""
        return self._calls.call(found.tool, found.args, undo.CALL_ID, undoes=found.seq)

    def prompt(self, request: ModelRequest, *, endpoint: str, call_id: str) -> ModelReply:
        """Ask a model; see `types.Gate`."""
        with self._spans.prompt(self._endpoint(endpoint), request) as span:
            reply = self._prompts.prompt(request, endpoint, call_id, on_clean=span.asked)
            span.answered(reply)
            return reply

    def prompt_stream(self, request: ModelRequest, *, endpoint: str, call_id: str) -> Iterator[str | ModelReply]:
        """Like `prompt`, with redacted text as it arrives and the whole reply last."""
        with self._spans.prompt(self._endpoint(endpoint), request, is_stream=True) as span:
            for item in self._prompts.stream(request, endpoint, call_id, on_clean=span.asked):
                if isinstance(item, ModelReply):
                    span.answered(item)
                yield item

    def embedder(self, tool: str) -> Embedder | None:
        """What a tool is lent to make vectors of what it reads; whoever opens the gate may have it too, agents not."""
        found = self._services.tools.get(tool)
        labels = frozenset[DataLabel]()
        if found is not None:
            target = Target(tool.partition(".")[0], found.environment)
            labels = self._services.residency.of_call(found, target, self.run.principal.team).brings
        return lent_embedder(self._services, self._desk, labels)

    def tell(self, audience: Audience, notice: Notice, *, call_id: str) -> TellResult:
        """Tell people something, once; see `types.Gate`."""
        with self._spans.tell() as span:
            result = self._tells.tell(audience, notice, call_id)
            span.told(result)
            return result

    def learn_names(self, names: Iterable[str]) -> None:
        """Let names that the run learned by a call of its own pass, as `Run.known_names` do.

        Whoever opens the gate may do so, agents may not. The call is what the ledger has of it, so names come from its
        artifact and from nowhere else.
        """
        self._desk.learn_names(names)

    def told(self, call_id: str) -> Mapping[str, JsonValue] | None:
        """What people were told under this id, as it was told; `None` if nothing was."""
        return self._desk.told(call_id)

    def spent(self) -> Spent:
        """What the run has used."""
        return self._desk.budget.spent()

    def degraded(self) -> str:
        """Why records of this run went to the fallback journal; empty if none did."""
        return self._desk.recorder.degraded

    def warnings(self) -> Sequence[str]:
        """What whoever reads a report of this run now has to know."""
        return self._services.surroundings.warnings()

    def end(self, outcome: str) -> int:
        """Record that the run is over.

        Args:
            outcome: a short word of ours, never text from outside: `reported`, `failed`, `cancelled`.

        Returns:
            The ledger entry; -1 in the local journal.
        """
        spent = self.spent()
        body: dict[str, JsonValue] = {"outcome": outcome, "spent": dict(vars(spent)), "degraded": bool(self.degraded())}
        entry = LedgerEntry("run.ended", self.run.id, body)
        self._spans.end(outcome)
        return self._desk.recorder.write(lambda books: books.append([entry])[0], may_degrade=True)

    def _endpoint(self, name: str) -> Endpoint | None:
        transport = self._services.transports.get(name)
        return None if transport is None else transport.endpoint


class LocalGateFactory:
    """Opens gates on one machine: the tools' callables, the transports and the senders live here and nowhere else.

    Args:
        tools: what can be done.
        engine: made for the same tools.
        redact_for: makes the redactor of a run.
        scrub: cleans text that belongs to no run, such as the note of an approver.
        ledger: in the same database as everything else here, so that one transaction can span them.
        transports: the model endpoints in the operator's order.
        senders: how each kind of audience is reached.
        fallback: where reads are recorded while the ledger is down.
        tracer: makes spans; none without it.
        has_traced_content: whether redacted arguments, results, prompts and answers stand in them.
        rules: what the operator has set.

    Raises:
        ConfigError: two tools or endpoints have one name, or the database is of a newer version.
        LedgerError: the database cannot be prepared.
    """

    def __init__(
        self,
        tools: Sequence[AnyTool],
        engine: CedarEngine,
        redact_for: Callable[[Run], Redactor],
        scrub: Callable[[str], str],
        ledger: Ledger,
        database: Database,
        keys: KeyProvider,
        clock: Clock,
        ids: IdSource,
        *,
        artifacts: ArtifactStore,
        fallback: Fallback,
        transports: Sequence[ModelTransport] = (),
        senders: Mapping[str, Sender] | None = None,
        tracer: Tracer | None = None,
        has_traced_content: bool = False,
        rules: GateRules | None = None,
    ) -> None:
        named, endpoints = _by_name(tools, transports)
        for component, migrations in _TABLES:
            database.migrate(component, migrations)
        rules = rules or GateRules()
        store = ApprovalStore(database, ledger, keys, clock, ids, scrub, ttl_s=rules.approval_ttl_s)
        self._services = Services(
            tools=named,
            engine=engine,
            redact_for=redact_for,
            ledger=ledger,
            database=database,
            keys=keys,
            clock=clock,
            ids=ids,
            transports=endpoints,
            senders=dict(senders or {}),
            limits=rules.limits,
            days=rules.days,
            stages=rules.stages or Stages(named),
            freezes=rules.freezes,
            surroundings=rules.surroundings,
            artifacts=artifacts,
            approvals=store,
            endorsements=Endorsements(database, ledger, keys, clock, store, scrub),
            switch=KillSwitch(database, ledger, clock, scrub),
            fallback=fallback,
            threads=BoundedThreads(rules.threads),
            owners=dict(rules.owners),
            local_audiences=rules.local_audiences,
            prompt_timeout_s=rules.prompt_timeout_s,
            tell_timeout_s=rules.tell_timeout_s,
            tracer=tracer,
            has_traced_content=has_traced_content,
            residency=rules.residency or Residency(local_audiences=rules.local_audiences),
            environments=rules.environments,
            credentials=dict(rules.credentials),
            embedding=rules.embedding,
        )
        self._commits = GroupCommit(database, ledger)
        self._lock = threading.Lock()
        self._open: weakref.WeakValueDictionary[str, RunGate] = weakref.WeakValueDictionary()

    @property
    def approvals(self) -> ApprovalStore:
        """Where people's answers go in."""
        return self._services.approvals

    @property
    def endorsements(self) -> Endorsements:
        """Where people say that one value is what they mean."""
        return self._services.endorsements

    @property
    def switch(self) -> KillSwitch:
        """The kill switch for writes."""
        return self._services.switch

    def open(self, run: Run) -> Gate:
        """A gate for a new or a resumed run; in one process, one run has one gate.

        Raises:
            ConfigError: the run was opened before for somebody else or another environment, or its environment is not
                among the declared ones.
        """
        return self.open_run(run)

    def open_run(self, run: Run) -> RunGate:
        """`open` with the concrete type, which can also end the run."""
        with self._lock:
            gate = self._open.get(run.id)
            if gate is None:
                gate = self._make(run)
                self._open[run.id] = gate
            elif gate.run.principal != run.principal:
                raise runs.foreign(run.id)
            elif gate.run.environment != run.environment:
                raise runs.elsewhere(run.id)
            return gate

    def _make(self, run: Run) -> RunGate:
        parts = self._services
        if run.environment is not None:
            parts.environments.check_names([(run.environment, f"run {run.id!r}")])
        recorder = Recorder(self._commits, parts.ledger, parts.fallback, parts.clock)
        try:
            parts.fallback.merge_into(parts.ledger)
        except LedgerError as error:
            recorder.degrade(error)
        redactor, register = parts.redact_for(run), RunRegister(parts.database, parts.clock)
        run, request = _with_request(run, redactor, register)
        desk = Desk(
            run,
            redactor,
            parts.engine,
            Fingerprints(parts.keys),
            RunBudget(parts.database, parts.clock, run.id, parts.limits, self._commits, parts.days, run.principal),
            RunJournal(parts.database, parts.clock, run.id),
            Provenance(
                RunTaint((*run.known_names, run.principal.team)),
                request,
                {name: tool.asked_by for name, tool in parts.tools.items()},
            ),
            RunTrail(parts.database, run.id, repeats=parts.limits.repeats, idle_calls=parts.limits.idle_calls),
            recorder,
            parts.approvals,
            parts.switch,
            parts.freezes,
            parts.clock,
            RunData(parts.residency, parts.tools, run.principal.team),
            parts.environments,
            parts.surroundings,
        )
        desk.data.learn(run.brings)
        self._register(run, desk, register)
        return RunGate(parts, desk)

    def _register(self, run: Run, desk: Desk, register: RunRegister) -> None:
        """Record the start, or the resumption with the labels of everything that the run has read so far."""

        def step(books: Books) -> bool:
            # Without the database nobody knows; then it is treated as resumed.
            is_new = books.connection is not None and register.enter(books.connection, run)
            body: dict[str, JsonValue] = {
                **vars(run.principal),
                "trigger": run.trigger,
                "request": run.request,
                "requester_roles": sorted(run.requester_roles),
                "environment": run.environment,
                "is_resumed": not is_new,
                "policy_hash": self._services.engine.policy_hash,
                "limits": self._services.limits.model_dump(),
            }
            books.append([LedgerEntry("run.started", run.id, body)])
            return is_new

        if not desk.recorder.write(step, may_degrade=True):
            desk.restore_taint(lambda stored: relearn(desk, self._services.tools, stored))


def _by_name(
    tools: Sequence[AnyTool], transports: Sequence[ModelTransport]
) -> tuple[dict[str, AnyTool], dict[str, ModelTransport]]:
    named = {tool.name: tool for tool in tools}
    endpoints = {transport.endpoint.name: transport for transport in transports}
    if len(named) < len(tools) or len(endpoints) < len(transports):
        raise ConfigError("two tools or two model endpoints have one name", remedy="rename one of them")
    return named, endpoints


def _with_request(run: Run, redactor: Redactor, register: RunRegister) -> tuple[Run, Request]:
    """The run with its request redacted, as everybody but the gate sees it, and the words that the gate goes by."""
    if not run.principal.on_behalf_of.startswith("person:"):
        return replace(run, request=""), Request.nobodys()
    text = run.request
    try:
        shown = redactor.text(text) if text else register.request_of(run.id)
    except RedactionError:
        return replace(run, request=""), Request.nobodys()
    return replace(run, request=shown), Request.of(text or shown, shown, redactor)
