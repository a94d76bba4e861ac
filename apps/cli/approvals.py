"""`opswarden approvals list|show|approve|deny`, and the kill switch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .console import emit_json, note, out

if TYPE_CHECKING:
    from ...policies.approvals import Approval

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.group("approvals", short_help="List, show, approve or deny what waits for a person.")
def command() -> None:
    """What waits for a person, and the kill switch for everything that has an effect.

    You answer as the user of this machine, or as whom your identity token names, with the roles that
    opswarden.toml, the on-call schedules and the token give you at this moment.
    """


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that were answered, used, voided or have expired.")
@_FORMAT
def list_approvals(everything: bool, style: str) -> int:
    """List what waits for an answer, oldest first."""
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light

    with open_installation() as installation:
        found = installation.approvals.records(state=None if everything else "pending")
        now = installation.clock.now()
    if not everything:
        found = [item for item in found if not item.has_expired(now)]
    if style == "json":
        emit_json([_as_json(item) for item in found])
        return 0
    if not found:
        click.echo("nothing waits for an answer")
        return 0
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "action", "where", "roles", "state", "expires", "run"):
        table.add_column(name)
    for item in found:
        cells = (
            item.id,
            item.action,
            item.environment,
            ", ".join(item.roles),
            item.state,
            item.expires_at.strftime("%Y-%m-%d %H:%M UTC"),
            item.run_id,
        )
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)
    return 0


@command.command("show")
@click.argument("approval_id", metavar="ID")
@_FORMAT
def show(approval_id: str, style: str) -> int:
    """Show exactly what is asked."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        item = installation.approvals.get(approval_id)
    emit_json(_as_json(item))
    if style == "terminal":
        click.echo(f"answer with: opswarden approvals approve {item.id}   (or deny)", err=True)
    return 0


@command.command("approve")
@click.argument("approval_id", metavar="ID")
@click.option("--note", "comment", default="", help="Why; goes into the ledger after redaction.")
@click.option("--token-file", type=click.Path(path_type=Path), help="A file with your identity token (OIDC).")
def approve(approval_id: str, comment: str, token_file: Path | None) -> int:
    """Allow exactly the call that was shown, once."""
    return _answer(approval_id, "approve", comment, token_file)


@command.command("ticket")
@click.argument("run_id", metavar="RUN")
@click.argument("ticket_id", metavar="TICKET")
def ticket(run_id: str, ticket_id: str) -> int:
    """Name the change ticket of RUN; the gate checks it itself when a policy asks for one."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..tickets import run_tickets  # noqa: PLC0415 - as above

    with open_installation() as installation:
        if next(iter(installation.ledger.of_run(run_id)), None) is None:
            raise InputError(
                "the ledger knows no run of this id", remedy="`opswarden audit tail` shows the newest runs"
            )
        seq = run_tickets(installation).give(run_id, ticket_id, by=f"person:{current_person()}")
    click.echo(f"recorded in ledger entry {seq}")
    return 0


@command.command("deny")
@click.argument("approval_id", metavar="ID")
@click.option("--note", "comment", default="", help="Why; goes into the ledger after redaction.")
@click.option("--token-file", type=click.Path(path_type=Path), help="A file with your identity token (OIDC).")
def deny(approval_id: str, comment: str, token_file: Path | None) -> int:
    """Refuse the call."""
    return _answer(approval_id, "deny", comment, token_file)


@command.command("stop-writes")
@click.option("--reason", required=True, help="Why; goes into the ledger after redaction.")
def stop_writes(reason: str) -> int:
    """The kill switch: no write and no send of any run goes through until `allow-writes`."""
    return _switch(is_on=True, reason=reason)


@command.command("allow-writes")
@click.option("--reason", required=True, help="Why; goes into the ledger after redaction.")
def allow_writes(reason: str) -> int:
    """Take the kill switch back; policies decide again."""
    return _switch(is_on=False, reason=reason)


def _answer(approval_id: str, answer: Literal["approve", "deny"], comment: str, token_file: Path | None) -> int:
    from ...policies.stage_steps import STAGE_ACTION  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..people import who_answers  # noqa: PLC0415 - as above
    from .stages import settle, told  # noqa: PLC0415 - as above

    with open_installation() as installation:
        person, held = who_answers(installation, token_file)
        for problem in held.problems:
            note(f"warning: {problem}")
        item = installation.approvals.answer(
            approval_id,
            answer,
            approver=person.principal,
            roles=held.roles,
            note=comment,
            established=held.as_recorded(person),
        )
        if item.action == STAGE_ACTION:
            click.echo(told(settle(installation, item.id)) if item.state == "approved" else f"{item.state}: no step")
            return 0
    click.echo(f"{item.state}: {item.action} in {item.environment}")
    click.echo(f"next: opswarden resume {item.run_id}")
    return 0


def _switch(*, is_on: bool, reason: str) -> int:
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        seq = installation.switch.set(is_on, by=f"person:{current_person()}", reason=reason)
    click.echo(f"writes are {'stopped' if is_on else 'decided by policy again'} (ledger entry {seq})")
    return 0


def _as_json(item: Approval) -> dict[str, object]:
    return {
        "id": item.id,
        "run_id": item.run_id,
        "action": item.action,
        "environment": item.environment,
        "reason": item.reason,
        "preview": item.preview,
        "roles": list(item.roles),
        "two_person": item.two_person,
        "requester": item.requester,
        "state": item.state,
        "requested_at": item.requested_at,
        "expires_at": item.expires_at,
    }
