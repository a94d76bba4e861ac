"""Where an incident is told. Everything that is told goes through `gate.tell` of the incident's run, each thing once.

A telling never speaks of its own accord: the service asks it for an audience and a sender, and the gate hands the
sender what is redacted, decided and recorded. The kinds of notice that a sender is handed:

| kind | body |
|---|---|
| `triage.statistics` | `TriageReport`: what statistics say while a model still reads |
| `triage.report` | `TriageReport`: the report |
| `triage.answer` | `Answer` to a question about the incident |
| `incident.status` | `IncidentStatus`: what became of the incident, or what it waits for |
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from ...core.state import StateDirectory
from ...policies.types import Audience, Notice, Sender
from ..people.senders import ReportSender, write_whole

STATUS = "incident.status"
"""The kind of a notice with an `IncidentStatus`."""

IncidentState = Literal["open", "acknowledged", "resolved", "cancelled"]

Happened = Literal[
    "opened",
    "grew",
    "acknowledged",
    "assigned",
    "rated",
    "waiting",
    "cleared",
    "resolved",
    "reopened",
    "cancelled",
    "failed",
]
"""`grew`: another entity or a higher severity joined; `waiting`: for the people who may answer `approval_ids`;
`cleared`: every alert of it is over and nobody has resolved it yet; `failed`: its triage ended without a report."""


class ToldIncident(BaseModel):
    """An incident as a telling may know it; every text in it is redacted.

    Args:
        id: of the incident.
        run_id: of its triage.
        began: when the first of its alerts began.
        alerts: how many have joined it.
        firing: how many of them are not over.
        thread: what the telling itself was given to find its place again, such as where a person asked; else empty.
        asked_by: `person:<name>` if a person asked for it, or `system:<webhook>`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    run_id: str
    team: str
    environment: str
    title: str
    entity: str
    severity: str
    state: IncidentState
    began: datetime
    alerts: int
    firing: int
    thread: str
    asked_by: str


class IncidentStatus(BaseModel):
    """What is told of an incident beside its report.

    Args:
        incident: as it is now.
        what: happened.
        by: who did it; empty if nobody did.
        note: one line, redacted.
        approval_ids: what people are asked, where it waits for them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    incident: ToldIncident
    what: Happened
    by: str = ""
    note: str = ""
    approval_ids: tuple[str, ...] = ()


class Telling(Protocol):
    """One way to tell incidents; made once per process and used from several threads.

    A sender that is a `RepeatableSender` is handed a notice again where a process died while it was told, and has to
    see to it that the far side has it once (by its key, or because the same again changes nothing).
    """

    def audience(self, incident: ToldIncident) -> Audience:
        """Who is told of an incident; the same for the same incident, or the gate takes it for another message."""
        ...

    def sender(self, incident: ToldIncident) -> Sender:
        """What delivers to them; called by the gate only."""
        ...

    def progress(self, incident: ToldIncident, step: str) -> None:
        """What is being done, in our own fixed words. May be dropped, and must neither wait nor raise."""
        ...


class ReportsFolder:
    """Tells incidents in files: `reports/<incident>.md` and, line by line, `reports/<incident>.log`.

    Args:
        state: whose reports folder it is.
    """

    def __init__(self, state: StateDirectory) -> None:
        self._folder = state.reports

    def audience(self, incident: ToldIncident) -> Audience:
        """The file of the incident."""
        return Audience("file", f"{incident.id}.md", incident.team)

    def sender(self, incident: ToldIncident) -> Sender:
        """Writes it."""
        return _FileSender(self._folder, incident.id)

    def progress(self, incident: ToldIncident, step: str) -> None:
        """A file has no reader who waits."""


class _FileSender:
    repeats_safely: Literal[True] = True

    def __init__(self, folder: Path, incident_id: str) -> None:
        self._statuses = folder / f"{incident_id}.log"
        self._reports = ReportSender("markdown", lambda _text: None, out=folder / f"{incident_id}.md")

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver a notice.

        Raises:
            BackendError: the file cannot be written.
        """
        if notice.kind != STATUS:
            return self._reports.send(audience, notice, key)
        status = IncidentStatus.model_validate(notice.body)
        known = self._statuses.read_text(encoding="utf-8") if self._statuses.exists() else ""
        if f"[{key}]" not in known:
            write_whole(self._statuses, f"{known}{line_of(status)} [{key}]\n")
        return str(self._statuses)


def line_of(status: IncidentStatus) -> str:
    """A status in one line."""
    incident = status.incident
    words = [status.what, f"{incident.title!r}", f"({incident.environment}, {incident.severity or 'no severity'})"]
    words += [f"by {status.by}"] if status.by else []
    words += [f"{incident.firing} of {incident.alerts} alerts fire"] if incident.alerts else []
    words += [f"opswarden approvals show {approval_id}" for approval_id in status.approval_ids]
    words += [status.note] if status.note else []
    return " · ".join(words)
