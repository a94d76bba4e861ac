"""`opswarden budget show`: what is used, reserved and left."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import click

from .console import emit_json, out
from .typed import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from ...policies.standings import Standing

_BAR = 24
_NEAR = 0.8
_PERIODS = {"month": ", the month", "hour": ", the last hour"}


@click.group("budget", short_help="Show what a day or a run has used of its budgets.")
def command() -> None:
    """What runs may use, and what they have used: `gate.limits` for each run, `gate.budgets` for a day."""


@command.command("show")
@click.option("--team", help="This team only.")
@click.option("--day", "day", metavar="DATE", help="A day of UTC, like 2026-01-31; today unless given.")
@click.option("--run", "run_id", help="One run instead of a day.")
@click.option("--gateway", "of_gateway", is_flag=True, help="What agents used through the gateway, by their contracts.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def show(team: str | None, day: str | None, run_id: str | None, of_gateway: bool, style: str) -> int:
    """Show what is used, reserved and left, for each team, agent role and environment of a day.

    Limits of the month and of the last hour stand below.

    What calls under way have set aside is reserved; so is what a process had set aside when it died.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...policies.day_budgets import day_of  # noqa: PLC0415 - the same
    from ...policies.standings import of_day, of_limits, of_run  # noqa: PLC0415 - the same
    from ..gateway.looking import look  # noqa: PLC0415 - the same

    if run_id is not None and (team is not None or day is not None):
        raise InputError("--run goes with neither --team nor --day", remedy="ask for the run alone")
    if day is not None and not _is_day(day):
        raise InputError("--day is no day", remedy="write it like 2026-01-31")
    if of_gateway and run_id is not None:
        raise InputError("--run does not go with --gateway", remedy="its conversations are bounded by contracts alone")
    with look(of_gateway=of_gateway) as looked:
        installation, budgets = looked.installation, looked.budgets
        gate, database = installation.settings.gate, installation.database
        day = day or day_of(installation.clock.now())
        found = (
            [
                *of_day(database, budgets, day, team=team),
                *of_limits(database, budgets, installation.clock.now(), day, team=team),
            ]
            if run_id is None
            else of_run(database, gate.limits, run_id)
        )
    if run_id is not None:
        run_id = typed(run_id)
        found = [replace(item, name=run_id) for item in found]
    if style == "json":
        of_what = {"day": day} if run_id is None else {"run_id": run_id}
        emit_json({**of_what, "budgets": [{**vars(item), "left": item.left} for item in found]})
        return 0
    if not found:
        limiting = "a contract" if of_gateway else "`gate.budgets`"
        click.echo(f"nothing was used on {day}, and nothing is limited by {limiting}")
        return 0
    _print(found, f"{day} (UTC)" if run_id is None else run_id)
    return 0


def _print(found: Sequence[Standing], title: str) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left")
    for name in ("whose", "what", "used", "reserved", "limit", "left"):
        table.add_column(name, justify="left" if name in ("whose", "what") else "right", no_wrap=True)
    table.add_column("")
    last = ""
    for item in found:
        whose = f"{item.scope} {item.name}{_PERIODS.get(item.per, '')}"
        figures = (f"{item.used:,}", f"{item.reserved:,}", _figure(item.limit), _figure(item.left))
        table.add_row(Text("" if whose == last else whose), Text(item.measure), *map(Text, figures), _bar(item))
        last = whose
    out().print(table)


def _figure(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _bar(item: Standing) -> Text:
    """Used in full blocks, reserved in light ones; nothing where nothing is limited."""
    from rich.text import Text  # noqa: PLC0415 - as above

    if not item.limit:
        return Text("")
    used = min(_BAR, round(_BAR * item.used / item.limit))
    both = min(_BAR, max(used, round(_BAR * (item.used + item.reserved) / item.limit)))
    share = (item.used + item.reserved) / item.limit
    colour = "red" if share >= 1 else "yellow" if share >= _NEAR else "green"
    bar = Text("█" * used + "▒" * (both - used), style=colour)
    return bar.append("·" * (_BAR - both), style="dim").append(f" {share:.0%}", style=colour)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
