"""What the three verbs of the gate share while they serve one run: decide, ask, write down, finish."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal

from ..core.canonical import JsonValue
from ..core.clock import Clock
from ..core.errors import CallDenied, LedgerError, RedactionError
from ..redaction.types import Redactor
from .approvals import Approval, ApprovalStore
from .asking import Asking, Settled
from .budgets import Reservation, RunBudget, Use, Verb
from .day_budgets import naming_limits
from .engine import CedarEngine
from .environments import Environments
from .facts import CommonFacts, DecisionInput, Target, cedar_entities, cedar_request
from .fingerprints import Fingerprints
from .freezes import Freezes
from .journal import JournalRow, RunJournal
from .ledger.types import LedgerEntry
from .provenance import Provenance
from .records import Books, Recorder
from .run_data import RunData
from .subjects import Entered, Subject
from .surroundings import Surroundings
from .switches import KillSwitch
from .trail import Brought, RunTrail
from .types import Allow, Ask, Decision, Deny, EntryKind, Run
from .undo import claim_undo

_PLAIN_ID = re.compile(r"[A-Za-z0-9_.:-]{1,96}")

_DECIDED: Mapping[Verb, EntryKind] = {"call": "call.decided", "prompt": "prompt.decided", "tell": "tell.decided"}
_OUTCOME: Mapping[Verb, EntryKind] = {"call": "call.outcome", "prompt": "prompt.outcome", "tell": "tell.outcome"}


class Desk:
    """The books of one run and the ways to write in them; safe to use from several threads."""

    def __init__(
        self,
        run: Run,
        redactor: Redactor,
        engine: CedarEngine,
        fingerprints: Fingerprints,
        budget: RunBudget,
        journal: RunJournal,
        provenance: Provenance,
        trail: RunTrail,
        recorder: Recorder,
        approvals: ApprovalStore,
        switch: KillSwitch,
        freezes: Freezes,
        clock: Clock,
        data: RunData,
        environments: Environments,
        surroundings: Surroundings,
    ) -> None:
        self.run = run
        self.redactor = redactor
        self._for_books = redactor.under("audience:ledger")
        self.fingerprints = fingerprints
        self.budget = budget
        self.provenance = provenance
        self.trail = trail
        self.recorder = recorder
        self.clock = clock
        self.data = data
        self._environments = environments
        self._engine = engine
        self._journal = journal
        self._approvals = approvals
        self._asking = Asking(
            run,
            engine,
            approvals,
            recorder,
            self._as_books_may_see,
            surroundings.explained,
            budget.limits.questions,
        )
        self._switch = switch
        self._freezes = freezes
        self._surroundings = surroundings
        self._lock = threading.Lock()
        self._locks: dict[tuple[Verb, str], threading.Lock] = {}
        self._remembered: dict[tuple[Verb, str], JournalRow] = {}

    def key(self, call_id: str) -> str:
        """The id under which a call is stored: itself, or its keyed hash where it is not plain enough for the books.

        Ids can come from a model; what looks like anything but an id must not reach the records.
        """
        try:
            if _PLAIN_ID.fullmatch(call_id) and self.redactor.clean_ours(call_id).text == call_id:
                return call_id
        except RedactionError:
            pass  # what cannot be cleaned is not plain either
        return f"h:{self.fingerprints.of(call_id)[:32]}"

    def lock(self, verb: Verb, call_id: str) -> threading.Lock:
        """One thread at a time per call; the others get what it got."""
        with self._lock:
            return self._locks.setdefault((verb, call_id), threading.Lock())

    def hmac_of(self, action: str, environment: str, args: JsonValue) -> str:
        """The keyed hash that an approval is bound to; in `args`, secrets and card numbers are replaced already."""
        return self.fingerprints.of({"action": action, "environment": environment, "args": args, "run": self.run.id})

    def earlier(self, subject: Subject) -> JournalRow | None:
        """What the journal knows of the call already.

        Raises:
            CallDenied: `call-id-reused`, the id belongs to another call.
            LedgerError: the journal cannot be read and the call must not go on without it.
        """
        try:
            row = self._journal.find(subject.verb, subject.call_id)
        except LedgerError as error:
            if not subject.may_degrade and self.stopped(subject) is None:
                raise
            self.recorder.degrade(error)
            row = None
        row = self._remembered.get((subject.verb, subject.call_id), row)
        if row is not None and row.call_hmac != subject.call_hmac:
            raise CallDenied(
                "this call id was used for another call of the run", code="call-id-reused", remedy="use a new call id"
            )
        return row

    def told(self, call_id: str) -> Mapping[str, JsonValue] | None:
        """The body of a notice that was told in this run before; `None` if it was not.

        Raises:
            LedgerError: the journal cannot be read.
        """
        row = self._journal.find("tell", self.key(call_id))
        result = row.result if row is not None else None
        body = result.get("body") if result is not None and result.get("status") == "sent" else None
        return body if isinstance(body, Mapping) else None

    def learn_names(self, names: Iterable[str]) -> None:
        """Count names as the operator's from now on: they pass redaction, and their origin is known."""
        learned = tuple(names)
        for redactor in (self.redactor, self._for_books):
            redactor.learn_names(learned)
        self.provenance.taint.know(learned)

    def restore_taint(self, relearn: Callable[[Mapping[str, JsonValue]], None]) -> None:
        """Hand over every stored result of this run's calls, oldest first; without them the run counts as tainted."""
        try:
            rows = self._journal.begun("call")
        except LedgerError as error:
            self.recorder.degrade(error)
            self.provenance.assume_tainted()
            self.data.assume_unknown()
            return
        for row in rows:
            if row.result is not None:
                relearn(row.result)
            else:
                self.provenance.close_tool(row.action)

    def stopped(self, subject: Subject) -> Deny | None:
        """Whether an operator has stopped it; known without the database, and looked up every time."""
        return self._surroundings.stopped(self.run, subject)

    def reserve(self, subject: Subject) -> Reservation:
        """Set aside what the subject may need.

        Raises:
            LedgerError: the database is down and the call must not go on without it.
        """
        if subject.verb != "call":
            return self.budget.reserve(subject.verb, subject.call_id, subject.wanted, may_degrade=subject.may_degrade)
        return self.budget.reserve(
            subject.verb,
            subject.call_id,
            subject.wanted,
            may_degrade=subject.may_degrade,
            environment=subject.environment,
            also=lambda connection: self.trail.begin(connection, subject.call_id, subject.call_hmac),
        )

    def enter(self, subject: Subject, reservation: Reservation) -> Entered:
        """Decide, and write the decision down: with the intent and the used approval if it may run.

        Raises:
            LedgerError: it could not be recorded, and nothing may run.
        """
        settled = self._settle(subject, self._question(subject, reservation))
        try:
            return self._write_down(subject, settled, reservation)
        except CallDenied as error:
            # Somebody else used the approval or began the call between our reading and our writing.
            denied = Deny(error.code, error.message, error.remedy)
        except LedgerError as error:
            if not subject.may_degrade:
                raise
            self.recorder.degrade(error)
            denied = Deny("ledger-down", "nobody can be asked while the ledger is down", "ask for it later")
        return self._write_down(
            subject, replace(settled, decision=denied, approval=None, closing=None, question=None), reservation
        )

    def refuse(self, subject: Subject, denied: Deny) -> Entered:
        """Record a refusal that needed no policy: an unknown tool, arguments that do not fit."""
        body = self._facts_body(subject, denied)

        def step(books: Books) -> int:
            if subject.verb == "call":
                self.trail.refuse(books.connection, subject.call_id, subject.call_hmac)
            return books.append([LedgerEntry(_DECIDED[subject.verb], self.run.id, body)])[0]

        return Entered(denied, self.recorder.write(step, may_degrade=True))

    def finish(
        self,
        subject: Subject,
        reservation: Reservation | None,
        used: Use,
        body: Mapping[str, JsonValue],
        result: Callable[[int], Mapping[str, JsonValue]],
        *,
        state: Literal["intent", "done", "decided"] = "done",
        brought: Brought | None = None,
    ) -> int:
        """Record an outcome, close the journal's row and settle the budget, in one step.

        What has happened has happened: if the ledger is down, the outcome goes to the local journal.

        Args:
            subject: what was allowed.
            reservation: to be settled; `None` where an earlier process has made it.
            used: what it really took.
            body: facts for the ledger, redacted.
            result: makes what a repeated call gets, given the ledger place of the outcome.
            state: `intent` where it is still unknown what happened; `decided` where it may be tried again.
            brought: what the call of a tool brought.

        Returns:
            The ledger entry of the outcome.
        """
        entry = LedgerEntry(
            _OUTCOME[subject.verb],
            self.run.id,
            {
                "call_id": subject.call_id,
                "tool": subject.action,
                "call_hmac": subject.call_hmac,
                **self._as_books_may_see(body),
            },
        )

        def step(books: Books) -> int:
            (seq,) = books.append([entry])
            if brought is not None:
                self.trail.end(books.connection, subject.call_id, subject.call_hmac, brought, seq)
            row = JournalRow(
                subject.verb,
                subject.call_id,
                subject.action,
                subject.call_hmac,
                state,
                result(seq) if state == "done" else None,
            )
            if books.connection is None:
                self._remembered[subject.verb, subject.call_id] = row
                return seq
            if reservation is not None:
                self.budget.settle(books.connection, reservation, used)
            self._journal.set(books.connection, row)
            return seq

        return self.recorder.write(step, may_degrade=True)

    def _question(self, subject: Subject, reservation: Reservation) -> DecisionInput:
        common = CommonFacts(
            call_hmac=subject.call_hmac,
            now=self.clock.now(),
            stage=subject.stage,
            trigger=self.run.trigger,
            budget=reservation.facts,
            two_person=subject.two_person,
            writes_stopped=self._writes_stopped(subject),
            frozen=self._is_frozen(subject),
            untrusted_args=subject.untrusted,
            run_tainted=self.provenance.is_tainted,
            asked_for=subject.is_asked,
            requester_roles=self.run.requester_roles,
            budgets_exceeded=reservation.exceeded,
            progress=reservation.progress.facts,
            data=self.data.facts(subject.flow),
            environment=self._environments.around(subject.resource, self.run),
        )
        common = self._surroundings.added_to(common, self.run, subject)
        return DecisionInput(self.run.principal, subject.action, subject.resource, common, subject.args)

    def _is_frozen(self, subject: Subject) -> bool:
        if not isinstance(subject.resource, Target):
            return False
        environment, now = subject.resource.environment, self.clock.now()
        return bool(self._freezes.binding(team=self.run.principal.team, environment=environment, now=now))

    def _writes_stopped(self, subject: Subject) -> bool:
        try:
            return self._switch.stops_writes()
        except LedgerError:
            if not subject.may_degrade:
                raise
            return True

    def _settle(self, subject: Subject, asked: DecisionInput) -> Settled:
        """Decide; where policies ask for a person, look for the answer and decide again with it."""
        decision = self._engine.decide(asked)
        if not isinstance(decision, Ask):
            decision = self._surroundings.explained(decision, asked.common)
        if isinstance(decision, Deny):
            decision = naming_limits(decision, asked.common.budgets_exceeded)
        if not isinstance(decision, Ask):
            unneeded = self._asking.unneeded(subject) if isinstance(decision, Allow) and subject.endorsed else None
            return Settled(decision, asked, closing=unneeded)
        if subject.verb == "prompt":
            return Settled(Deny(decision.code, decision.reason, "people are not asked about model requests"), asked)
        if subject.holds_secret:
            return Settled(Deny("secret-argument", "a secret or card number cannot be approved", "leave it out"), asked)
        return self._asking.settle(subject, asked, decision)

    def _write_down(self, subject: Subject, settled: Settled, reservation: Reservation) -> Entered:
        def step(books: Books) -> Entered:
            approval = settled.approval
            if books.connection is not None:
                if isinstance(settled.decision, Allow):
                    self._begin(books, subject, settled)
                else:
                    self.budget.release(books.connection, reservation)
                    if subject.verb == "call" and isinstance(settled.decision, Deny):
                        self.trail.refuse(books.connection, subject.call_id, subject.call_hmac)
                    self._journal.note(
                        books.connection,
                        JournalRow(subject.verb, subject.call_id, subject.action, subject.call_hmac, "decided", None),
                    )
                    if settled.closing is not None:
                        self._approvals.close(books.connection, settled.closing, settled.why_closing)
                    if settled.question is not None:
                        approval = self._approvals.request(books.connection, self.run, settled.question)
            body = self._decided_body(subject, settled, approval)
            (seq,) = books.append([LedgerEntry(_DECIDED[subject.verb], self.run.id, body)])
            return Entered(settled.decision, seq, approval)

        # An approval can only be asked for or used up in the database.
        needs_database = settled.approval is not None or isinstance(settled.decision, Ask)
        return self.recorder.write(step, may_degrade=subject.may_degrade and not needs_database)

    def _begin(self, books: Books, subject: Subject, settled: Settled) -> None:
        """Use up the approval and write the intent; both stand or fall with the record of the decision."""
        if books.connection is None:
            return
        if settled.closing is not None:
            self._approvals.close(books.connection, settled.closing, settled.why_closing)
        if settled.approval is not None and not settled.may_reuse:
            self._approvals.consume(books.connection, settled.approval)
        if subject.undoes is not None:
            claim_undo(books.connection, subject.undoes, self.run.id)
        row = JournalRow(subject.verb, subject.call_id, subject.action, subject.call_hmac, "intent", None)
        if not subject.is_once:
            self._journal.set(books.connection, row)
        elif not self._journal.claim(books.connection, row):
            raise CallDenied(
                "this call is under way elsewhere, or it is not known whether it took effect",
                code="call-in-progress",
                remedy="look for its outcome before proposing it again",
            )

    def _facts_body(self, subject: Subject, decision: Decision) -> dict[str, JsonValue]:
        body: dict[str, JsonValue] = {
            "call_id": subject.call_id,
            "tool": subject.action,
            "environment": subject.environment,
            "role": self.run.principal.role,
            "on_behalf_of": self.run.principal.on_behalf_of,
            "team": self.run.principal.team,
            "call_hmac": subject.call_hmac,
            "decision": decision.word,
            "code": decision.code,
            "policy_ids": list(decision.policy_ids),
            "policy_hash": self._engine.policy_hash,
            **self._as_books_may_see(subject.facts),
        }
        if isinstance(decision, Ask):
            body["roles"] = list(decision.roles)
        return body

    def _as_books_may_see(self, facts: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Facts that are clean already, narrowed where the rules let the ledger see less than an agent."""
        if self._for_books is self.redactor:
            return facts
        narrowed = self._for_books.value_ours(facts)
        return narrowed if isinstance(narrowed, Mapping) else {}

    def _decided_body(self, subject: Subject, settled: Settled, approval: Approval | None) -> dict[str, JsonValue]:
        shown = replace(settled.asked, args=subject.shown_args, resource=subject.shown_resource)
        return {
            **self._facts_body(subject, settled.decision),
            "tool_hash": subject.tool_hash,
            "stage": subject.stage,
            "untrusted_args": sorted(subject.untrusted),
            "provenance": subject.provenance,
            "run_tainted": settled.asked.common.run_tainted,
            "approval_id": approval.id if approval is not None else None,
            **({"endorsed_args": sorted(subject.endorsed)} if subject.endorsed else {}),
            "request": self._as_books_may_see(cedar_request(shown)),
            "entities": cedar_entities(shown.principal, shown.resource),
        }
