"""The usage tools over a fleet folder, through the gate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.canonical import JsonValue
from ...core.errors import BackendError, CallDenied, InputError
from ...policies.gate import RunGate
from ...policies.types import CallResult, Principal, Run
from ...tools.fleets.store import FleetStore
from ...tools.usage.tools import FleetUsage, usage_tools
from ..installation import Installation, current_person
from ..wiring import gate_factory
from .costs import fleet_names


@dataclass(frozen=True)
class OpenUsage:
    """A fleet's usage, ready to be asked."""

    gate: RunGate

    def ask(self, tool: str, args: Mapping[str, JsonValue]) -> Mapping[str, Any]:
        """The summary of a call.

        Raises:
            CallDenied: a policy says no.
            InputError: there is nothing, or no workload of this name.
            BackendError: the fleet could not be read.
        """
        found = self.gate.call(tool, args, call_id=tool)
        if found.status in ("ok", "truncated") and isinstance(found.summary, dict):
            return found.summary
        raise _why(found)


def _why(found: CallResult) -> Exception:
    if found.status == "denied":
        return CallDenied(found.message or "a policy says no", code=found.code)
    if found.status == "no_data":
        return InputError(
            found.message or "there is no usage", remedy="ask `opswarden finops usage FLEET` for the names"
        )
    return BackendError(found.message or "the fleet could not be read", remedy="see docs/finops-data.md")


def history_folder(installation: Installation, fleet: Path) -> Path:
    """Where the history of a fleet folder is kept."""
    return installation.state.histories / hashlib.sha256(str(fleet.resolve()).encode()).hexdigest()[:24]


@contextmanager
def open_usage(installation: Installation, fleet: Path) -> Iterator[OpenUsage]:
    """Open a fleet folder, and a run of the cost agent's role that may read it.

    Raises:
        InputError: it is no fleet.
    """
    with closing(FleetStore(fleet)) as store:
        run = Run(
            id=installation.ids.new("run"),
            principal=Principal("finops", f"person:{current_person()}", installation.settings.team),
            trigger="cli",
            known_names=fleet_names(store),
            environment=store.environment,
            audience_team=installation.settings.team,
        )
        known = FleetUsage(store, history_folder(installation, fleet))
        gate = gate_factory(installation, usage_tools(known)).open_run(run)
        try:
            yield OpenUsage(gate)
        except BaseException:
            gate.end("failed")
            raise
        gate.end("done")
