"""Taking an effect back on behalf of whoever is at the keyboard."""

from __future__ import annotations

from ..policies.fingerprints import Fingerprints
from ..policies.types import CallResult, Principal, Run
from ..policies.undo import TRIGGER, attempt_of, find_undo
from ..tools.models.promotion_tools import promotion_tools
from . import installation as house
from .platform.registries import promotion_place
from .wiring import gate_factory, tools_of


def undo_effect(installation: house.Installation, seq: int) -> tuple[str, CallResult]:
    """Make the call that takes an effect back, or go on with it.

    Args:
        installation: whose ledger and tools.
        seq: the entry of the effect.

    Returns:
        The run in which it is undone, and what came of the call.

    Raises:
        InputError: there is nothing to undo, or no way back is known.
        CallDenied: somebody else has undone it, or may have.
    """
    # A way back goes where the effect was: its tools are connected there, and nowhere else.
    where = _where(installation, seq)
    tools = {tool.name: tool for tool in promotion_tools(promotion_place(installation, where))}
    tools |= {tool.name: tool for tool in tools_of(installation, None)}
    factory = gate_factory(installation, tuple(tools.values()))
    fingerprints = Fingerprints(installation.keys)
    found = find_undo(installation.ledger, installation.artifacts, fingerprints, seq)
    principal = Principal(found.role, f"person:{house.current_person()}", found.team)
    run_id = attempt_of(installation.database, factory.approvals, installation.clock.now(), found.seq, principal)
    gate = factory.open_run(Run(run_id, principal, TRIGGER))
    result = gate.undo(found)
    if not result.approval_id:
        gate.end("reported" if result.status in ("ok", "no_data", "truncated") else "failed")
    return run_id, result


def _where(installation: house.Installation, seq: int) -> str:
    """The environment in which an effect was decided; `default` if its records do not say."""
    outcome = installation.ledger.read(seq)
    for entry in installation.ledger.of_run(outcome.run_id):
        if entry.kind == "call.decided" and entry.body.get("call_id") == outcome.body.get("call_id"):
            return str(entry.body.get("environment") or "default")
    return "default"
