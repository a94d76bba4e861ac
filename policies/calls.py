"""`gate.call`: restore, parse, reserve, decide, record, run, redact, record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..core.canonical import JsonValue
from ..core.clock import Deadline
from ..core.errors import CallDenied, LedgerError, RedactionError, ToolRetry
from ..tools.spec import AnyTool, Output, Status, ToolContext
from .arguments import Parsed, parse
from .budgets import Reservation, Use
from .desk import Desk
from .endings import UNKNOWN, UNKNOWN_MESSAGE, Ended, Endings
from .execution import DeadlinePassed, Flight
from .facts import Target
from .fingerprints import Hashable, hashable, tool_hash
from .lent_embedder import lent_embedder
from .origins import Trace
from .previews import Look, look
from .provenance import without_harmless
from .run_data import stored_labels
from .services import Services
from .subjects import Entered, Subject, refused, why_withheld
from .trail import told_of_repetition
from .types import Allow, Ask, CallResult, Deny
from .undo import cited

T = TypeVar("T")


@dataclass(frozen=True)
class _Call:
    tool: AnyTool
    parsed: Parsed
    subject: Subject
    trace: Trace
    call_id: str


class Calls:
    """Calls of tools in one run."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._services = services
        self._desk = desk
        self._endings = Endings(services, desk)
        self._hashes = {name: tool_hash(tool) for name, tool in services.tools.items()}

    def call(
        self,
        name: str,
        args: Mapping[str, JsonValue],
        call_id: str,
        *,
        on_args: Callable[[JsonValue], None] = lambda _shown: None,
        undoes: int | None = None,
    ) -> CallResult:
        """Run a tool, or say why not.

        Args:
            name: of the tool.
            args: as the agent gave them.
            call_id: the agent's.
            on_args: told the arguments as they are recorded, redacted.
            undoes: the ledger entry of the effect that this call takes back.

        Raises:
            LedgerError: nothing could be recorded and the tool writes or sends.
            RedactionError: the result could not be cleaned; it is recorded as withheld.
        """
        key = self._desk.key(call_id)
        tool = self._services.tools.get(name)
        if tool is None:
            shown = self._endings.clean(name, ours=True, limit=16)
            denied = Deny("unknown-tool", "there is no such tool", "use one of the tools that are offered")
            return self._refused(call_id, shown, key, denied, "denied")
        with self._desk.lock("call", key):
            try:
                call = self._prepare(tool, args, call_id, key, undoes)
                on_args(call.parsed.shown)
                row = self._desk.earlier(call.subject)
            except ToolRetry as error:
                denied = Deny("bad-arguments", error.message, error.remedy)
                return self._refused(call_id, name, key, denied, "error")
            except CallDenied as error:
                denied = Deny(error.code, error.message, error.remedy)
                return self._refused(call_id, name, key, denied, "denied")
            except RedactionError as error:
                denied = Deny("redaction-failed", "the arguments could not be cleaned, so nothing is decided on them")
                return self._refused(call_id, name, key, denied, "denied", why_withheld(error))
            if row is not None and row.result is not None:
                self._desk.data.relearn(row.result)  # another process of this run may have read it
                return replace(_result_of(row.result), call_id=call_id)
            if row is not None and row.state == "intent" and call.subject.is_once:
                return self._reconcile(call)
            return self._decide(call)

    def _prepare(
        self, tool: AnyTool, args: Mapping[str, JsonValue], call_id: str, key: str, undoes: int | None
    ) -> _Call:
        record = self._services.engine.record_of(tool.name)
        parsed = parse(tool, record, args, self._desk.redactor)
        targets = self._targets(tool, parsed)
        own = self._desk.run.principal.team
        # Of several things one of another team decides, and the labels of all of them count.
        target = next((each for each in targets if each.team not in (None, own)), targets[0])
        shown_name = self._desk.redactor.text(target.name)
        safe = hashable(parsed.raw, parsed.shown)
        flows = [self._services.residency.of_call(tool, each, own) for each in targets]
        trace, endorsed = self._trace(tool, parsed, safe)
        subject = Subject(
            verb="call",
            call_id=key,
            action=tool.name,
            environment=tool.environment,
            call_hmac=self._desk.hmac_of(tool.name, tool.environment, safe.value),
            resource=target,
            shown_resource=replace(target, name=shown_name),
            args=parsed.cedar,
            shown_args=parsed.shown_cedar,
            facts={"effect": tool.effect, "resource": shown_name, "args": parsed.shown, **cited(undoes)},
            wanted=_wanted(tool),
            is_once=tool.effect != "read",
            may_degrade=tool.effect == "read",
            stage=self._services.stages.stage_of(tool.name, team=own, environment=tool.environment),
            tool_hash=self._hashes[tool.name],
            two_person=tool.two_person,
            untrusted=trace.untrusted,
            provenance=trace.as_json(),
            is_asked=trace.is_asked,
            endorsed=endorsed,
            holds_secret=safe.holds_secret,
            undoes=undoes,
            flow=replace(flows[0], brings=frozenset().union(*(flow.brings for flow in flows))),
            look=self._look_at(tool, parsed),
        )
        return _Call(tool, parsed, subject, trace, call_id)

    def _targets(self, tool: AnyTool, parsed: Parsed) -> list[Target]:
        try:
            names = tool.acts_on(parsed.model)
        except Exception as error:  # noqa: BLE001 - a tool is anybody's code
            raise ToolRetry(f"{tool.name!r} cannot name what it would act on ({type(error).__name__})") from None
        return [Target(name, tool.environment, self._services.owners.get(name)) for name in names]

    def _trace(self, tool: AnyTool, parsed: Parsed, safe: Hashable) -> tuple[Trace, frozenset[str]]:
        """Where the arguments come from, and which doubted ones a person has endorsed."""
        leave = self._desk.fingerprints.leave(tool.name, without_harmless(tool.args, safe.value))
        trace = self._desk.provenance.trace(tool, parsed, leave)
        endorsed = self._endorsed(tool, parsed, trace.untrusted)
        if endorsed:
            trace = self._desk.provenance.trace(tool, parsed, leave, endorsed)
        return trace, endorsed

    def _endorsed(self, tool: AnyTool, parsed: Parsed, doubted: frozenset[str]) -> frozenset[str]:
        run_id, may_degrade = self._desk.run.id, tool.effect == "read"
        return self._services.endorsements.among(
            doubted, run_id, tool.name, self._hashes[tool.name], parsed.shown, may_degrade=may_degrade
        )

    def _look_at(self, tool: AnyTool, parsed: Parsed) -> Callable[[], Look] | None:
        """What a person will see of the effect, asked for only when there is a person to be asked."""
        preview = tool.preview
        if preview is None:
            return None
        return lambda: look(
            lambda: preview(parsed.model, self._context(tool)),
            threads=self._services.threads,
            timeout_s=tool.timeout_s,
            redactor=self._desk.redactor.under(f"environment:{tool.environment}"),
            fingerprints=self._desk.fingerprints,
        )

    def _decide(self, call: _Call) -> CallResult:
        provenance, leave = self._desk.provenance, call.trace.leave
        subject = call.subject
        stopped = self._desk.stopped(subject)
        if stopped is not None:
            return _not_run(call.call_id, call.tool.name, self._desk.refuse(subject, stopped))
        if subject.is_asked and not provenance.claim(leave):
            subject = replace(subject, is_asked=False)
        reservation = self._desk.reserve(subject)
        entered = self._desk.enter(subject, reservation)
        if not isinstance(entered.decision, Allow):
            if subject.is_asked:
                provenance.give_back(leave)
            return _not_run(call.call_id, call.tool.name, entered)
        if entered.approval is not None:
            call = replace(call, trace=replace(call.trace, is_grounded=True))
        ended, duration_ms = self._run(call, reservation, entered.decision.code)
        return self._finish(call, reservation, ended, duration_ms, entered.decision.code)

    def _run(self, call: _Call, reservation: Reservation, code: str) -> tuple[Ended, int]:
        clock, tool = self._services.clock, call.tool
        flight, context = Flight(), self._context(tool, call.subject)
        started = clock.monotonic()

        def work() -> Output[Any]:
            output: Output[Any] = tool.run(call.parsed.model, context)
            if not flight.land(output) and call.subject.is_once:
                self._land_late(call, reservation, output, _since(clock.monotonic(), started), code)
            return output

        try:
            output = self._services.threads.run(work, tool.timeout_s)
        except DeadlinePassed as error:
            landed = flight.give_up()
            ended = (
                self._endings.digest(call.tool, call.parsed.model, landed)
                if landed
                else self._endings.late(tool, has_started=error.has_started)
            )
        except Exception as error:  # noqa: BLE001 - a tool is anybody's code; it ends here and is recorded
            ended = self._endings.failed(tool, error)
        else:
            ended = self._endings.digest(call.tool, call.parsed.model, output)
        return ended, _since(clock.monotonic(), started)

    def _context(self, tool: AnyTool, subject: Subject | None = None) -> ToolContext:
        """What a tool is lent; a look before there is a call has no key."""
        run = self._desk.run
        key: dict[str, JsonValue] = {}
        if subject is not None:
            key = {"run": run.id, "call_id": subject.call_id, "call": subject.call_hmac}
        return ToolContext(
            run_id=run.id,
            team=run.principal.team,
            clock=self._services.clock,
            deadline=Deadline(self._services.clock, tool.timeout_s),
            artifacts=self._services.artifacts.reader(run_id=run.id, team=run.principal.team),
            idempotency_key=self._desk.fingerprints.of(key)[:32] if key else "",
            credential=self._services.credentials.get(tool.name),
            embedder=lent_embedder(self._services, self._desk, subject.flow.brings) if subject is not None else None,
        )

    def _finish(
        self,
        call: _Call,
        reservation: Reservation | None,
        ended: Ended,
        duration_ms: int,
        code: str,
        *,
        extra: Mapping[str, JsonValue] | None = None,
    ) -> CallResult:
        brought = self._endings.brought(call.tool, ended)
        before = reservation.progress.before if reservation is not None else None
        result = CallResult(
            call_id=call.subject.call_id,
            tool=call.tool.name,
            status=ended.status,
            code=ended.code or code,
            scope=ended.scope or {},
            summary=ended.summary,
            artifact_id=ended.artifact_id,
            message="; ".join(filter(None, (ended.message, *told_of_repetition(before, brought.finding)))),
        )
        body: dict[str, JsonValue] = {
            "status": ended.status,
            "code": result.code,
            "scope": result.scope,
            "summary": result.summary,
            "message": result.message,
            "artifact_id": result.artifact_id,
            "duration_ms": duration_ms,
            "cost_microusd": call.tool.cost_microusd,
            **cited(call.subject.undoes),
            "result_rows": ended.rows,
            "result_bytes": ended.bytes,
            **(ended.body or {}),
            **(extra or {}),
        }
        self._desk.data.learn(call.subject.flow.brings)
        seq = self._desk.finish(
            call.subject,
            reservation,
            Use(calls=1, microusd=call.tool.cost_microusd, rows=ended.rows, bytes=ended.bytes),
            body,
            lambda seq: _json_of(replace(result, seq=seq), call, ended.said),
            state="done" if ended.is_known else "intent",
            brought=brought,
        )
        if ended.is_withheld:
            raise RedactionError(
                ended.message, remedy="`opswarden doctor` checks the redaction; the ledger has the outcome"
            )
        self._desk.provenance.learn(
            call.tool,
            ended.summary,
            seq=seq,
            derives=call.trace.derives,
            is_grounded=call.trace.is_grounded,
            artifact_id=ended.artifact_id,
            texts=call.trace.texts,
            said=ended.said,
        )
        return replace(result, seq=seq, call_id=call.call_id)

    def _land_late(
        self, call: _Call, reservation: Reservation, output: Output[Any], duration_ms: int, code: str
    ) -> None:
        """Record what a write did after its deadline; nobody waits for it any more, but the books do."""
        with suppress(LedgerError, RedactionError), self._desk.lock("call", call.subject.call_id):
            self._finish(
                call,
                reservation,
                self._endings.digest(call.tool, call.parsed.model, output),
                duration_ms,
                code,
                extra={"is_late": True},
            )

    def _reconcile(self, call: _Call) -> CallResult:
        """A write was begun and its outcome never recorded: ask the tool's own check, or say that it is unknown."""
        clock, tool = self._services.clock, call.tool
        started = clock.monotonic()
        found: Output[Any] | None = None
        if tool.reconcile is not None:
            check, context = tool.reconcile, self._context(tool, call.subject)
            # A check that fails leaves the outcome as unknown as it was.
            with suppress(Exception):
                found = self._services.threads.run(lambda: check(call.parsed.model, context), tool.timeout_s)
        if found is None:
            ended = Ended("error", UNKNOWN, UNKNOWN_MESSAGE, is_known=False)
            return self._finish(call, None, ended, 0, UNKNOWN, extra={"is_reconciled": False})
        ended = self._endings.digest(call.tool, call.parsed.model, found)
        duration_ms = _since(clock.monotonic(), started)
        return self._finish(call, None, ended, duration_ms, "reconciled", extra={"is_reconciled": True})

    def _refused(
        self,
        call_id: str,
        tool: str,
        key: str,
        denied: Deny,
        status: Status,
        more: Mapping[str, JsonValue] | None = None,
    ) -> CallResult:
        """Record and return a refusal that comes before any decision."""
        subject = refused("call", key, tool, denied.reason, more)
        entered = self._desk.refuse(subject, denied)
        return replace(_not_run(call_id, tool, entered), status=status)


def _not_run(call_id: str, tool: str, entered: Entered) -> CallResult:
    decision = entered.decision
    if isinstance(decision, Ask):
        approval_id = entered.approval.id if entered.approval else None
        message = f"{decision.reason}; waits for a person with the role {decision.who} (approval {approval_id})"
        return CallResult(
            call_id, tool, "denied", decision.code, seq=entered.seq, message=message, approval_id=approval_id
        )
    reason = decision.reason if isinstance(decision, Deny) else ""
    remedy = decision.remedy if isinstance(decision, Deny) else ""
    message = "; ".join(filter(None, (reason, remedy)))
    return CallResult(call_id, tool, "denied", decision.code, seq=entered.seq, message=message)


def _wanted(tool: AnyTool) -> Use:
    """What a call may need; how much a read brings is known only when it is there."""
    use = Use(calls=1, microusd=tool.cost_microusd)
    return use + Use(rows=tool.rows_estimate, bytes=tool.bytes_estimate) if tool.effect == "read" else use


def _since(now: float, started: float) -> int:
    return int((now - started) * 1000)


_LABELS = ("derives", "grounded", "leave", "texts", "said", "data_labels")


def _json_of(result: CallResult, call: _Call, said: str) -> Mapping[str, JsonValue]:
    return {
        **vars(result),
        "derives": call.trace.derives,
        "grounded": call.trace.is_grounded,
        "leave": call.trace.leave,
        "texts": list(call.trace.texts),
        "said": said,
        "data_labels": stored_labels(call.subject.flow),
    }


def _result_of(stored: Mapping[str, JsonValue]) -> CallResult:
    fields: dict[str, Any] = {name: value for name, value in stored.items() if name not in _LABELS}
    return CallResult(**fields)


def _texts(stored: JsonValue) -> list[str]:
    return [str(text) for text in stored] if isinstance(stored, list) else []


def relearn(desk: Desk, tools: Mapping[str, AnyTool], stored: Mapping[str, JsonValue]) -> None:
    """Take the labels of a result that an earlier process of this run got."""
    result = _result_of(stored)
    tool = tools.get(result.tool)
    desk.data.relearn(stored)
    if tool is not None:
        desk.provenance.learn(
            tool,
            result.summary,
            seq=result.seq,
            derives=bool(stored.get("derives")),
            is_grounded=bool(stored.get("grounded")),
            artifact_id=result.artifact_id,
            texts=_texts(stored.get("texts")),
            # A run of an earlier version did not tell the tool's words from ours.
            said=str(stored.get("said", result.message)),
        )
        if tool.effect != "read":
            desk.provenance.claim(str(stored.get("leave", "")))
