"""What the suite needs of an installation; wiring provides it, so that nothing here holds a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ...agents.triage.parts import TriageParts
from ...agents.triage.types import TriageReport
from ...policies.approvals import ApprovalStore
from ...policies.engine import CedarEngine
from ...policies.ledger.types import StoredEntry
from ...policies.switches import KillSwitch
from ...policies.types import Gate, ModelTransport, Sender
from ...tools.snapshots.store import SnapshotStore
from ...tools.spec import AnyTool

ReportStyle = Literal["terminal", "json", "markdown", "html"]
REPORT_STYLES: tuple[ReportStyle, ...] = ("terminal", "json", "markdown", "html")


@dataclass(frozen=True)
class RunRequest:
    """What a run of the agent under attack is made of.

    Args:
        tools: the suite's own, with effects; those over the snapshot come besides.
        engine: decides instead of the installation's policies, for baselines.
        ask: what the person who started the run asks for; they hold the on-call role.
        store: the snapshot; without one there is no triage, only a gate.
    """

    run_id: str
    tools: Sequence[AnyTool]
    store: SnapshotStore | None = None
    transport: ModelTransport | None = None
    sender: Sender | None = None
    engine: CedarEngine | None = None
    ask: str = ""


class Bench(Protocol):
    """A temporary installation with real policies, redaction, approvals and ledger."""

    @property
    def approvals(self) -> ApprovalStore:
        """Where people answer."""
        ...

    @property
    def switch(self) -> KillSwitch:
        """The kill switch."""
        ...

    @property
    def engine(self) -> CedarEngine:
        """The policies in force; read when the first run is opened."""
        ...

    def new_run(self) -> str:
        """A fresh run id."""
        ...

    def open(self, request: RunRequest) -> TriageParts:
        """The parts of the real triage agent over a gate of its own."""
        ...

    def open_foreign(self, request: RunRequest) -> Gate:
        """A gate of another team."""
        ...

    def entries(self, start: int) -> Iterator[StoredEntry]:
        """The ledger from a place on."""
        ...

    def spans(self) -> str:
        """The text of every span that left since the last time."""
        ...

    def render(self, report: TriageReport, style: ReportStyle) -> str:
        """A report as people get it."""
        ...

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of every file of the state directory, the keys aside."""
        ...
