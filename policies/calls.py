"""`gate.call`: restore, parse, reserve, decide, record, run, redact, record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import Deadline
from ..core.errors import BackendError, CallDenied, LedgerError, RedactionError, ToolFailed, ToolRetry
from ..tools.shown import as_shown, shortened
from ..tools.spec import AnyTool, Output, Status, ToolContext
from .arguments import Parsed, parse
from .budgets import Reservation, Use
from .desk import Desk
from .execution import DeadlinePassed, Flight
from .facts import Target
from .fingerprints import Hashable, hashable, tool_hash
from .previews import Look, look
from .provenance import Trace, without_harmless
from .run_data import stored_labels
from .services import Services
from .subjects import Entered, Subject, refused, told_of_withheld, why_withheld, withheld
from .summaries import bound, fit, plain_json
from .trail import Brought, told_of_repetition
from .types import Allow, Ask, CallResult, Deny
from .undo import cited, undo_facts

T = TypeVar("T")

UNKNOWN = "outcome-unknown"
_UNKNOWN_MESSAGE = "it is not known whether this took effect; it will not be tried again: look before proposing it anew"


@dataclass(frozen=True)
class Ended:
    """How a run of a tool ended, cleaned.

    Args:
        is_known: False for a write or send that may or may not have taken effect.
        rows: of the full result.
        bytes: of the full result and the summary.
        body: for the ledger, beside status and code.
    """

    status: Status
    code: str = ""
    message: str = ""
    scope: Mapping[str, JsonValue] | None = None
    summary: JsonValue = None
    artifact_id: str | None = None
    is_known: bool = True
    is_withheld: bool = False
    rows: int = 0
    bytes: int = 0
    body: Mapping[str, JsonValue] | None = None


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
        self._hashes = {name: tool_hash(tool) for name, tool in services.tools.items()}

    def call(self, name: str, args: Mapping[str, JsonValue], call_id: str, *, undoes: int | None = None) -> CallResult:
        """Run a tool, or say why not.

        Args:
            name: of the tool.
            args: as the agent gave them.
            call_id: the agent's.
            undoes: the ledger entry of the effect that this call takes back.

        Raises:
            LedgerError: nothing could be recorded and the tool writes or sends.
            RedactionError: the result could not be cleaned; it is recorded as withheld.
        """
        key = self._desk.key(call_id)
        tool = self._services.tools.get(name)
        if tool is None:
            shown = self._clean(name, ours=True, limit=16)
            denied = Deny("unknown-tool", "there is no such tool", "use one of the tools that are offered")
            return self._refused(call_id, shown, key, denied, "denied")
        with self._desk.lock("call", key):
            try:
                call = self._prepare(tool, args, call_id, key, undoes)
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
        name = _resource_name(tool, parsed)
        shown_name = self._desk.redactor.text(name)
        team = self._services.owners.get(name)
        safe, target = hashable(parsed.raw, parsed.shown), Target(name, tool.environment, team)
        trace, endorsed = self._trace(tool, parsed, safe)
        subject = Subject(
            verb="call",
            call_id=key,
            action=tool.name,
            environment=tool.environment,
            call_hmac=self._desk.hmac_of(tool.name, tool.environment, safe.value),
            resource=target,
            shown_resource=Target(shown_name, tool.environment, team),
            args=parsed.cedar,
            shown_args=parsed.shown_cedar,
            facts={"effect": tool.effect, "resource": shown_name, "args": parsed.shown, **cited(undoes)},
            wanted=_wanted(tool),
            is_once=tool.effect != "read",
            may_degrade=tool.effect == "read",
            stage=self._services.stages.stage_of(
                tool.name, team=self._desk.run.principal.team, environment=tool.environment
            ),
            tool_hash=self._hashes[tool.name],
            two_person=tool.two_person,
            untrusted=trace.untrusted,
            provenance=trace.as_json(),
            is_asked=trace.is_asked,
            endorsed=endorsed,
            holds_secret=safe.holds_secret,
            undoes=undoes,
            flow=self._services.residency.of_call(tool, target, self._desk.run.principal.team),
            look=self._look_at(tool, parsed),
        )
        return _Call(tool, parsed, subject, trace, call_id)

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
            ended = self._digest(call, landed) if landed else self._late(tool, has_started=error.has_started)
        except Exception as error:  # noqa: BLE001 - a tool is anybody's code; it ends here and is recorded
            ended = self._failed(tool, error)
        else:
            ended = self._digest(call, output)
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
        )

    def _late(self, tool: AnyTool, *, has_started: bool) -> Ended:
        if has_started and tool.effect != "read":
            return Ended("error", UNKNOWN, _UNKNOWN_MESSAGE, is_known=False, body={"error": "deadline"})
        return Ended("error", "deadline", f"no answer within {tool.timeout_s:g} s", body={"error": "deadline"})

    def _failed(self, tool: AnyTool, error: Exception) -> Ended:
        """What an exception means. Of an unexpected one only the class is told: its text can hold anything."""
        kind = type(error).__name__
        if isinstance(error, (ToolRetry, ToolFailed)):
            code = "tool-retry" if isinstance(error, ToolRetry) else "tool-failed"
            return Ended(
                "error", code, self._clean(" ".join(filter(None, (error.message, error.remedy)))), body={"error": kind}
            )
        if tool.effect != "read":
            # A connection that broke says nothing about what the far side did.
            return Ended("error", UNKNOWN, _UNKNOWN_MESSAGE, is_known=False, body={"error": kind})
        if isinstance(error, BackendError):
            return Ended("error", "backend", self._clean(error.message), body={"error": kind})
        return Ended("error", "tool-broken", f"the tool broke ({kind})", body={"error": kind})

    def _clean(self, text: str, *, ours: bool = False, limit: int = 120) -> str:
        """A short text that is safe to show, whatever it was."""
        redactor = self._desk.redactor
        try:
            return shortened(redactor.clean_ours(text).text if ours else redactor.text(text), limit)
        except RedactionError:
            return "(withheld: it could not be cleaned)"

    def _digest(self, call: _Call, output: object) -> Ended:
        """Store the full rows, redact, flatten and cut; what comes back is what the agent sees."""
        tool = call.tool
        if not isinstance(output, Output) or not (output.summary is None or isinstance(output.summary, tool.result)):
            return Ended(
                "error", "tool-broken", "the tool returned something it did not declare", body={"error": "result"}
            )
        artifact, notes = None, []
        if output.artifact is not None:
            try:
                run = self._desk.run
                artifact = self._services.artifacts.write(output.artifact, run_id=run.id, team=run.principal.team)
            except ToolFailed as error:
                notes.append(f"the full rows could not be kept: {error.message}")
        summary = None if output.summary is None else plain_json(output.summary.model_dump(mode="json"))
        coarse = bound(summary, tool.summary_tokens)
        raw: dict[str, JsonValue] = {
            "scope": plain_json(output.scope.model_dump(mode="json", exclude_none=True)),
            "summary": coarse.value,
            "note": plain_json(output.note),
        }
        try:
            salvaged = self._desk.redactor.under(f"environment:{tool.environment}").value_salvaged(raw)
            shown = salvaged.value
            if not isinstance(shown, Mapping):
                raise RedactionError("redaction changed the shape of a result")
            small = fit(as_shown(shown["summary"], tool.result), tool.summary_tokens)
            notes += [self._desk.redactor.clean_ours(line).text for line in (*coarse.left_out, *small.left_out)]
        except RedactionError as error:
            message = "the result is withheld because it could not be cleaned"
            return Ended(
                "error",
                "redaction-failed",
                message,
                is_withheld=True,
                body={"error": type(error).__name__, **why_withheld(error)},
            )
        if salvaged.withheld:
            notes.append(told_of_withheld(salvaged.withheld))
        scope, note = shown["scope"], shown["note"]
        is_cut = bool(notes)
        return Ended(
            status="truncated" if is_cut and output.status == "ok" else output.status,
            message="; ".join(filter(None, (str(note), *notes))),
            scope=scope if isinstance(scope, Mapping) else {},
            summary=small.value,
            artifact_id=artifact.id if artifact else None,
            rows=0 if output.artifact is None else output.artifact.num_rows,
            bytes=(0 if output.artifact is None else output.artifact.nbytes) + len(canonical_json(small.value)),
            body={
                "result_hmac": self._desk.fingerprints.of(hashable(raw, shown).value),
                "artifact_sha256": artifact.sha256 if artifact else None,
                "artifact_rows": artifact.rows if artifact else None,
                **withheld(salvaged.withheld),
                **undo_facts(self._services, self._desk.run, self._desk.redactor, call.parsed.model, tool, output),
            },
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
        brought = self._brought(call.tool, ended)
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
            lambda seq: _json_of(replace(result, seq=seq), call),
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
        )
        return replace(result, seq=seq, call_id=call.call_id)

    def _brought(self, tool: AnyTool, ended: Ended) -> Brought:
        found: dict[str, JsonValue] = {"tool": tool.name, "status": ended.status, "summary": ended.summary}
        is_empty = ended.status in ("error", "no_data")
        return Brought(self._desk.fingerprints.of(found), is_empty, is_effect=tool.effect != "read")

    def _land_late(
        self, call: _Call, reservation: Reservation, output: Output[Any], duration_ms: int, code: str
    ) -> None:
        """Record what a write did after its deadline; nobody waits for it any more, but the books do."""
        with suppress(LedgerError, RedactionError), self._desk.lock("call", call.subject.call_id):
            self._finish(call, reservation, self._digest(call, output), duration_ms, code, extra={"is_late": True})

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
            ended = Ended("error", UNKNOWN, _UNKNOWN_MESSAGE, is_known=False)
            return self._finish(call, None, ended, 0, UNKNOWN, extra={"is_reconciled": False})
        ended = self._digest(call, found)
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


def _resource_name(tool: AnyTool, parsed: Parsed) -> str:
    if tool.resource is None:
        return tool.name.partition(".")[0]
    try:
        return str(tool.resource(parsed.model))
    except Exception as error:  # noqa: BLE001 - a tool is anybody's code
        raise ToolRetry(f"{tool.name!r} cannot name what it would act on ({type(error).__name__})") from None


def _since(now: float, started: float) -> int:
    return int((now - started) * 1000)


_LABELS = ("derives", "grounded", "leave", "data_labels")


def _json_of(result: CallResult, call: _Call) -> Mapping[str, JsonValue]:
    return {
        **vars(result),
        "derives": call.trace.derives,
        "grounded": call.trace.is_grounded,
        "leave": call.trace.leave,
        "data_labels": stored_labels(call.subject.flow),
    }


def _result_of(stored: Mapping[str, JsonValue]) -> CallResult:
    fields: dict[str, Any] = {name: value for name, value in stored.items() if name not in _LABELS}
    return CallResult(**fields)


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
        )
        if tool.effect != "read":
            desk.provenance.claim(str(stored.get("leave", "")))
