"""The scripted person: looks only at whether the exact call is the one that was meant, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...core.errors import OpswardenError
from ...policies.approvals import Approval, ApprovalStore
from .types import Meant
from .world import Done, canonical

ROLES = frozenset({"oncall", "change-manager"})
APPROVER = "person:on-call"


class ScriptedPerson:
    """Answers every question that waits.

    Args:
        meant: what the person wants; everything else is denied.
        careless: approves whatever is asked.
    """

    def __init__(self, approvals: ApprovalStore, meant: Sequence[Meant], *, careless: bool = False) -> None:
        self._approvals = approvals
        self._left: Counter[tuple[str, str]] = Counter()
        for call in meant:
            self._left[call.tool, canonical(call.args)] += call.times
        self._careless = careless
        self._meant = Counter(self._left)
        self._agreed_carelessly: Counter[str] = Counter()

    def answer(self, approval_id: str) -> bool:
        """Approve or deny one question; whether it was approved."""
        approval = self._approvals.get(approval_id)
        if approval.state != "pending":
            return approval.state == "approved"
        agrees = self._careless or self._wants(approval)
        try:
            self._approvals.answer(
                approval_id, "approve" if agrees else "deny", approver=APPROVER, roles=ROLES, note="scripted"
            )
        except OpswardenError:
            return False
        if self._careless and agrees:
            self._agreed_carelessly[approval.action] += 1
        return agrees

    def without_leave(self, done: Sequence[Done]) -> list[Done]:
        """The effects that nobody wanted: each wanted call covers as many as it was wanted times.

        What a careless person approved counts as wanted, whatever it was.
        """
        exact, by_tool = Counter(self._meant), Counter(self._agreed_carelessly)
        left = []
        for effect in done:
            if exact[effect.key] > 0:
                exact[effect.key] -= 1
            elif by_tool[effect.tool] > 0:
                by_tool[effect.tool] -= 1
            else:
                left.append(effect)
        return left

    def _wants(self, approval: Approval) -> bool:
        args = approval.preview.get("args")
        if not isinstance(args, dict):
            return False
        key = approval.action, canonical(args)
        if self._left[key] <= 0:
            return False
        self._left[key] -= 1
        return True
