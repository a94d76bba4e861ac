"""What whoever takes over has to know: what is open and whose it is, what ended, what waits, what is stopped."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from ..installation import Installation
from ..keeping.reports import KeptReports
from ..reports.markdown import code, prose
from .incident_records import Incident
from .incidents import Incidents
from .schedules import Schedules

HANDOVER = "incidents.handover"
"""The kind of a notice with a `Handover`."""
_MOST_LINES = 40


class HandedIncident(BaseModel):
    """One incident as it is handed over; every text is redacted already.

    Args:
        triage: where its triage stands.
        suspect: first of the report, if there is one.
        last: what happened to it last.
        how: it ended; empty while it is not over.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    entity: str
    severity: str
    environment: str
    state: str
    assignee: str
    began: datetime
    firing: int
    alerts: int
    triage: str
    verdict: str
    suspect: str
    last: str
    how: str


class WaitingQuestion(BaseModel):
    """A question that people have not answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    what: str
    environment: str
    roles: tuple[str, ...]
    expires: datetime


class Handover(BaseModel):
    """Everything for the next shift.

    Args:
        is_cut: whether there was more than fits.
        stops: what is stopped now, in words.
        schedules: what did not go well last time, in words.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: datetime
    until: datetime
    open: tuple[HandedIncident, ...]
    ended: tuple[HandedIncident, ...]
    questions: tuple[WaitingQuestion, ...]
    stops: tuple[str, ...]
    schedules: tuple[str, ...]
    is_cut: bool = False


def handover(installation: Installation, since: timedelta, team: str | None = None) -> Handover:
    """What to hand over now.

    Args:
        installation: whose.
        since: how far back what ended counts.
        team: whose incidents and questions; everybody's if absent.

    Raises:
        InputError: a stored question was altered.
    """
    now = installation.clock.now()
    incidents = Incidents(installation.database, installation.clock, installation.ids)
    touched = incidents.touched_since(now - since)
    found = [_handed(installation, incidents, each) for each in touched if team in (None, each.team)]
    live = sorted((each for each in found if each.state in ("open", "acknowledged")), key=_urgency)
    ended = [each for each in found if each.state not in ("open", "acknowledged")]
    asked = installation.approvals.records(state="pending", team=team)
    questions = [
        WaitingQuestion(
            id=each.id, what=each.action, environment=each.environment, roles=each.roles, expires=each.expires_at
        )
        for each in asked
        if not each.has_expired(now)
    ]
    return Handover(
        since=now - since,
        until=now,
        open=tuple(live[:_MOST_LINES]),
        ended=tuple(ended[:_MOST_LINES]),
        questions=tuple(questions[:_MOST_LINES]),
        stops=_stops(installation),
        schedules=_failing(installation),
        is_cut=max(len(live), len(ended), len(questions)) > _MOST_LINES,
    )


def handover_markdown(shown: Handover) -> str:
    """The hand-over as Markdown in which nothing that outsiders wrote is a link, a mention or HTML."""
    parts = [
        f"# Hand-over at {shown.until:%Y-%m-%d %H:%M} UTC",
        f"What ended counts since {shown.since:%Y-%m-%d %H:%M} UTC.",
        f"## Open ({len(shown.open)})",
        "\n".join(_open_line(each, shown.until) for each in shown.open) or "Nothing is open.",
        f"## Waiting for people ({len(shown.questions)})",
        "\n".join(
            f"- {code(each.what)} in {code(each.environment)}: {prose(' or '.join(each.roles))}, until "
            f"{each.expires:%H:%M} UTC; {code(f'opswarden approvals show {each.id}')}"
            for each in shown.questions
        )
        or "Nothing waits for people.",
        f"## Over ({len(shown.ended)})",
        "\n".join(_ended_line(each) for each in shown.ended) or "Nothing ended.",
    ]
    if shown.stops:
        parts += ["## Stopped", "\n".join(f"- {prose(line)}" for line in shown.stops)]
    if shown.schedules:
        parts += ["## Schedules that failed", "\n".join(f"- {prose(line)}" for line in shown.schedules)]
    if shown.is_cut:
        parts.append(f"Of each kind, {_MOST_LINES} are shown; `opswarden incidents list --all` has the rest.")
    return "\n\n".join(parts) + "\n"


def _handed(installation: Installation, incidents: Incidents, incident: Incident) -> HandedIncident:
    told, timeline = incidents.told_as(incident), incidents.timeline(incident.id)
    report = KeptReports(installation.database).report_of(incident.run_id) if incident.run_id else None
    first = report.ranking[0] if report is not None and report.ranking else None
    last = timeline[-1] if timeline else None
    end = next((each for each in reversed(timeline) if each.what in ("resolved", "cancelled")), None)
    return HandedIncident(
        id=incident.id,
        title=incident.title,
        entity=incident.entity,
        severity=incident.severity,
        environment=incident.environment,
        state=incident.state,
        assignee=incident.assignee,
        began=incident.began,
        firing=told.firing,
        alerts=told.alerts,
        triage=incident.run_state,
        verdict=report.verdict if report is not None else "",
        suspect=" ".join(filter(None, (first.entity, first.change))) if first is not None else "",
        last=f"{last.at:%H:%M} {' '.join(filter(None, (last.what, last.note, last.by)))}" if last is not None else "",
        how=f"{end.what} by {end.by}: {end.note}".rstrip(": ") if end is not None and not incident.is_live else "",
    )


def _urgency(incident: HandedIncident) -> tuple[int, datetime]:
    from ...tools.alerts.firing import severity_rank  # noqa: PLC0415 - it brings the alert tools along

    return severity_rank(incident.severity), incident.began


def _open_line(each: HandedIncident, now: datetime) -> str:
    hours, minutes = divmod(int((now - each.began).total_seconds()) // 60, 60)
    found = f"; first suspect {code(each.suspect)} ({each.verdict})" if each.suspect else f"; triage {each.triage}"
    whose = prose(each.assignee) if each.assignee else "**nobody's**"
    return (
        f"- **{prose(each.title)}** of {code(each.entity or 'unknown')} ({each.severity or 'no severity'}, "
        f"{code(each.environment)}), {whose}, for {hours} h {minutes:02d} min, {each.firing} of {each.alerts} alerts "
        f"fire{found}. {f'Last: {prose(each.last)}. ' if each.last else ''}{code(each.id)}"
    )


def _ended_line(each: HandedIncident) -> str:
    cause = f" First suspect: {code(each.suspect)} ({each.verdict})." if each.suspect else ""
    return f"- {prose(each.title)} of {code(each.entity or 'unknown')}: {prose(each.how)}.{cause} {code(each.id)}"


def _stops(installation: Installation) -> tuple[str, ...]:
    standing = installation.stop.standing()
    lines = [stop.text for stop in standing.stops]
    return (*([f"everything: {standing.stops_all}"] if standing.stops_all else []), *lines)


def _failing(installation: Installation) -> tuple[str, ...]:
    schedules = Schedules(installation.database, installation.clock, installation.settings.schedules, {})
    return tuple(f"{each.name}: {each.result}" for each in schedules.standings() if each.result.startswith("failed"))
