"""Taking a tool to another stage: up by an approved, recorded step that cites its proposals, down at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from ..core.canonical import JsonValue
from ..core.clock import Clock
from ..core.database import Database
from ..core.errors import CallDenied, InputError
from ..core.ids import IdSource
from .approvals import Approval, ApprovalStore, Binding, Question
from .fingerprints import Fingerprints
from .ledger.types import Ledger, LedgerEntry
from .proposals import Report
from .stage_records import ORDER, InForce, Place, RecordedStages, StageBook, Step
from .switches import INSTALLATION
from .types import Ask, Principal, Run, Stage

STAGE_ACTION = "stages.set"
"""What the question to people is about; no tool has this name."""

_REASON_LIMIT = 500


class StageSteps:
    """The steps between stages, each recorded in the ledger in the transaction that makes it hold.

    Args:
        scrub: cleans what a person typed.
        owners: one of these roles approves a step up.
        least_judged: how many judged proposals a step up must cite.
        tool_hashes: of the declarations of the tools that exist.
        policy_hash: of the policies in force.
    """

    def __init__(
        self,
        stages: RecordedStages,
        book: StageBook,
        approvals: ApprovalStore,
        ledger: Ledger,
        database: Database,
        fingerprints: Fingerprints,
        clock: Clock,
        ids: IdSource,
        scrub: Callable[[str], str],
        *,
        owners: frozenset[str],
        least_judged: int,
        tool_hashes: Mapping[str, str],
        policy_hash: str,
    ) -> None:
        self._stages = stages
        self._book = book
        self._approvals = approvals
        self._ledger = ledger
        self._database = database
        self._fingerprints = fingerprints
        self._clock = clock
        self._ids = ids
        self._scrub = scrub
        self._owners = tuple(sorted(owners))
        self._least_judged = least_judged
        self._tool_hashes = tool_hashes
        self._policy_hash = policy_hash

    def propose(self, report: Report, to: Stage, *, by: str, reason: str) -> Approval:
        """Ask people whether a tool may go further, citing how its proposals compared with what people did.

        Args:
            report: of the place.
            to: a stage above the one in force.
            by: `person:<name>` who proposes; somebody else has to approve.
            reason: why; cleaned before it is stored.

        Raises:
            InputError: no such tool, no step up, or too few judged proposals to cite.
            LedgerError: it could not be recorded.
        """
        place = report.place
        now = self._known(place)
        if ORDER.index(to) <= ORDER.index(now.stage):
            raise InputError(
                f"{place.tool!r} is at {now.stage} already", remedy="`opswarden stages lower` takes a step down"
            )
        if len(report.judged) < self._least_judged:
            raise InputError(
                f"a step up has to cite {self._least_judged} judged proposals, and there are {len(report.judged)}",
                remedy="say what people did with `opswarden stages outcome SEQ --did same|other|nothing`",
            )
        if not self._owners:
            raise InputError("nobody may approve a step up", remedy="name roles in `gate.stage_owners`")
        facts: dict[str, JsonValue] = {
            "tool": place.tool,
            "team": place.team,
            "environment": place.environment,
            "from": now.stage,
            "to": to,
            "configured": now.configured,
            "why": self._clean(reason),
            "report": report.figures(by),
        }
        ask = Ask(STAGE_ACTION, self._owners, f"{by} proposes to raise a stage", two_person=True)
        question = Question(
            verb="call",
            call_id=self._ids.new("stg"),
            action=STAGE_ACTION,
            environment=place.environment,
            ask=ask,
            preview=facts,
            recorded=facts,
            binding=Binding(self._fingerprints.of(facts), self._policy_hash, self._tool_hashes.get(place.tool, ""), ()),
        )
        run = Run(INSTALLATION, Principal("operator", by, place.team), "cli")
        with self._database.transaction() as connection:
            return self._approvals.request(connection, run, question)

    def settle(self, approval_id: str) -> Step:
        """Make an approved step hold, and record it.

        Raises:
            InputError: no such question, it is about no stage, or nobody has approved it; or it is void, because the
                policies, the tool or the stage in force changed since it was asked.
            CallDenied: `approval-used` or `approval-expired`.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        with self._database.transaction() as connection:
            approval = self._approvals.get(approval_id)
            if approval.action != STAGE_ACTION or approval.run_id != INSTALLATION:
                raise InputError("this question is about no stage", remedy="`opswarden resume RUN` goes on with a run")
            if approval.state == "consumed":
                raise CallDenied("this step was taken already", code="approval-used", remedy="propose another one")
            if approval.state != "approved":
                raise InputError(f"the step is {approval.state}", remedy="somebody with the role has to approve it")
            place, to, configured = _asked(approval)
            is_same = self._is_same(approval, place)
            if is_same:
                self._approvals.consume(connection, approval)
                step = self._record(
                    place, to, configured, approval.requester, approval=approval, why=str(approval.preview["why"])
                )
                self._book.write(connection, step)
                return step
            self._approvals.close(connection, approval, "state")
        raise InputError(
            "the policies, the tool or its stage changed since the step was asked for, so the approval is void",
            remedy="propose it anew",
        )

    def lower(self, place: Place, to: Stage, *, by: str, reason: str) -> Step:
        """Take a step down, at once and by anybody at the keyboard.

        Raises:
            InputError: no such tool, no step down, or no reason.
            LedgerError: it could not be recorded, and nothing has changed.
        """
        why = self._clean(reason)
        with self._database.transaction() as connection:
            now = self._known(place)
            # An altered row counts as `observe`; writing a sound one over it must stay possible.
            if now.source != "altered" and ORDER.index(to) >= ORDER.index(now.stage):
                raise InputError(
                    f"{place.tool!r} is at {now.stage} already", remedy="`opswarden stages propose` asks for a step up"
                )
            if now.source == "altered" and to != "observe":
                raise InputError(
                    f"the recorded stage of {place.tool!r} was altered outside the gate",
                    remedy="lower it to observe, and propose the step anew",
                )
            step = self._record(place, to, now.configured, by, approval=None, why=why)
            self._book.write(connection, step)
        return step

    def _known(self, place: Place) -> InForce:
        if self._stages.effect_of(place.tool) is None:
            raise InputError(f"there is no tool {place.tool!r}", remedy="`opswarden stages list` names them")
        return self._stages.in_force(place)

    def _is_same(self, approval: Approval, place: Place) -> bool:
        now = self._stages.in_force(place)
        return (
            approval.binding.call_hmac == self._fingerprints.of(approval.preview)
            and approval.binding.policy_hash == self._policy_hash
            and approval.binding.tool_hash == self._tool_hashes.get(place.tool)
            and (now.stage, now.configured) == (approval.preview["from"], approval.preview["configured"])
        )

    def _record(
        self, place: Place, to: Stage, configured: Stage, by: str, *, approval: Approval | None, why: str
    ) -> Step:
        before = self._stages.in_force(place).stage
        body: dict[str, JsonValue] = {
            "tool": place.tool,
            "team": place.team,
            "environment": place.environment,
            "from": before,
            "to": to,
            "configured": configured,
            "by": by,
            "reason": why,
            "approval_id": approval.id if approval else None,
            "approver": approval.approver if approval else None,
            "report": approval.preview["report"] if approval else None,
        }
        # The caller's transaction is this thread's, so the entry stands or falls with the row.
        with self._database.transaction() as connection:
            (seq,) = self._ledger.append([LedgerEntry("stage.set", INSTALLATION, body)], connection=connection)
        return Step(place, to, configured, by, approval.id if approval else "", self._clock.now(), seq)

    def _clean(self, reason: str) -> str:
        if not reason.strip() or len(reason) > _REASON_LIMIT:
            raise InputError("a step needs a reason", remedy=f"say why in at most {_REASON_LIMIT} characters")
        return self._scrub(reason.strip())


def _asked(approval: Approval) -> tuple[Place, Stage, Stage]:
    preview = approval.preview
    place = Place(str(preview["tool"]), str(preview["team"]), str(preview["environment"]))
    named = {name: name for name in get_args(Stage)}
    return place, named[str(preview["to"])], named[str(preview["configured"])]
