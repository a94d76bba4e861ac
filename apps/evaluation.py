"""Triage for evaluations: a throw-away installation for each, a fresh run per case, the same gate as everywhere."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..agents.triage.run import Waiting, run_triage
from ..agents.triage.types import TriageReport
from ..core.errors import ApprovalRequired, BackendError
from ..evals.cases import Case
from ..policies.types import Audience, Notice
from ..tools.snapshots.store import SnapshotStore
from .installation import open_installation
from .models import open_transports
from .settings import Settings
from .wiring import TriageRequest, open_triage


class _Nobody:
    """An evaluation's reports go to no person; they are scored."""

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Take the notice and do nothing with it."""
        return "not shown"


@contextmanager
def triage_of_cases(settings: Settings, models: Sequence[str]) -> Iterator[Callable[[Case], TriageReport]]:
    """A function that triages one case, reading nothing of it but its snapshot.

    The ledger, vault and artifacts of the evaluation live in a temporary directory and go with it.
    """
    with tempfile.TemporaryDirectory(prefix="opswarden-eval-") as folder:
        state_dir = Path(folder) / "state"
        with (
            open_installation(settings.model_copy(update={"state_dir": state_dir})) as installation,
            open_transports(settings, models, installation.clock) as transports,
        ):

            def triage(case: Case) -> TriageReport:
                from langgraph.checkpoint.memory import InMemorySaver  # noqa: PLC0415 - heavy, only a run needs it

                store = SnapshotStore(case.snapshot)
                try:
                    asked = TriageRequest(
                        run_id=installation.ids.new("run"),
                        on_behalf_of="system:eval",
                        trigger="eval",
                        audience=Audience("terminal", "evaluation", settings.team),
                        senders={"terminal": _Nobody()},
                        transports=transports,
                    )
                    opened = open_triage(installation, store, asked)
                    result = run_triage(opened.parts, InMemorySaver())
                finally:
                    store.close()
                if isinstance(result, Waiting):
                    raise ApprovalRequired("the run waits for a person", approval_id=result.approval_ids[0])
                if not result.ranking and result.verdict != "healthy" and not result.evidence:
                    raise BackendError("the report holds no evidence")
                opened.end("reported")
                return result

            yield triage
