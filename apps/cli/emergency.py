"""`opswarden emergency open|list|show|close|review`, and the warning of every command while one is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note

if TYPE_CHECKING:
    from ...policies.emergencies import Emergency
    from ..installation import Installation

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.group("emergency", short_help="Emergency access: loud, short and reviewed afterwards.")
def command() -> None:
    """Emergency access: loud, short and reviewed afterwards.

    While it is open, the leave of somebody with the role `emergency` counts for that of on-call and of who manages
    changes. Stages, the kill switch, budgets, teams and the look at exactly this call stay as they are.
    """


@command.command("open")
@click.option("--reason", required=True, help="Why; goes into the ledger after redaction.")
@click.option("--minutes", type=click.IntRange(min=1), default=30, show_default=True)
@click.option("--team", default="", help="For runs of this team alone.")
@click.option("--environment", default="", help="In this environment alone.")
def open_access(reason: str, minutes: int, team: str, environment: str) -> int:
    """Open emergency access. You need the role `emergency`."""
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light

    with open_installation() as installation:
        person, roles = _who(installation)
        made = installation.emergencies.open(
            by=person, roles=roles, reason=reason, minutes=minutes, team=team, environment=environment
        )
    click.echo(f"{made.id} is open until {made.until:%Y-%m-%d %H:%M UTC} for {made.scope} (ledger entry {made.seq})")
    click.echo(f"afterwards, by somebody else: opswarden emergency review {made.id} --note …")
    return 0


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over and reviewed.")
@_FORMAT
def list_access(everything: bool, style: str) -> int:
    """List what is open or waits for a review."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        emergencies, now = installation.emergencies, installation.clock.now()
        found = [one for one in emergencies.records() if everything or one.is_open(now) or not one.reviewed_by]
        listed = [{**_as_json(one), "state": _state(one, installation)} for one in found]
    if style == "json":
        emit_json(listed)
        return 0
    if not found:
        click.echo("no emergency access is open or waits for a review")
    for one, row in zip(found, listed, strict=True):
        click.echo(f"{one.id}  {row['state']:16}  {one.opened_at:%Y-%m-%d %H:%M UTC}  {one.opened_by}  {one.reason}")
    return 0


@command.command("show")
@click.argument("emergency_id", metavar="ID")
@_FORMAT
def show(emergency_id: str, style: str) -> int:
    """Show one with every write and send that was decided while it was open."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        found = [one for one in installation.emergencies.records() if one.id == emergency_id]
        if not found:
            raise InputError("there is no emergency access of this id", remedy="`opswarden emergency list --all`")
        decided = _decided(installation, found[0])
        state = _state(found[0], installation)
    if style == "json":
        emit_json({**_as_json(found[0]), "state": state, "decided": decided})
        return 0
    click.echo(f"{found[0].id}: {state}, {found[0].scope}, by {found[0].opened_by}: {found[0].reason}")
    for row in decided:
        click.echo(f"{row['seq']:>7}  {row['decision']:5}  {row['tool']}  {row['run_id']}")
    click.echo(f"{len(decided)} writes and sends were decided; opswarden audit show SEQ has each")
    return 0


@command.command("close")
@click.argument("emergency_id", metavar="ID")
def close(emergency_id: str) -> int:
    """End one before its time."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        closed = installation.emergencies.close(emergency_id, by=f"person:{current_person()}")
    click.echo(f"{closed.id} is over")
    return 0


@command.command("review")
@click.argument("emergency_id", metavar="ID")
@click.option("--note", "text", required=True, help="What you found; goes into the ledger after redaction.")
def review(emergency_id: str, text: str) -> int:
    """Write down what you think of one that somebody else opened."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        person, roles = _who(installation)
        reviewed = installation.emergencies.review(emergency_id, by=person, roles=roles, note=text)
    click.echo(f"{reviewed.id} is reviewed")
    return 0


def warn() -> None:
    """One line on stderr for each that is open; nothing where there is no installation to look at yet."""
    from datetime import UTC, datetime  # noqa: PLC0415 - as above

    from ...policies.emergencies import glimpsed  # noqa: PLC0415 - as above
    from ...policies.ledger.read import inert  # noqa: PLC0415 - as above
    from ..settings import load_settings  # noqa: PLC0415 - as above

    try:
        lines = glimpsed(load_settings().state_dir / "opswarden.sqlite", datetime.now(UTC))
    except Exception:  # noqa: BLE001 - whatever is wrong, the command itself has said it
        return
    for line in lines:
        note(inert(line))


def _who(installation: Installation) -> tuple[str, frozenset[str]]:
    from ..people.roles import who_answers  # noqa: PLC0415 - as above

    person, held = who_answers(installation, None)
    for problem in held.problems:
        note(f"warning: {problem}")
    return person.principal, held.roles


def _state(one: Emergency, installation: Installation) -> str:
    if one.is_open(installation.clock.now()):
        return "open"
    if one.reviewed_by:
        return "reviewed"
    return "review overdue" if installation.emergencies.is_overdue(one) else "to be reviewed"


def _decided(installation: Installation, one: Emergency) -> list[dict[str, Any]]:
    """Decisions on writes and sends in its time and scope, under emergency facts."""
    rows = []
    end = one.closed_at or one.until
    for entry in installation.ledger.entries(one.seq):
        if entry.ts >= end:
            break
        request: Any = entry.body.get("request")
        common = request["context"]["common"] if entry.kind == "call.decided" and isinstance(request, dict) else {}
        if common.get("emergency") is True and one.covers(
            team=str(entry.body.get("team")), environment=str(entry.body.get("environment"))
        ):
            rows.append(
                {
                    "seq": entry.seq,
                    "run_id": entry.run_id,
                    "tool": entry.body.get("tool"),
                    "decision": entry.body.get("decision"),
                }
            )
    return rows


def _as_json(one: Emergency) -> dict[str, Any]:
    return {
        "id": one.id,
        "team": one.team or None,
        "environment": one.environment or None,
        "opened_by": one.opened_by,
        "reason": one.reason,
        "opened_at": one.opened_at,
        "until": one.closed_at or one.until,
        "seq": one.seq,
        "reviewed_by": one.reviewed_by or None,
        "note": one.note or None,
    }
