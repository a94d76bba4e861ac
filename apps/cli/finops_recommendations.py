"""`opswarden finops recommendations`: the book, and what people say in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from .console import emit_json, note, out

if TYPE_CHECKING:
    from ...tools.recommendations.book import Book
    from ...tools.recommendations.lifecycle import PersonalMove
    from ...tools.recommendations.plan import Kept
    from ..installation import Installation

_STATES = ["open", "claimed", "snoozed", "dismissed", "applied", "verified", "regressed", "withdrawn"]
_ENVIRONMENT = click.option("--environment", metavar="NAME", help="Whose book, where there are several.")
_REASON = click.option("--reason", default="", metavar="TEXT", help="Why, in one line.")
_WAITING = 5


@click.group("recommendations", short_help="The book of recommendations: list, show, claim, snooze, dismiss, apply.")
def command() -> None:
    """List and show recommendations, and say what becomes of them."""


@command.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these. [default: open, claimed]"
)
@click.option("--all", "every", is_flag=True, help="All states.")
@click.option("--team", metavar="NAME", help="Only this team's.")
@_ENVIRONMENT
@click.option(
    "--format", "style", type=click.Choice(["terminal", "json", "csv"]), default="terminal", show_default=True
)
def listed(states: tuple[str, ...], every: bool, team: str | None, environment: str | None, style: str) -> int:
    """List what the book holds, the greatest savings first."""
    from ..finops.texts import rows_csv  # noqa: PLC0415 - keeps `--help` light
    from ..finops.wording import change, money, name  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same

    wanted = set(_STATES if every else states or ("open", "claimed"))
    with open_installation() as installation:
        book, where = open_book(installation, environment)
        kept = [
            each
            for each in book.kept(where)
            if each.standing.state in wanted and team in (None, each.recommendation.team)
        ]
    kept.sort(key=lambda each: -each.recommendation.saving.effective.expected)
    if style == "json":
        emit_json([_plain(each) for each in kept])
        return 0
    if style == "csv":
        click.echo(rows_csv([(each.recommendation, each.standing.state) for each in kept]), nl=False)
        return 0
    if not kept:
        click.echo("nothing of this kind is in the book")
        return 0
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("id", "state", "saves", "what", "change", "team", "since"):
        table.add_column(head, justify="right" if head == "saves" else "left", no_wrap=head == "id")
    for each in kept:
        one = each.recommendation
        cells = (
            one.id, each.standing.state, money(one.saving.effective), name(one.subject, 40),
            f"{one.kind}: {change(one)}", name(one.team, 20), f"{each.standing.first_seen:%Y-%m-%d}",
        )  # fmt: skip
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)
    return 0


@command.command("show")
@click.argument("name", metavar="ID")
@_ENVIRONMENT
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def show(name: str, environment: str | None, style: str) -> int:
    """Show one with its evidence, its risk, its patches and its history."""
    from ...tools.recommendations.patches import patches_of  # noqa: PLC0415 - as above
    from ..finops import wording  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        book, where = open_book(installation, environment)
        kept = book.find(where, name)
        moves = book.moves(where, kept.standing.id)
        measures = book.measures(where, kept.standing.id)
    one = kept.recommendation
    if style == "json":
        plain = _plain(kept)
        plain["moves"] = [{**vars(move), "at": move.at.isoformat()} for move in moves]
        plain["measures"] = [each.model_dump(mode="json") for each in measures]
        plain["patches"] = [patch.model_dump() for patch in patches_of(one)]
        emit_json(plain)
        return 0
    saving = one.saving
    lines = [
        f"{wording.KINDS[one.kind]}: {wording.name(one.subject)}: {wording.change(one)}",
        f"id        {one.id}   {kept.standing.state}",
        f"team      {wording.name(one.team)}, owner {wording.name(one.owner or '')}",
        f"saves     {wording.money(saving.effective)} at effective cost ({wording.interval(saving.effective)})",
        f"          {wording.money(saving.listed)} at list price; {wording.money(saving.bill)} on invoices, "
        f"{wording.money(saving.freed)} freed",
        f"risk      {wording.risk(one)}",
        f"why       {one.why}",
        f"effort    {one.effort_hours:g} h; {wording.REVERSALS[one.reversal]}",
    ]
    lines += [f"basis     {each.what}: {each.value:,.6g} {each.unit}" for each in one.basis]
    lines += [f"step {n}    {step}" for n, step in enumerate(one.steps, 1)]
    lines += [f"patch     {patch.format}: {patch.path}" for patch in patches_of(one)]
    for each in measures:
        realised = "not known" if each.realised is None else wording.money(each.realised)
        lines.append(f"after {each.days:>2} d {realised} of {wording.money(each.projected)} projected: {each.why}")
    lines += [
        f"{move.at:%Y-%m-%d %H:%M}  {move.move}: {move.before or '–'} → {move.after} by {move.by}"
        f"{f': {move.reason}' if move.reason else ''}"
        for move in moves
    ]
    from ..reports.cleaning import clean  # noqa: PLC0415 - as above

    for line in lines:
        click.echo(clean(line) if not line.startswith(" ") else f"          {clean(line)}")
    return 0


@command.command("claim")
@click.argument("name", metavar="ID")
@_ENVIRONMENT
def claim(name: str, environment: str | None) -> int:
    """Say that you work on it; its content is frozen from then on."""
    return move(name, "claim", environment)


@command.command("release")
@click.argument("name", metavar="ID")
@_ENVIRONMENT
def release(name: str, environment: str | None) -> int:
    """Say that you do not work on it after all."""
    return move(name, "release", environment)


@command.command("snooze")
@click.argument("name", metavar="ID")
@click.option("--until", metavar="DAY", help="The day it comes back. [default: in four weeks]")
@_REASON
@_ENVIRONMENT
def snooze(name: str, until: str | None, reason: str, environment: str | None) -> int:
    """Do not hear of it until a day; it comes back earlier only if it changes by more than a quarter."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    try:
        day = date.fromisoformat(until) if until else None
    except ValueError:
        raise InputError("--until is no day", remedy="write it like 2026-01-31") from None
    return move(name, "snooze", environment, reason=reason, until=day or datetime.now(UTC).date() + timedelta(days=28))


@command.command("dismiss")
@click.argument("name", metavar="ID")
@_REASON
@_ENVIRONMENT
def dismiss(name: str, reason: str, environment: str | None) -> int:
    """Say no, with a reason; nobody is asked again unless it changes by more than a quarter."""
    return move(name, "dismiss", environment, reason=reason)


@command.command("reopen")
@click.argument("name", metavar="ID")
@_ENVIRONMENT
def reopen(name: str, environment: str | None) -> int:
    """Take a snooze or a dismissal back."""
    return move(name, "reopen", environment)


@command.command("applied")
@click.argument("name", metavar="ID")
@_REASON
@_ENVIRONMENT
def applied(name: str, reason: str, environment: str | None) -> int:
    """Say that it was done; from now on it is measured instead of projected."""
    return move(name, "applied", environment, reason=reason)


@command.command("verify")
@click.argument("name", metavar="ID")
@click.option("--regressed", is_flag=True, help="It did harm or saves too little; say why with --reason.")
@_REASON
@_ENVIRONMENT
def verify(name: str, regressed: bool, reason: str, environment: str | None) -> int:
    """Say that it saves what it should and broke nothing; the weekly run says so by itself once it can measure it."""
    return move(name, "regress" if regressed else "verify", environment, reason=reason)


def move(
    name: str, wanted: PersonalMove, environment: str | None, *, reason: str = "", until: date | None = None
) -> int:
    """Make a person's move through the gate; the exit code."""
    from ...core.errors import CallDenied, InputError  # noqa: PLC0415 - as above
    from ..finops.driving import command_gate  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        book, where = open_book(installation, environment)
        kept = book.find(where, name)
        args: dict[str, str] = {"id": kept.standing.id, "move": wanted}
        words = f"{wanted} recommendation {kept.standing.id}"
        if reason:
            args["reason"], words = reason, f'{words}: "{reason}"'
        if until is not None:
            args["until"], words = f"{until.isoformat()}T00:00:00Z", f"{words} until {until.isoformat()}"
        person = f"person:{current_person()}"
        currency = kept.recommendation.saving.effective.currency
        with command_gate(installation, where, currency, person, words) as (gate, _):
            found = gate.call("recommendations.move", args, call_id="move")
    if found.approval_id:
        note(f"waiting for a person: opswarden approvals show {found.approval_id}")
        return _WAITING
    if found.status == "denied":
        raise CallDenied(found.message or "a policy says no", code=found.code)
    if found.status != "ok" or not isinstance(found.summary, dict):
        raise InputError(found.message or "it could not be moved", remedy="see `opswarden finops recommendations show`")
    click.echo(f"{found.summary['id']}: {found.summary['before']} → {found.summary['after']} (record {found.seq})")
    return 0


def open_book(installation: Installation, environment: str | None) -> tuple[Book, str]:
    """The book, and whose part of it is meant."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ..finops.driving import book_of  # noqa: PLC0415 - as above

    book = book_of(installation)
    there = book.environments()
    if environment is not None:
        return book, environment
    if len(there) > 1:
        raise InputError("the book is about several environments", remedy="name one with --environment")
    if not there:
        raise InputError("the book is empty", remedy="first `opswarden finops analyze FLEET`")
    return book, there[0]


def _plain(kept: Kept) -> dict[str, object]:
    return {
        "standing": kept.standing.model_dump(mode="json"),
        "recommendation": kept.recommendation.model_dump(mode="json"),
    }
