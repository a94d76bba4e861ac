"""`opswarden incidents list|show|acknowledge|assign|rate|resolve|cancel|retriage|handover`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...core.errors import InputError
from ..service.severities import SEVERITIES
from .console import emit_json, note, out

if TYPE_CHECKING:
    from ..installation import Installation
    from ..service.incident_records import Incident
    from ..service.incidents import Incidents

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_STILL_FIRES = 1


@click.group("incidents", short_help="List, show, acknowledge, resolve or cancel incidents.")
def command() -> None:
    """Incidents of the service: what alerts opened, where its triage stands, and what became of it."""


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@_FORMAT
def list_incidents(everything: bool, limit: int, style: str) -> int:
    """List the incidents that are not over, the newest first."""
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..service.arrivals import Arrivals  # noqa: PLC0415 - the same

    with open_installation() as installation:
        incidents = _incidents(installation)
        found = [(each, incidents.told_as(each)) for each in incidents.listed(is_live=not everything, limit=limit)]
        arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        waiting = arrivals.count_waiting()
    if waiting:
        note(f"{waiting} that came in are not worked off yet")
    if style == "json":
        emit_json([{**told.model_dump(mode="json"), "triage": each.run_state} for each, told in found])
        return 0
    if not found:
        click.echo("no incident is open" if not everything else "there has been no incident")
        return 0
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "state", "severity", "title", "entity", "where", "alerts", "began", "triage"):
        table.add_column(name)
    for each, told in found:
        cells = (
            each.id,
            each.state,
            each.severity,
            each.title,
            each.entity,
            each.environment,
            f"{told.firing} of {told.alerts}",
            f"{each.began:%Y-%m-%d %H:%M}",
            each.run_state,
        )
        table.add_row(*(Text(_inert(cell)) for cell in cells))
    out().print(table)
    return 0


@command.command("show")
@click.argument("incident_id", metavar="ID")
@_FORMAT
def show(incident_id: str, style: str) -> int:
    """Show an incident, its alerts and what happened to it."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        incidents = _incidents(installation)
        incident = incidents.get(incident_id)
        told, alerts = incidents.told_as(incident), incidents.alerts(incident_id)
        timeline = incidents.timeline(incident_id)
    if style == "json":
        document: dict[str, Any] = {**told.model_dump(mode="json"), "triage": incident.run_state}
        document["joined"] = [
            {key: getattr(each, key) for key in ("name", "entity", "severity", "status", "began", "summary", "times")}
            for each in alerts
        ]
        document["timeline"] = [
            {"at": each.at, "what": each.what, "by": each.by, "note": each.note} for each in timeline
        ]
        emit_json(document)
        return 0
    lines = [
        f"{incident.title} ({incident.severity or 'no severity'}, {incident.environment}, {incident.state})",
        f"began {incident.began:%Y-%m-%d %H:%M:%S} UTC; triage: {incident.run_state} {incident.run_id}".rstrip(),
        *(f"  {each.status:<12} {each.name} of {each.about} ({each.severity}), {each.times} times" for each in alerts),
        *(f"{each.at:%H:%M:%S}  {' '.join(filter(None, (each.what, each.note, each.by)))}" for each in timeline),
    ]
    for line in lines:
        click.echo(_inert(line))
    return 0


@command.command("acknowledge")
@click.argument("incident_id", metavar="ID")
def acknowledge(incident_id: str) -> int:
    """Say that you take care of it."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        _say(_incidents(installation).acknowledge(incident_id, f"person:{current_person()}"))
    return 0


@command.command("assign")
@click.argument("incident_id", metavar="ID")
@click.argument("person")
def assign(incident_id: str, person: str) -> int:
    """Say who takes care of it: a name under `people`."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        if person != current_person() and person not in installation.settings.people:
            raise InputError(
                "nobody of that name is under `people`", remedy="list the person, or assign it to yourself"
            )
        _say(_incidents(installation).assign(incident_id, f"person:{person}", f"person:{current_person()}"))
    return 0


@command.command("rate")
@click.argument("incident_id", metavar="ID")
@click.argument("severity", type=click.Choice(SEVERITIES))
def rate(incident_id: str, severity: str) -> int:
    """Say how bad it is."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        _say(_incidents(installation).rate(incident_id, severity, f"person:{current_person()}"))
    return 0


@command.command("handover")
@click.option("--hours", type=click.IntRange(1, 168), default=12, show_default=True, help="How far back counts.")
@click.option("--team", help="Of one team only.")
@click.option("--format", "style", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
def hand_over(hours: int, team: str | None, style: str) -> int:
    """Show what whoever takes over has to know: what is open and whose, what ended, waits, or is stopped."""
    from datetime import timedelta  # noqa: PLC0415 - as above

    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..service.handover import handover, handover_markdown  # noqa: PLC0415 - as above

    with open_installation() as installation:
        made = handover(installation, timedelta(hours=hours), team)
    if style == "json":
        emit_json(made.model_dump(mode="json"))
    else:
        for line in handover_markdown(made).splitlines():
            click.echo(_inert(line))
    return 0


@command.command("resolve")
@click.argument("incident_id", metavar="ID")
@click.option("--anyway", metavar="WHY", help="Although alerts still fire, or nobody can say; goes into the timeline.")
@click.option("--solved-by", metavar="WHAT", help="What solved it; told when an incident like this one comes again.")
def resolve(incident_id: str, anyway: str | None, solved_by: str | None) -> int:
    """Say that it is over, once the alerting systems confirm it. Ends with 1 if they do not."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..past_runs import PastRuns  # noqa: PLC0415 - as above
    from ..service.confirming import confirm  # noqa: PLC0415 - as above

    by = f"person:{current_person()}"
    with open_installation() as installation:
        incidents = _incidents(installation)
        found = confirm(installation, incidents.get_live(incident_id), incidents.alerts(incident_id), by)
        note(found.line)
        if found.answer != "over" and anyway is None:
            note("  fix: wait until it is over, or say why it is all the same with --anyway WHY")
            return _STILL_FIRES
        why = f"{found.line}; {installation.redaction.scrub(anyway)}" if anyway else found.line
        solved = installation.redaction.scrub(solved_by) if solved_by else ""
        resolved = incidents.resolve(incident_id, by, f"{why}; solved by: {solved}" if solved else why)
        if solved:
            PastRuns(installation.database).said_solved(resolved.run_id, solved)
        _say(resolved)
    return 0


@command.command("cancel")
@click.argument("incident_id", metavar="ID")
@click.option("--note", "comment", default="", help="Why; goes into the timeline after redaction.")
def cancel(incident_id: str, comment: str) -> int:
    """Say that it is none: its triage stops at the next step, or never starts."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        why = installation.redaction.scrub(comment)
        _say(_incidents(installation).cancel(incident_id, f"person:{current_person()}", why))
    return 0


@command.command("retriage")
@click.argument("incident_id", metavar="ID")
def retriage(incident_id: str) -> int:
    """Have it triaged once more, with what has joined it since."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        _say(_incidents(installation).ask_again(incident_id, f"person:{current_person()}"))
    return 0


def _incidents(installation: Installation) -> Incidents:
    from ..service.incidents import Incidents  # noqa: PLC0415 - as above

    return Incidents(installation.database, installation.clock, installation.ids)


def _say(incident: Incident) -> None:
    note(f"{incident.id}: {incident.state}, triage {incident.run_state}")


def _inert(text: str) -> str:
    """Text that no terminal obeys."""
    from .approval_page import inert  # noqa: PLC0415 - as above

    return inert(text)
