"""`opswarden finops why FLEET FROM TO`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note, out, steps
from .finops_days import month_or_days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table
    from rich.text import Text

_PATH = click.Path(path_type=Path)
_WORDS = {
    "volume": "more or less of the same",
    "price": "another price of the same",
    "mix_region": "other regions",
    "mix_size": "other instance types",
    "mix_capacity": "on demand, spot or committed",
    "waste": "paid for and idle",
    "new": "only in the later one",
    "gone": "only in the earlier one",
    "fees": "fees of commitments",
    "one_off": "bought once, adjusted, corrected",
    "tax_and_credits": "tax and credits",
    "currency": "exchange rates",
    "unmeasured": "no quantity is told",
}
_SHOWN = 3


@click.command("why", short_help="Why a bill moved between two months.")
@click.argument("fleet", type=_PATH)
@click.argument("before", metavar="FROM")
@click.argument("after", metavar="TO")
@click.option(
    "--by",
    type=click.Choice(["team", "workload", "model", "country", "service"]),
    default="team",
    show_default=True,
)
@click.option(
    "--only", "containing", default="", metavar="TEXT", help="Only what has this in its service, SKU or size."
)
@click.option("--team", default="", help="Only the costs of this team.")
@click.option("--model", default="", metavar="NAME", help="Only the costs of this model.")
@click.option("--country", default="", help="Only the costs of this country.")
@click.option(
    "--basis",
    type=click.Choice(["effective", "billed", "listed", "contracted"]),
    default="effective",
    show_default=True,
)
@click.option("--bill", type=_PATH, help="A FOCUS file or folder instead of the one in the fleet.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Movers at most.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(
    fleet: Path,
    before: str,
    after: str,
    by: str,
    containing: str,
    team: str,
    model: str,
    country: str,
    basis: str,
    bill: Path | None,
    limit: int,
    style: str,
) -> int:
    """Why the bill of TO is another than that of FROM: months like 2026-08, or days like 2026-08-01..2026-08-15.

    The parts add up to the difference, to the cent, and do not depend on an order: each factor has its Shapley value.
    "Why did our GPU bill rise?" is `--only gpu`.
    """
    from ..finops.costs import open_costs  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same

    old, new = month_or_days(before, "FROM"), month_or_days(after, "TO")
    asked: dict[str, Any] = {
        "before_start": old[0].isoformat(),
        "before_end": old[1].isoformat(),
        "start": new[0].isoformat(),
        "end": new[1].isoformat(),
        "by": by,
        "containing": containing,
        "team": team,
        "model": model,
        "country": country,
        "basis": basis,
        "limit": limit,
    }
    with (
        open_installation() as installation,
        open_costs(installation, fleet, bill, note) as costs,
        steps("costs", quiet=style == "json") as progress,
    ):
        progress("reading the bill")
        found = costs.ask("costs.decompose", asked)
    if style == "json":
        emit_json(found)
    else:
        _print(found, before, after)
        for line in _uncovered(found, old[0], new[1]):
            click.echo(line)
    return 0


def _uncovered(found: Mapping[str, Any], first: date, end: date) -> list[str]:
    """Days that were asked for and are not in the bill: they compare a whole period with a part of one."""
    notes = []
    if found.get("bill_first") and date.fromisoformat(found["bill_first"]) > first:
        notes.append(f"the bill begins on {found['bill_first']}: the earlier period is not whole")
    if found.get("bill_last") and date.fromisoformat(found["bill_last"]).toordinal() + 1 < end.toordinal():
        notes.append(f"the bill ends on {found['bill_last']}: the later period is not whole")
    return notes


def _print(found: Mapping[str, Any], before: str, after: str) -> None:
    console, currency = out(), found["currency"]
    change = f" ({found['change']:+.1%})" if found["change"] is not None else ""
    console.print(
        f"{found['basis']} cost: {_money(found['before'])} {currency} in {before} ({found['before_days']} days), "
        f"{_money(found['after'])} {currency} in {after} ({found['days']} days): "
        f"{found['difference']:+,.2f} {currency}{change}",
        markup=False,
    )
    console.print(_parts(found))
    console.print(_movers(found["by"], found["groups"], "name"))
    console.print(_movers("workload or service", found["movers"], "workload"))
    if not found["is_idle_known"]:
        console.print("waste is unused commitments only: no usage tells what was idle")
    for one in found["not_exchanged"]:
        console.print(f"not exchanged, in no sum: {_money(one['billed'])} {one['currency']}")


def _parts(found: Mapping[str, Any]) -> Table:
    from rich.table import Table  # noqa: PLC0415 - 70 ms that `--help` need not pay

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("why", "amount", ""):
        table.add_column(name, justify="right" if name == "amount" else "left")
    for part in found["parts"]:
        table.add_row(part["part"], f"{part['amount']:+,.2f}", _WORDS.get(part["part"], ""))
    table.add_row("sum", f"{sum(round(part['amount'] * 100) for part in found['parts']) / 100:+,.2f}", "", style="bold")
    return table


def _movers(title: str, rows: Sequence[Mapping[str, Any]], name: str) -> Table:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(title)
    for heading in ("before", "after", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("mostly")
    has_evidence = any("evidence" in row for row in rows)
    if has_evidence:
        table.add_column("used")
        table.add_column("evidence")
    for row in rows:
        mostly = ", ".join(f"{part['part']} {part['amount']:+,.2f}" for part in row["parts"][:_SHOWN])
        label = row[name] or row.get("service") or "(nobody)"
        shown: list[str | Text] = [
            Text(label),
            _money(row["before"]),
            _money(row["after"]),
            f"{row['difference']:+,.2f}",
            mostly,
        ]
        if has_evidence:
            used = f"{row['quantity_before']:,.0f} → {row['quantity_after']:,.0f} {row['unit']}" if row["unit"] else ""
            last = row["evidence"][-1] if row["evidence"] else None
            shown += [Text(used), Text(f"{last['file']} row {last['first_row']}" if last else "")]
        table.add_row(*shown)
    return table


def _money(amount: float) -> str:
    return f"{amount:,.2f}"
