"""Actions in words: what was decided, and what to do now."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...agents.triage.proposing import PROPOSED, ROLLBACK
from ...agents.triage.types import Action
from .cleaning import shown
from .digest import document
from .numbers import finite, quantity

_COMMAND_WORD = re.compile(r"[A-Za-z0-9][\w.:@+-]{0,127}", re.ASCII)


@dataclass(frozen=True)
class Fact:
    """A label of ours and what the report says under it."""

    label: str
    text: str


@dataclass(frozen=True)
class NextStep:
    """What to do, and the command for it if there is one."""

    text: str
    command: str = ""


@dataclass(frozen=True)
class Proposal:
    """An action with what was decided and what to do now."""

    tool: str
    arguments: tuple[Fact, ...]
    decision: str
    outcome: str
    roles: tuple[str, ...]
    approval_id: str
    steps: tuple[NextStep, ...]


def proposal_of(action: Action, run_id: str, environment: str = "") -> Proposal:
    """An action in words, with what to do now.

    Args:
        action: what was asked for, or what code proposes.
        run_id: of the triage.
        environment: of the incident.
    """
    waits = action.status == "denied" and action.approval_id is not None
    outcomes = {"ok": "done", "denied": "waits for a person" if waits else "denied", "error": "failed or unknown"}
    outcomes[PROPOSED] = "proposed, not done"
    return Proposal(
        tool=shown(action.tool, 120),
        arguments=tuple(Fact(shown(str(name), 80), value_text(value)) for name, value in action.args.items()),
        decision=shown(action.decision, 160),
        outcome=outcomes.get(action.status, shown(action.status.replace("_", " "), 60)),
        roles=tuple(shown(role, 80) for role in action.roles),
        approval_id=shown(action.approval_id, 128) if action.approval_id else "",
        steps=_next_steps(action, run_id, environment, waits=waits),
    )


def rollback_command(action: Action, environment: str, run_id: str) -> str:
    """The command by which a person asks for a proposed rollback; empty if it is none that is safe to copy."""
    model = action.args.get("model")
    options = {"--environment": environment, "--triage": run_id}
    words = [word for name, value in options.items() if value for word in (name, value)]
    if action.tool != ROLLBACK or not isinstance(model, str):
        return ""
    is_safe = all(_COMMAND_WORD.fullmatch(word) for word in (model, *words[1::2]))
    return " ".join(["opswarden platform rollback", model, *words]) if is_safe else ""


def _next_steps(action: Action, run_id: str, environment: str, *, waits: bool) -> tuple[NextStep, ...]:
    if action.status == PROPOSED:
        text = "Nothing was done. A person asks for it, sees what would change, and another one agrees:"
        return (NextStep(text, rollback_command(action, environment, run_id)),)
    if waits:
        roles = f" (roles: {', '.join(shown(role, 80) for role in action.roles)})" if action.roles else ""
        approve = _command("approvals approve", action.approval_id or "", "approvals list")
        return (
            NextStep(f"To let it happen, approve it{roles}:", approve),
            NextStep("Then the run goes on:", _command("resume", run_id, "audit tail")),
        )
    if action.status == "denied":
        return (NextStep("Policy says no. Why:", _command("policy explain", action.tool, "policy check")),)
    if action.status == "error":
        return (NextStep("Look at the target before trying again; the ledger shows how far it came:", _TAIL),)
    return (NextStep("It was run; the ledger shows what it did:", _TAIL),)


_TAIL = "opswarden audit tail"


def _command(verb: str, word: str, otherwise: str) -> str:
    """A command that is safe to copy: a word that is no plain id is not part of it."""
    return f"opswarden {verb} {word}" if _COMMAND_WORD.fullmatch(word) else f"opswarden {otherwise}"


def value_text(value: object) -> str:
    """A JSON value in a line."""
    if isinstance(value, str):
        return shown(value, 300)
    number = finite(value)
    if number is not None and isinstance(value, float):
        return quantity(number)
    return shown(document(value).replace("\n", " "), 300)
