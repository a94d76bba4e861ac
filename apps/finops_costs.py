"""Costs of a fleet, asked through the gate: decided, recorded and redacted like any other call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.canonical import JsonValue
from ..core.errors import BackendError, CallDenied, InputError
from ..policies.gate import RunGate
from ..policies.model_uses import LedgerModelUses
from ..policies.types import CallResult, Principal, Run
from ..tools.costs.backends.fleet import FleetCosts
from ..tools.costs.tools import costs_tools
from ..tools.fleets.store import FleetStore
from .installation import Installation, current_person
from .wiring import gate_factory

_MOST_NAMES = 20_000
_NAMING = """
    SELECT DISTINCT name FROM (
        SELECT workload AS name FROM workloads UNION SELECT team FROM workloads UNION SELECT model FROM workloads
        UNION SELECT region FROM workloads UNION SELECT id FROM inventory UNION SELECT team FROM inventory
    ) WHERE name <> '' ORDER BY name LIMIT $most
"""


@dataclass(frozen=True)
class OpenCosts:
    """A fleet's costs, ready to be asked."""

    gate: RunGate
    store: FleetStore

    def ask(self, tool: str, args: Mapping[str, JsonValue]) -> Mapping[str, Any] | None:
        """The summary of a call; `None` where there is nothing, and why in `InputError`.

        Raises:
            CallDenied: a policy says no.
            InputError: there is no such charge, or an argument does not fit.
            BackendError: the bill could not be read.
        """
        found = self.gate.call(tool, args, call_id=tool)
        if found.status in ("ok", "truncated") and isinstance(found.summary, dict):
            return found.summary
        raise _why(found)


def _why(found: CallResult) -> Exception:
    if found.status == "denied":
        return CallDenied(found.message or "a policy says no", code=found.code)
    if found.status == "no_data":
        return InputError(found.message or "there is nothing in these days", remedy="ask for other days")
    return BackendError(found.message or "the bill could not be read", remedy="see docs/costs.md")


@contextmanager
def open_costs(installation: Installation, fleet: Path, bill: Path | None = None) -> Iterator[OpenCosts]:
    """Open a fleet folder, and a run of the cost agent's role that may read it.

    Args:
        installation: whose policies, keys and records count.
        fleet: the folder.
        bill: a FOCUS file or folder instead of the one in the fleet.

    Raises:
        InputError: it is no fleet, or the bill cannot be used.
    """
    with closing(FleetStore(fleet)) as store:
        own = LedgerModelUses(installation.ledger, installation.settings.team)
        with closing(FleetCosts(store, own, bill)) as backend:
            run = Run(
                id=installation.ids.new("run"),
                principal=Principal("finops", f"person:{current_person()}", installation.settings.team),
                trigger="cli",
                known_names=fleet_names(store),
                environment=store.environment,
                audience_team=installation.settings.team,
            )
            gate = gate_factory(installation, costs_tools(backend)).open_run(run)
            try:
                yield OpenCosts(gate, store)
            except BaseException:
                gate.end("failed")
                raise
            gate.end("done")


def fleet_names(store: FleetStore) -> tuple[str, ...]:
    """Names that pass redaction: workloads, teams, models and regions, as those who run the platform call them."""
    return tuple(store.query(_NAMING, {"most": _MOST_NAMES})["name"].to_pylist())
