"""Triage for evaluations: a throw-away installation for each, a fresh run per case, the same gate as everywhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...agents.triage.run import Waiting, run_triage
from ...agents.triage.types import TriageReport
from ...core.clock import SystemClock
from ...core.errors import ApprovalRequired, BackendError
from ...evals.cases import Case
from ...evals.suite import Unanswered
from ...policies.types import Audience, Notice
from ...tools.snapshots.store import SnapshotStore
from ..installation import Installation, open_installation
from ..models import open_transports
from ..settings import Settings
from ..wiring import TriageRequest, open_triage
from .watched_models import CountingTransport, Road, WatchedTransport


class _Nobody:
    """An evaluation's reports go to no person; they are scored."""

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Take the notice and do nothing with it."""
        return "not shown"


class CaseTriage:
    """Triages one case at a time, reading nothing of it but its snapshot.

    Args:
        installation: a throw-away one.
        transports: the models that take part, all watched by `road`.
        road: what happens to requests.
    """

    def __init__(self, installation: Installation, transports: Sequence[WatchedTransport], road: Road) -> None:
        self._installation = installation
        self._transports = transports
        self._road = road
        self._before = 0

    def __call__(self, case: Case) -> TriageReport:
        """The report on a case.

        Raises:
            Unanswered: a model was to take part, and its endpoint did not answer, or broke off in the end.
            BackendError: the report holds nothing.
            ApprovalRequired: the run waits for a person.
        """
        from langgraph.checkpoint.memory import InMemorySaver  # noqa: PLC0415 - heavy, only a run needs it

        self._road.begin()
        self._before = self._sent_again()
        store = SnapshotStore(case.snapshot)
        try:
            asked = TriageRequest(
                run_id=self._installation.ids.new("run"),
                on_behalf_of="system:eval",
                trigger="eval",
                audience=Audience("terminal", "evaluation", self._installation.settings.team),
                senders={"terminal": _Nobody()},
                transports=self._transports,
            )
            opened = open_triage(self._installation, store, asked)
            result = run_triage(opened.parts, InMemorySaver())
        finally:
            store.close()
        if isinstance(result, Waiting):
            raise ApprovalRequired("the run waits for a person", approval_id=result.approval_ids[0])
        opened.end("reported")
        if not result.ranking and result.verdict != "healthy" and not result.evidence:
            raise BackendError("the report holds no evidence")
        self._check_model(result)
        return result

    def on_the_road(self) -> Mapping[str, float]:
        """What the last answer took beside what its report says: requests that failed, and those sent again."""
        if not self._transports:
            return {}
        return {"failed_requests": self._road.failures, "sent_again": self._sent_again() - self._before}

    def _sent_again(self) -> int:
        return sum(transport.sent_again for transport in self._transports)

    def _check_model(self, report: TriageReport) -> None:
        """An answer without the model that was to be measured is no answer of it."""
        if not self._transports:
            return
        cost = {**report.cost.model_dump(), **self.on_the_road()}
        if self._road.last_failure is not None:
            raise Unanswered(self._road.last_failure.message, remedy=self._road.last_failure.remedy, cost=cost)
        if not self._road.answered:
            raise Unanswered(
                f"no model was asked: {report.model.note or 'no request was made'}",
                remedy="raise the budget or change the policy that keeps the model out",
                cost=cost,
            )


@contextmanager
def triage_of_cases(settings: Settings, models: Sequence[str]) -> Iterator[CaseTriage]:
    """A function that triages one case, reading nothing of it but its snapshot.

    The ledger, vault and artifacts of the evaluation live in a temporary directory and go with it.
    """
    with open_transports(settings, models, SystemClock()) as transports, triage_over(settings, transports) as triage:
        yield triage


@contextmanager
def triage_over(settings: Settings, transports: Sequence[CountingTransport]) -> Iterator[CaseTriage]:
    """`triage_of_cases` with transports that somebody else opens and closes."""
    with tempfile.TemporaryDirectory(prefix="opswarden-eval-") as folder:
        state_dir = Path(folder) / "state"
        with open_installation(settings.model_copy(update={"state_dir": state_dir})) as installation:
            road = Road()
            yield CaseTriage(installation, [WatchedTransport(each, road) for each in transports], road)
