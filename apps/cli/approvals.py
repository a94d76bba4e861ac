"""`opswarden approvals list|show|approve|deny|endorse|escalate`, and the kill switch."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .audit_unknown import unknowns_of
from .console import emit_json, note, out

if TYPE_CHECKING:
    pass

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
    from ...policies.escalation import steps_told  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from .approval_page import ago, as_json, due_text, inert  # noqa: PLC0415 - the same

    with open_installation() as installation:
        found = installation.approvals.records(state=None if everything else "pending")
        now, steps = installation.clock.now(), installation.settings.gate.escalation
        unknown = len(unknowns_of(installation).open())
        if not everything:
            found = [item for item in found if not item.has_expired(now)]
        told = {item.id: steps_told(installation.database, item) for item in found if steps}
    if unknown and style == "terminal":
        note(f"effects with an unknown outcome: {unknown} (`opswarden audit unknown` lists them)")
    if style == "json":
        emit_json([as_json(item) for item in found])
        return 0
    if not found:
        click.echo("nothing waits for an answer")
        return 0
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "action", "where", "roles", "state", "age", "expires", "next notice", "run"):
        table.add_column(name)
    for item in found:
        cells = (
            item.id,
            inert(item.action),
            item.environment,
            (" and " if item.needs_every_role else " or ").join(item.roles),
            "expired" if item.state == "pending" and item.has_expired(now) else item.state,
            ago(item.requested_at, now),
            f"in {ago(item.expires_at, now)}" if not item.has_expired(now) else "–",
            due_text(item, steps, told.get(item.id, frozenset()), now),
            item.run_id,
        )
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)
    return 0


@command.command("show")
@click.argument("approval_id", metavar="ID")
@click.option("--full", "whole", is_flag=True, help="Show long values to their end.")
@_FORMAT
def show(approval_id: str, whole: bool, style: str) -> int:
    """Show exactly what is asked: what would change, where, and how far each value can be trusted."""
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from .approval_page import as_json, next_steps, page  # noqa: PLC0415 - the same

    with open_installation() as installation:
        item = installation.approvals.get(approval_id)
        endorsed, now = installation.endorsements.of(item), installation.clock.now()
    if style == "json":
        emit_json(as_json(item, endorsed))
        return 0
    for part in page(item, now, whole=whole, endorsed=endorsed):
        out().print(part, markup=False, emoji=False, highlight=False)
    for line in next_steps(item, endorsed):
        note(f"next: {line}")
    return 0


@command.command("approve")
@click.argument("approval_ids", metavar="ID…", nargs=-1, required=True)
@click.option("--note", "comment", default="", help="Why; goes into the ledger after redaction.")
@click.option("--token-file", type=click.Path(path_type=Path), help="A file with your identity token (OIDC).")
def approve(approval_ids: tuple[str, ...], comment: str, token_file: Path | None) -> int:
    """Allow exactly the call that was shown, once. Of several, each stands for itself."""
    for approval_id in approval_ids:
        _answer(approval_id, "approve", comment, token_file)
    return 0


@command.command("ticket")
@click.argument("run_id", metavar="RUN")
@click.argument("ticket_id", metavar="TICKET")
def ticket(run_id: str, ticket_id: str) -> int:
    """Name the change ticket of RUN; the gate checks it itself when a policy asks for one."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..people.tickets import run_tickets  # noqa: PLC0415 - as above

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
@click.option("--reason", "--note", "comment", default="", help="Why; for the agent and, after redaction, the ledger.")
@click.option("--token-file", type=click.Path(path_type=Path), help="A file with your identity token (OIDC).")
def deny(approval_id: str, comment: str, token_file: Path | None) -> int:
    """Refuse the call. The reason helps the agent to propose something better; on a terminal you are asked for it.

    A refusal is never held up: without a reason it counts as well.
    """
    if not comment and sys.stdin.isatty():
        comment = click.prompt("why", default="", show_default=False, err=True)
    return _answer(approval_id, "deny", comment, token_file)


@command.command("endorse")
@click.argument("approval_id", metavar="ID")
@click.option("--argument", required=True, metavar="NAME", help="The argument whose value is what you mean.")
@click.option("--note", "comment", default="", help="Why; goes into the ledger after redaction.")
@click.option("--token-file", type=click.Path(path_type=Path), help="A file with your identity token (OIDC).")
def endorse(approval_id: str, argument: str, comment: str, token_file: Path | None) -> int:
    """Say of one doubted value that it is what you mean, without approving the call.

    The value is the one that `approvals show` shows. For the rest of the run it is trusted in this argument of this
    tool. If the policies then let the call through, it runs; otherwise the question stays.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..people.roles import who_answers  # noqa: PLC0415 - the same
    from .approval_page import inert  # noqa: PLC0415 - the same

    with open_installation() as installation:
        person, held = who_answers(installation, token_file)
        for problem in held.problems:
            note(f"warning: {problem}")
        done = installation.endorsements.endorse(
            approval_id, argument, approver=person.principal, roles=held.roles, note=comment
        )
    click.echo(f"endorsed: {inert(done.argument)} of {done.tool}, for the rest of the run")
    click.echo(f"next: opswarden resume {done.run_id}")
    return 0


@command.command("escalate")
@_FORMAT
def escalate(style: str) -> int:
    """Tell whoever `gate.escalation` names of questions that wait, each once; made to be run every minute by cron.

    Questions whose time has run out are closed, recorded and told as well. Who may answer never changes by it.
    """
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..people.escalation import open_escalation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        done = open_escalation(installation, note if style == "json" else click.echo).round()
    lines = [
        {
            "approval_id": each.approval.id,
            "about": each.about,
            "step": each.step,
            "audience": f"{each.audience.kind}/{each.audience.name}",
            "status": each.result.status,
            "code": each.result.code,
        }
        for each in done.told
    ]
    if style == "json":
        emit_json({"told": lines, "expired": [item.id for item in done.expired], "altered": list(done.altered)})
    else:
        for line in lines:
            note(f"{line['status']}: {line['audience']}, {line['about']}, {line['approval_id']} ({line['code']})")
        for item in done.expired:
            note(f"expired: {item.action} in {item.environment}, {item.id}")
    for approval_id in done.altered:
        note(f"altered outside the gate, nobody is told: {approval_id}")
    return 1 if done.altered else 3 if done.has_failed else 0


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
    from ..people.roles import who_answers  # noqa: PLC0415 - as above
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
        if item.action == STAGE_ACTION and item.state != "pending":
            click.echo(told(settle(installation, item.id)) if item.state == "approved" else f"{item.state}: no step")
            return 0
    if item.state == "pending":
        click.echo(f"you agreed: {item.action} in {item.environment}")
        click.echo(f"still needed: {' and '.join(item.missing_roles)}")
        return 0
    click.echo(f"{item.state}: {item.action} in {item.environment}")
    if answer == "deny" and not comment:
        note("no reason given; `--reason` helps the agent to propose something better")
    click.echo(f"next: opswarden resume {item.run_id}")
    return 0


def _switch(*, is_on: bool, reason: str) -> int:
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        seq = installation.switch.set(is_on, by=f"person:{current_person()}", reason=reason)
    click.echo(f"writes are {'stopped' if is_on else 'decided by policy again'} (ledger entry {seq})")
    return 0
