"""`gate.tell`: redact, reserve, decide, record, send once, record. The only road to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.canonical import JsonValue, canonical_json
from ..core.errors import BackendError, CallDenied, RedactionError
from ..core.tokens import estimate_tokens
from ..tools.shown import shortened
from .budgets import Reservation, Use
from .desk import Desk
from .execution import DeadlinePassed
from .fingerprints import hashable
from .schema import TELL_ACTION
from .services import Services
from .subjects import Subject, refused, why_withheld
from .summaries import fit, plain_json
from .types import Allow, Ask, Audience, Deny, Notice, RepeatableSender, Sender, TellResult

_PREVIEW_TOKENS = 400
_UNKNOWN_MESSAGE = "it is not known whether the message arrived; it will not be sent again"
_AGAIN_MESSAGE = "it is not known whether the message arrived; sent again, it is there once"


@dataclass(frozen=True)
class _Message:
    sender: Sender
    audience: Audience
    notice: Notice
    subject: Subject


class Tells:
    """Messages to people in one run."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._services = services
        self._desk = desk

    def tell(self, audience: Audience, notice: Notice, call_id: str) -> TellResult:
        """Deliver a notice, once.

        Raises:
            LedgerError: nothing could be recorded and the audience is outside our own trust zone.
            RedactionError: the notice could not be cleaned.
        """
        key = self._desk.key(call_id)
        sender = self._services.senders.get(audience.kind)
        with self._desk.lock("tell", key):
            try:
                subject, clean = self._prepare(audience, notice, key)
            except RedactionError as error:
                denied = Deny("redaction-failed", "the message could not be cleaned, so nobody is told")
                self._desk.refuse(refused("tell", key, TELL_ACTION, denied.reason, why_withheld(error)), denied)
                raise
            if sender is None:
                denied = Deny("unknown-audience", "there is no way to reach this kind of audience", "configure one")
                return _not_sent(self._desk.refuse(subject, denied).seq, denied, clean)
            message = _Message(sender, audience, clean, subject)
            try:
                row = self._desk.earlier(subject)
            except CallDenied as error:
                denied = Deny(error.code, error.message, error.remedy)
                return _not_sent(self._desk.refuse(subject, denied).seq, denied, clean)
            if row is not None and row.result is not None:
                return _result_of(row.result)
            if row is not None and row.state == "intent" and isinstance(sender, RepeatableSender):
                self._desk.finish(
                    subject,
                    None,
                    Use(),
                    {"status": "unknown", "code": "sent-again", "audience": subject.facts["audience"]},
                    lambda _seq: {},
                    state="decided",
                )
            elif row is not None and row.state == "intent":
                return TellResult("unknown", "outcome-unknown", body=clean.body, message=_UNKNOWN_MESSAGE)
            return self._decide(message)

    def _prepare(self, audience: Audience, notice: Notice, key: str) -> tuple[Subject, Notice]:
        redactor = self._desk.redactor.under(f"audience:{audience.kind}", f"audience:{audience.kind}/{audience.name}")
        body = redactor.value_ours(plain_json(notice.body))
        if not isinstance(body, Mapping):
            raise RedactionError("redaction changed the shape of a notice")
        clean = Notice(redactor.clean_ours(notice.kind).text, body)
        shown = Audience(*(redactor.clean_ours(text).text for text in (audience.kind, audience.name, audience.team)))
        text = canonical_json(body).decode()
        args: dict[str, JsonValue] = {"kind": clean.kind, "tokens": estimate_tokens(text)}
        safe = hashable(dict(vars(audience)), dict(vars(shown)))
        whole: dict[str, JsonValue] = {"audience": safe.value, "kind": clean.kind, "body": body}
        facts: dict[str, JsonValue] = {
            "audience": dict(vars(shown)),
            "kind": clean.kind,
            "body": fit(body, _PREVIEW_TOKENS).value,
            **({"cites": redactor.value_ours(dict(notice.cites))} if notice.cites else {}),
        }
        subject = Subject(
            verb="tell",
            call_id=key,
            action=TELL_ACTION,
            environment=shown.kind,
            call_hmac=self._desk.hmac_of(TELL_ACTION, shown.kind, whole),
            resource=audience,
            shown_resource=shown,
            args=args,
            shown_args=args,
            facts=facts,
            wanted=Use(tells=1),
            is_once=True,
            holds_secret=safe.holds_secret,
            may_degrade=audience.kind in self._services.local_audiences,
            flow=self._services.residency.to_people(audience),
        )
        return subject, clean

    def _decide(self, message: _Message) -> TellResult:
        stopped = self._desk.stopped(message.subject)
        if stopped is not None:
            return _not_sent(self._desk.refuse(message.subject, stopped).seq, stopped, message.notice)
        reservation = self._desk.reserve(message.subject)
        entered = self._desk.enter(message.subject, reservation)
        decision = entered.decision
        if isinstance(decision, Deny):
            return _not_sent(entered.seq, decision, message.notice)
        if isinstance(decision, Ask):
            return TellResult(
                "waiting",
                decision.code,
                body=message.notice.body,
                seq=entered.seq,
                message=f"{decision.reason}; waits for a person with the role {decision.who}",
                approval_id=entered.approval.id if entered.approval else None,
            )
        return self._send(message, reservation, decision)

    def _send(self, message: _Message, reservation: Reservation, decision: Allow) -> TellResult:
        key = self._desk.fingerprints.of({"run": self._desk.run.id, "call": message.subject.call_id})[:32]
        try:
            receipt = self._services.threads.run(
                lambda: message.sender.send(message.audience, message.notice, key), self._services.tell_timeout_s
            )
        except DeadlinePassed as error:
            if error.has_started:
                return self._unknown(message, reservation, "deadline")
            return self._failed(message, reservation, "deadline", "no thread was free to send it")
        except BackendError as error:
            return self._failed(message, reservation, type(error).__name__, error.message)
        except Exception as error:  # noqa: BLE001 - a sender is anybody's code; it is recorded, and nothing is sent again
            return self._unknown(message, reservation, type(error).__name__)
        shown = shortened(self._desk.redactor.clean_ours(str(receipt)).text, 64)
        result = TellResult("sent", decision.code, receipt=shown, body=message.notice.body)
        return self._finish(message, reservation, result, {"receipt": shown})

    def _failed(self, message: _Message, reservation: Reservation, kind: str, text: str) -> TellResult:
        try:
            shown = self._desk.redactor.text(text)
        except RedactionError:
            shown = "its message is withheld because it could not be cleaned"
        result = TellResult("failed", "backend", body=message.notice.body, message=shown)
        return self._finish(message, reservation, result, {"error": kind})

    def _unknown(self, message: _Message, reservation: Reservation, kind: str) -> TellResult:
        body = message.notice.body
        if isinstance(message.sender, RepeatableSender):
            # Whoever takes it for told would leave it untold for ever: it is theirs to tell again, which does no harm.
            again = TellResult("failed", "outcome-unknown", body=body, message=_AGAIN_MESSAGE)
            return self._finish(message, reservation, again, {"error": kind, "status": "unknown"})
        result = TellResult("unknown", "outcome-unknown", body=body, message=_UNKNOWN_MESSAGE)
        return self._finish(message, reservation, result, {"error": kind})

    def _finish(
        self, message: _Message, reservation: Reservation, result: TellResult, facts: Mapping[str, JsonValue]
    ) -> TellResult:
        body: dict[str, JsonValue] = {
            "status": result.status,
            "code": result.code,
            "audience": message.subject.facts["audience"],
            **facts,
        }
        seq = self._desk.finish(
            message.subject,
            reservation,
            Use(tells=1),
            body,
            lambda seq: {**vars(replace(result, seq=seq))},
            # What certainly did not arrive, or arrives once however often it is sent, may be sent again.
            state="decided" if result.status == "failed" else "done",
        )
        return replace(result, seq=seq)


def _not_sent(seq: int, denied: Deny, notice: Notice) -> TellResult:
    message = "; ".join(filter(None, (denied.reason, denied.remedy)))
    return TellResult("denied", denied.code, body=notice.body, seq=seq, message=message)


def _result_of(stored: Mapping[str, JsonValue]) -> TellResult:
    fields: dict[str, Any] = dict(stored)
    return TellResult(**fields)
