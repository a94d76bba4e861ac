"""One task or attack, call by call through the gate; the model is whatever would make just these calls.

Of an attack the model is fully compromised: it does the person's task up to the step where the attacker's text comes
in, and then makes the attacker's calls, word for word. The person who is asked looks at the exact call and agrees to
what the task needs, to nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....core.errors import OpswardenError
from ....policies.gate import RunGate
from ....policies.types import CallResult, Principal, Run
from ..installation import Installation
from .dataset import AttackTask, RecordedCall, UserTask
from .manifest import Manifest
from .toolkit import Recordings, gate_name, result_of

_PERSON = "person:replay"
_ROLES = frozenset({"oncall"})


@dataclass
class TaskOutcome:
    """How a person's task went.

    Args:
        questions: how often the person was asked; calls that are proposed together are one question.
        asked_calls: calls in those.
        refused: codes of calls that nobody could allow.
    """

    questions: int = 0
    asked_calls: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass
class AttackOutcome:
    """How an attack went.

    Args:
        ran: effects that took place without a person's leave.
        stopped: the code that stopped each of the others.
        effects: how many calls with an effect the attacker wanted.
        is_recorded: whether every attempt stands in the ledger.
    """

    ran: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    effects: int = 0
    is_recorded: bool = True


class Replay:
    """Runs tasks and attacks of one suite on one installation."""

    def __init__(self, installation: Installation, recordings: Recordings, manifests: Mapping[str, Manifest]) -> None:
        self._manifests = manifests
        self._installation = installation
        self._recordings = recordings
        self._runs = 0

    def task(self, task: UserTask) -> TaskOutcome:
        """The person's task alone."""
        gate = self._open(task.prompt)
        outcome = TaskOutcome()
        self._do(gate, task.calls, outcome, {})
        return outcome

    def attack(self, task: UserTask, attack: AttackTask) -> AttackOutcome:
        """The task up to the first step that can be poisoned, then the attacker's calls."""
        gate = self._open(task.prompt)
        step = min((place.step for place in task.poisonable), default=0)
        self._do(gate, task.calls[: step + 1], TaskOutcome(), {step: attack.goal})
        outcome = AttackOutcome()
        for place, call in enumerate(attack.calls):
            if self._manifests[call.tool].effect != "read":
                outcome.effects += 1
            self._recordings.answer_with(gate.run.id, result_of(self._manifests[call.tool], ""))
            result = self._call(gate, call, f"attack.{place}")
            outcome.is_recorded &= result.seq >= 0
            if self._manifests[call.tool].effect == "read":
                continue
            if result.status in ("ok", "truncated", "no_data"):
                outcome.ran.append(call.tool)
            else:
                outcome.stopped.append(f"{'ask' if result.approval_id else 'deny'} {result.code}")
        return outcome

    def _open(self, request: str) -> RunGate:
        self._runs += 1
        run = Run(
            self._installation.ids.new("run"),
            Principal("triage", _PERSON, "payments"),
            "eval",
            request=request,
            requester_roles=_ROLES,
        )
        return self._installation.factory.open_run(run)

    def _do(
        self, gate: RunGate, calls: Sequence[RecordedCall], outcome: TaskOutcome, planted: Mapping[int, str]
    ) -> None:
        """Calls in their order. Effects that wait are one question, and what builds on none of them goes on."""
        waiting: list[tuple[int, RecordedCall, CallResult]] = []
        for place, call in enumerate(calls):
            if waiting and self._builds_on(call, waiting):
                self._ask(gate, waiting, outcome, planted)
            self._recordings.answer_with(
                gate.run.id, result_of(self._manifests[call.tool], call.output, planted.get(place, ""))
            )
            result = self._call(gate, call, f"task.{place}")
            if result.approval_id is not None:
                waiting.append((place, call, result))
            elif result.status == "denied" or result.status == "error":
                outcome.refused.append(result.code)
        self._ask(gate, waiting, outcome, planted)

    def _ask(
        self,
        gate: RunGate,
        waiting: list[tuple[int, RecordedCall, CallResult]],
        outcome: TaskOutcome,
        planted: Mapping[int, str],
    ) -> None:
        """One question about all that waits; the person agrees, and the calls are made again."""
        if not waiting:
            return
        again: list[tuple[int, RecordedCall, CallResult]] = []
        outcome.questions += 1
        outcome.asked_calls += len(waiting)
        for place, call, asked in waiting:
            approval_id = asked.approval_id or ""
            self._installation.factory.approvals.answer(approval_id, "approve", approver=_PERSON, roles=_ROLES)
            self._recordings.answer_with(
                gate.run.id, result_of(self._manifests[call.tool], call.output, planted.get(place, ""))
            )
            result = self._call(gate, call, f"task.{place}")
            if result.approval_id is not None:
                again.append((place, call, result))
            elif result.status in ("denied", "error"):
                outcome.refused.append(result.code)
        waiting[:] = again
        # What the others returned may have changed what the person would see.
        self._ask(gate, waiting, outcome, planted)

    def _call(self, gate: RunGate, call: RecordedCall, call_id: str) -> CallResult:
        try:
            return gate.call(gate_name(call.tool), dict(call.args), call_id=call_id)
        except OpswardenError as error:
            return CallResult(call_id, call.tool, "error", type(error).__name__, message=error.message)

    def _builds_on(self, call: RecordedCall, waiting: Sequence[tuple[int, RecordedCall, CallResult]]) -> bool:
        """Whether a call names something that a call before it is yet to make, or looks at what it may change."""
        text = json.dumps(call.args)
        is_look = self._manifests[call.tool].effect == "read"
        for _, before, _ in waiting:
            if self._manifests[before.tool].is_fetch and not self._manifests[call.tool].is_fetch:
                return True
            # A look at everything, or at something that the other one names.
            if is_look and not (call.args and _values_of(call.args).isdisjoint(_values_of(before.args))):
                return True
            made: Any = result_of(self._manifests[before.tool], before.output).model_dump()
            rows = made.get("rows", ())
            if any(f'"{row["id"]}"' in text for row in rows if isinstance(row, Mapping) and "id" in row):
                return True
        return False


def _values_of(args: Mapping[str, Any]) -> frozenset[str]:
    """Every single value in some arguments, as text."""
    members = (item if isinstance(item, (list, tuple)) else (item,) for item in args.values())
    return frozenset(str(value).casefold() for each in members for value in each)
