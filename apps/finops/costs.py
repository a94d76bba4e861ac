"""Costs of a fleet, asked through the gate: decided, recorded and redacted like any other call."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from ...core.canonical import JsonValue
from ...core.errors import BackendError, CallDenied, InputError
from ...policies.gate import RunGate
from ...policies.model_uses import LedgerModelUses
from ...policies.types import CallResult, Principal, Run
from ...tools.costs.backends.fleet import FleetCosts
from ...tools.costs.backends.focus import FocusBill
from ...tools.costs.backends.types import BillReader
from ...tools.costs.settings import COSTS_FILE
from ...tools.costs.tools import costs_tools
from ...tools.fleets.manifest import FLEET_MANIFEST, FleetManifest
from ...tools.fleets.store import FleetStore
from ...tools.fleets.writer import FleetWriter
from ..installation import Installation, current_person
from ..wiring import gate_factory

_MOST_NAMES = 20_000
_SERVICE = re.compile(r"[A-Za-z][A-Za-z .&/()+-]{0,79}")
"""Words alone: nothing that could be a number of a card, an address or a key."""
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
    tell: Callable[[str], None]

    def ask(self, tool: str, args: Mapping[str, JsonValue]) -> Mapping[str, Any]:
        """The summary of a call; what is left out of it is told.

        Raises:
            CallDenied: a policy says no.
            InputError: there is no such charge, or an argument does not fit.
            BackendError: the bill could not be read.
        """
        found = self.gate.call(tool, args, call_id=tool)
        if found.status in ("ok", "truncated") and isinstance(found.summary, dict):
            if found.message:
                self.tell(found.message)
            return found.summary
        raise _why(found)


def _why(found: CallResult) -> Exception:
    if found.status == "denied":
        return CallDenied(found.message or "a policy says no", code=found.code)
    if found.status == "no_data":
        return InputError(found.message or "there is nothing in these days", remedy="ask for other days")
    return BackendError(found.message or "the bill could not be read", remedy="see docs/costs.md")


@contextmanager
def open_costs(
    installation: Installation,
    fleet: Path,
    bill: Path | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> Iterator[OpenCosts]:
    """Open a fleet folder, and a run of the cost agent's role that may read it.

    Args:
        installation: whose policies, keys and records count.
        fleet: the folder; or a FOCUS file, or a folder of them, where there is no fleet around the bill.
        bill: a FOCUS file or folder instead of the one in the fleet.
        tell: gets a line for what an answer leaves out.

    Raises:
        InputError: it is no fleet, or the bill cannot be used.
    """
    with ExitStack() as held:
        if not (fleet / FLEET_MANIFEST).exists() and _is_bill(fleet):
            fleet, bill = held.enter_context(_around(fleet)), bill or fleet
        store = held.enter_context(closing(FleetStore(fleet)))
        own = LedgerModelUses(installation.ledger, installation.settings.team)
        with closing(FleetCosts(store, own, bill)) as backend:
            run = Run(
                id=installation.ids.new("run"),
                principal=Principal("finops", f"person:{current_person()}", installation.settings.team),
                trigger="cli",
                known_names=(*fleet_names(store), *_services(backend.bill())),
                environment=store.environment,
                audience_team=installation.settings.team,
            )
            gate = gate_factory(installation, costs_tools(backend)).open_run(run)
            try:
                yield OpenCosts(gate, store, tell)
            except BaseException:
                gate.end("failed")
                raise
            gate.end("done")


def _is_bill(path: Path) -> bool:
    if path.is_symlink() or not path.exists():
        return False
    return path.is_file() or any(path.rglob("*.csv*")) or any(path.rglob("*.parquet"))


@contextmanager
def _around(bill: Path) -> Iterator[Path]:
    """An empty fleet around a bill that has none: of its days, in the currency that most of it is in."""
    with closing(FocusBill(bill)) as opened, tempfile.TemporaryDirectory(prefix="opswarden-") as name:
        reading = opened.reading
        if reading.first is None or reading.last is None:
            raise InputError("the bill holds no row that can be added up", remedy="see docs/costs.md for what it takes")
        first, last = (datetime.combine(day, time(), UTC) for day in (reading.first, reading.last))
        manifest = FleetManifest(
            title="a bill",
            environment="bill",
            start=first,
            end=last + timedelta(days=1),
            currency=reading.currencies[0] if reading.currencies else "USD",
        )
        folder = Path(name) / "fleet"
        with FleetWriter(folder, manifest):
            pass  # its required tables are written without a row
        rules = (bill if bill.is_dir() else bill.parent) / COSTS_FILE
        if rules.is_file() and not rules.is_symlink():
            shutil.copyfile(rules, folder / COSTS_FILE)
        yield folder


def _services(bill: BillReader | None) -> tuple[str, ...]:
    """Names of services, which their providers choose: one that reads like a person's name is none."""
    return () if bill is None else tuple(name for name in bill.reading.services if _SERVICE.fullmatch(name))


def fleet_names(store: FleetStore) -> tuple[str, ...]:
    """Names that pass redaction: workloads, teams, models and regions, as those who run the platform call them."""
    return tuple(store.query(_NAMING, {"most": _MOST_NAMES})["name"].to_pylist())
