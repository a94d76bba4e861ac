"""`opswarden finops cost FLEET`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note, out, steps
from .finops_days import day_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

_PATH = click.Path(path_type=Path)
_PARTS = ("owned", "shared", "unattributed", "unused", "purchases", "tax", "credits", "adjustments")


@click.command("cost", short_help="What things cost, by whom, and whether it ties to the invoices.")
@click.argument("fleet", type=_PATH)
@click.option("--from", "start", metavar="DAY", help="First day. [default: four weeks before --to]")
@click.option("--to", "end", metavar="DAY", help="The day after the last. [default: the end of the fleet]")
@click.option(
    "--by",
    type=click.Choice(["team", "workload", "model", "country", "service"]),
    default="team",
    show_default=True,
)
@click.option("--bill", type=_PATH, help="A FOCUS file or folder instead of the one in the fleet.")
@click.option("--limit", type=click.IntRange(1, 60), default=15, show_default=True, help="Groups at most.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(fleet: Path, start: str | None, end: str | None, by: str, bill: Path | None, limit: int, style: str) -> int:
    """What the workloads of FLEET cost in some days, and whether it ties to the invoices.

    Effective cost (amortised), billed cost and list cost stand side by side. What nobody owns, what is shared, tax,
    credits and rounding are lines of their own. FLEET is a fleet folder with a bill in
    `bill/`, or a bill alone: FOCUS 1.0 to 1.3 as CSV or Parquet, a file or a folder of them.
    """
    from ..finops.costs import open_costs  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same

    with open_installation() as installation, open_costs(installation, fleet, bill, note) as costs:
        last = day_of(end, "--to") if end else costs.store.manifest.end.date()
        first = day_of(start, "--from") if start else date.fromordinal(last.toordinal() - 28)
        asked: dict[str, Any] = {"start": first.isoformat(), "end": last.isoformat(), "by": by, "limit": limit}
        with steps("costs", quiet=style == "json") as progress:
            progress("reading the bill")
            found = costs.ask("costs.describe", asked)
    if style == "json":
        emit_json(found)
    else:
        _print(found, first, last)
    return 0


def _print(found: Mapping[str, Any], first: date, last: date) -> None:
    console, currency = out(), found["currency"]
    console.print(
        f"{first} to {last} ({found['days']} days): {_money(found['effective'])} {currency} effective, "
        f"{_money(found['billed'])} billed, {_money(found['listed'])} at list price"
    )
    console.print(_groups(found))
    console.print(_invoices(found))
    cover = found["commitments"]
    if cover["number"]:
        console.print(
            f"commitments: {cover['number']}, {_share(cover['utilisation'])} used, cover {_share(cover['coverage'])}; "
            f"{_money(cover['unused'])} {currency} unused, {_money(cover['net_saving'])} {currency} saved net"
        )
    for line in _notes(found):
        console.print(line, markup=False)


def _groups(found: Mapping[str, Any]) -> Table:
    from rich.table import Table  # noqa: PLC0415 - 70 ms that `--help` need not pay
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(found["by"])
    for name in ("effective", "billed", "list", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    rest = [{**found["rest"], "name": "(the rest)"}] if found["rest"] else []
    for group in [*found["groups"], *rest]:
        amounts = (_money(group[name]) for name in ("effective", "billed", "listed"))
        table.add_row(Text(group["name"] or "(nobody)"), *amounts, _share(group["share"]))
    return table


def _invoices(found: Mapping[str, Any]) -> Table:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - the same

    present = [part for part in _PARTS if any(part in one["parts"] for one in found["invoices"])]
    table = Table(box=None, pad_edge=False, header_style="bold", title="invoices", title_justify="left")
    for name in ("issuer", "period", ""):
        table.add_column(name)
    for name in (*present, "residual", "= billed", "rounding", "invoice"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found["invoices"]:
        table.add_row(
            Text(one["issuer"]),
            one["period"],
            one["currency"],
            *(_money(one["parts"].get(part, 0.0)) for part in present),
            f"{one['residual']:g}",
            _money(one["billed"]),
            f"{one['rounding']:.6f}",
            f"{_money(one['invoice'])}{'' if one['is_given'] else '*'}{'' if one['ties'] else ' DOES NOT TIE'}",
        )
    return table


def _notes(found: Mapping[str, Any]) -> list[str]:
    notes = []
    if any(not one["is_given"] for one in found["invoices"]):
        notes.append("* no invoice total was given (`invoices` in costs.yaml): the sum of the lines in whole cents")
    notes += [f"not exchanged, in no sum: {_money(one['billed'])} {one['currency']}" for one in found["not_exchanged"]]
    notes += [
        f"rate of {one['day']}: 1 {one['base']} = {one['value']:g} {one['quote']}"
        + (f" through {one['through']}" if one["through"] else "")
        for one in found["rates"]
    ]
    notes += [f"shared: {rule}" for rule in found["shared_rules"]]
    notes += [
        f"{'set aside' if one['is_set_aside'] else 'note'}: {one['rows']} rows of {one['file']} from row "
        f"{one['first_row']}: {one['what']}"
        for one in found["problems"]
    ]
    notes += [
        f"replaced by a later delivery: {one['file']}, {one['period']}: {one['rows']} rows, {_money(one['billed'])} "
        f"{one['currency']}"
        for one in found["replaced"]
    ]
    if found["duplicate_rows"]:
        amounts = ", ".join(f"{_money(amount)} {currency}" for currency, amount in found["duplicate_billed"].items())
        notes.append(f"{found['duplicate_rows']} rows equal another one in every column ({amounts}); they are counted")
    if found["own_usd"] is not None:
        notes.append(f"models cost opswarden itself {found['own_usd']:.6f} USD, beside this bill")
    return [*notes, f"{found['rows']} rows of FOCUS {', '.join(found['versions'])}"]


def _money(amount: float) -> str:
    return f"{amount:,.2f}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
