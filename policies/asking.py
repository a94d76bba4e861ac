"""Asking people: whether an answer is there that fits the call, and what is asked if there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..core.canonical import JsonValue
from ..core.errors import InputError, LedgerError
from .approvals import Approval, ApprovalStore, Binding, Closing, Question
from .cautions import cautions
from .engine import CedarEngine
from .facts import ApprovalFacts, CommonFacts, DecisionInput
from .previews import Look
from .records import Recorder
from .subjects import Subject
from .types import Ask, Decision, Deny, Run

_STALE = "what the call would change is no longer what the person saw"


@dataclass(frozen=True)
class Settled:
    """A decision with the approval that it rests on or waits for.

    Args:
        closing: a record that is good for nothing any more, and why.
        question: what is to be asked, where nothing stands yet.
        may_reuse: whether the approval was used by this call before, and the call may be repeated.
    """

    decision: Decision
    asked: DecisionInput
    approval: Approval | None = None
    closing: Approval | None = None
    why_closing: Closing = "settled"
    question: Question | None = None
    may_reuse: bool = False


class Asking:
    """Finds answers and words questions for one run; writes nothing itself.

    Args:
        narrowed: facts as the ledger may hold them.
        explained: a denial with what the surroundings of the call have to say about it.
        most: questions of the run that may stand at once.
    """

    def __init__(
        self,
        run: Run,
        engine: CedarEngine,
        approvals: ApprovalStore,
        recorder: Recorder,
        narrowed: Callable[[Mapping[str, JsonValue]], Mapping[str, JsonValue]],
        explained: Callable[[Decision, CommonFacts], Decision],
        most: int,
    ) -> None:
        self._run = run
        self._engine = engine
        self._approvals = approvals
        self._recorder = recorder
        self._narrowed = narrowed
        self._explained = explained
        self._most = most

    def settle(self, subject: Subject, asked: DecisionInput, ask: Ask) -> Settled:
        """Look for the answer to what policies ask, and decide again with it."""
        try:
            asked_before = self._approvals.records(run_id=self._run.id)
        except LedgerError as error:
            if not subject.may_degrade:
                raise
            self._recorder.degrade(error)
            return Settled(Deny("ledger-down", "nobody can be asked while the ledger is down"), asked)
        except InputError as error:
            return Settled(Deny("approval-forged", error.message, error.remedy), asked)
        own = [each for each in asked_before if (each.verb, each.call_id) == (subject.verb, subject.call_id)]
        approval = own[-1] if own else None
        is_approved = approval is not None and approval.state == "approved"
        refusal = None if is_approved else self._nagging(subject, asked_before, asked.common.now)
        if refusal is not None:
            return Settled(refusal, asked)
        if approval is None or approval.state == "void":
            return self._anew(subject, asked, ask)
        changed = approval.binding.broken_by(self._binding(subject, asked))
        if changed is not None:
            # What the person saw is not what would run.
            void = approval if approval.state in ("pending", "approved") else None
            return self._anew(subject, asked, ask, void=void, why=changed)
        is_ours = approval.state == "consumed" and not subject.is_once
        if approval.state == "consumed" and not is_ours:
            return Settled(
                Deny("approval-used", "the approval of this call is used up", "ask again with a new call"), asked
            )
        if approval.state == "expired" or (approval.has_expired(asked.common.now) and not is_ours):
            late = Deny("approval-expired", "the approval has expired", "ask again with a new call")
            return Settled(
                late, asked, closing=approval if approval.state == "pending" else None, why_closing="expired"
            )
        if approval.state == "pending":
            # Emergency access opened, say: the policies take somebody now whom the question does not name.
            is_wider = not set(ask.roles) <= set(approval.roles)
            return (
                self._anew(subject, asked, ask, void=approval, why="policy")
                if is_wider
                else Settled(ask, asked, approval)
            )
        return self._with_approval(subject, asked, ask, approval, may_reuse=is_ours)

    def _nagging(self, subject: Subject, asked_before: Sequence[Approval], now: datetime) -> Deny | None:
        """Why people are not asked this: somebody has said no to just this call, whatever its id, or enough waits."""
        for each in reversed(asked_before):
            if each.state == "denied" and each.binding.call_hmac == subject.call_hmac:
                return _denied(each)
        waiting = [each for each in asked_before if each.state == "pending" and not each.has_expired(now)]
        is_new = all((each.verb, each.call_id) != (subject.verb, subject.call_id) for each in waiting)
        return _ENOUGH if is_new and len(waiting) >= self._most else None

    def unneeded(self, subject: Subject) -> Approval | None:
        """A question that still waits although no person is needed any more.

        Raises:
            LedgerError: the database cannot be read.
        """
        try:
            approval = self._approvals.find(self._run.id, subject.verb, subject.call_id)
        except InputError:
            return None  # nothing rests on it
        return approval if approval is not None and approval.state == "pending" else None

    def _with_approval(
        self, subject: Subject, asked: DecisionInput, ask: Ask, approval: Approval, *, may_reuse: bool
    ) -> Settled:
        facts = ApprovalFacts(
            approver=approval.approver,
            approver_roles=approval.approver_roles,
            call_hmac=approval.binding.call_hmac,
            expires=approval.expires_at,
        )
        has_failed = _look_of(approval).get("status") == "failed"
        with_it = replace(asked, approval=facts, common=replace(asked.common, preview_failed=has_failed))
        decision = self._explained(self._engine.decide(with_it), with_it.common)
        if isinstance(decision, Deny):
            # Approved, and still not enough: the policies want another role, or deny for another reason.
            return Settled(decision, with_it)
        if not may_reuse and subject.look is not None and approval.state_hmac:
            now = subject.look()
            if now.status == "failed":
                # The approval stands: nothing says that anything has changed.
                return Settled(_UNSEEN, with_it)
            if now.state_hmac != approval.state_hmac:
                stale = replace(ask, code="approval-stale", reason=_STALE)
                return self._anew(subject, asked, stale, void=approval, why="state", seen=now)
        return Settled(decision, with_it, approval, may_reuse=may_reuse)

    def _anew(
        self,
        subject: Subject,
        asked: DecisionInput,
        ask: Ask,
        *,
        void: Approval | None = None,
        why: Closing = "settled",
        seen: Look | None = None,
    ) -> Settled:
        """A question that nobody has answered yet, with what the tool says it would change."""
        if seen is None and subject.look is not None:
            seen = subject.look()
        if seen is not None and seen.status == "failed":
            asked = replace(asked, common=replace(asked.common, preview_failed=True))
            decision = self._engine.decide(asked)
            if not isinstance(decision, Ask):
                return Settled(decision, asked, closing=void, why_closing=why)
            ask = decision
        preview: dict[str, JsonValue] = {
            **subject.facts,
            "role": self._run.principal.role,
            "stage": subject.stage,
            "untrusted_args": sorted(subject.untrusted),
            "run_tainted": asked.common.run_tainted,
            "cautions": _cautions(subject.facts.get("args", subject.facts.get("body"))),
            **({"provenance": subject.provenance} if subject.provenance else {}),
            **({"look": seen.shown} if seen is not None else {}),
            **({"emergency": True} if asked.common.emergency else {}),
            **({"ticket": dict(vars(asked.common.ticket))} if asked.common.ticket else {}),
            **({"instead_of": void.id, "changed": why} if void is not None else {}),
        }
        question = Question(
            verb=subject.verb,
            call_id=subject.call_id,
            action=subject.action,
            environment=subject.environment,
            ask=ask,
            preview=preview,
            recorded=self._narrowed(preview),
            binding=self._binding(subject, asked),
            state_hmac=seen.state_hmac if seen is not None else "",
        )
        return Settled(ask, asked, closing=void, why_closing=why, question=question)

    def _binding(self, subject: Subject, asked: DecisionInput) -> Binding:
        labels = sorted(subject.untrusted) + (["run"] if asked.common.run_tainted else [])
        return Binding(subject.call_hmac, self._engine.policy_hash, subject.tool_hash, tuple(labels))


_ENOUGH = Deny(
    "questions-waiting",
    "as many questions of this run wait for people as may",
    "propose the step in the report, or go on when somebody has answered",
)
_UNSEEN = Deny(
    "preview-failed",
    "it cannot be seen whether what the call would change is still what the person saw",
    "make the same call again when the system behind the tool answers",
)


def _denied(approval: Approval) -> Deny:
    why = f": {approval.note}" if approval.note else ""
    return Deny("approval-denied", f"a person denied this call{why}", "propose something else")


def _look_of(approval: Approval) -> Mapping[str, JsonValue]:
    look = approval.preview.get("look")
    return look if isinstance(look, Mapping) else {}


def _cautions(shown: JsonValue) -> list[JsonValue]:
    if not isinstance(shown, Mapping):
        return []
    return [line for name, value in shown.items() for line in cautions(value, str(name))]
