"""`opswarden finops backtest`: sizing rules and ours, side by side over the past of a fleet or of a raw trace."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import counted, emit_json, note, out

if TYPE_CHECKING:
    from ...tools.rightsizing.backtest import Interval, ResourceBacktest
    from ...tools.rightsizing.use import Use


@click.command("backtest", short_help="Replay sizing rules over a fleet's past, side by side.")
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--map", "mapped", multiple=True, metavar="FIELD=EXPRESSION", help="Of a raw file: what is what; see below."
)
@click.option("--map-file", type=click.Path(path_type=Path, dir_okay=False), help="The same as a TOML table.")
@click.option("--resource", type=click.Choice(["cpu", "memory"]), help="Only this one.")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Only these beside ours; all unless given.")
@click.option(
    "--risk",
    type=click.FloatRange(0.0005, 0.5),
    help="Aim at this share of bad weeks. [default: no riskier than the reference rule was so far]",
)
@click.option("--never-below-peaks", is_flag=True, help="No size of ours below a peak of the four weeks before.")
@click.option("--weeks", type=click.IntRange(1, 520), help="Only so many weeks, the latest.")
@click.option("--seed", default=0, show_default=True, help="Of the trees and the intervals.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(
    data: Path,
    mapped: tuple[str, ...],
    map_file: Path | None,
    resource: str | None,
    rules: tuple[str, ...],
    risk: float | None,
    never_below_peaks: bool,
    weeks: int | None,
    seed: int,
    style: str,
) -> int:
    """Replay sizing rules over DATA, a fleet folder or a raw file (Parquet, CSV), one week after the other.

    Of a raw file say what its columns are, with + - * / and parentheses: --map workload=vm --map ts=ts --map
    cpu=used_mhz/total_mhz*cores --map cpu_size=cores --map memory=used_kb*1024 --map memory_size=total_kb*1024

    Exits with 1 if a resource fails its backtest: its recommendations are withheld.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...tools.rightsizing.backtest import Aim, backtest  # noqa: PLC0415 - the same
    from ...tools.rightsizing.sizing import Guards  # noqa: PLC0415 - the same
    from ...tools.rightsizing.told import document, kind_backtest  # noqa: PLC0415 - the same

    _check_rules(rules)
    uses = _uses(data, mapping_of(mapped, map_file))
    aim = Aim(bad=risk, guards=Guards(seen_days=28 if never_below_peaks else 0))
    found: list[ResourceBacktest] = []
    for name, use in uses.items():
        if resource in (None, name):
            with counted(f"backtest of {name}, weeks", quiet=style == "json") as progress:
                one = backtest(use, names=rules, aim=aim, most_folds=weeks, seed=seed, progress=progress)
            found += [] if one is None else [one]
    if not found:
        raise InputError("no week can be judged", remedy="a backtest needs four weeks of usage, and sizes")
    if style == "json":
        emit_json({"version": 1, "seed": seed, "resources": [document(one) for one in found]})
    else:
        for one in found:
            _show(one)
    return 0 if all(kind_backtest(one).is_passed for one in found) else 1


def mapping_of(mapped: tuple[str, ...], file: Path | None) -> Mapping[str, str]:
    """The mapping that options and a file make together; options go first.

    Raises:
        InputError: one is no `FIELD=EXPRESSION`, or the file is no TOML table of texts.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    found: dict[str, str] = {}
    if file is not None:
        from ...tools.rightsizing.trace import read_mapping  # noqa: PLC0415 - as above

        found.update(read_mapping(file))
    for one in mapped:
        field, sign, expression = one.partition("=")
        if not sign or not field.strip() or not expression.strip():
            raise InputError("--map is no FIELD=EXPRESSION", remedy="write it like --map cpu=used_mhz/1000")
        found[field.strip()] = expression.strip()
    return found


def _check_rules(rules: tuple[str, ...]) -> None:
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...tools.rightsizing.rules import RULES  # noqa: PLC0415 - as above

    names = list(dict.fromkeys(rule.name for rule in RULES))
    if set(rules) - set(names):
        raise InputError("there is no such rule", remedy=f"rules: {', '.join(names)}")


def _uses(data: Path, mapping: Mapping[str, str]) -> Mapping[str, Use]:
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    if mapping:
        from ...tools.rightsizing.trace import read_trace  # noqa: PLC0415 - as above

        return {str(name): use for name, use in read_trace(data, mapping).items()}
    if not data.is_dir():
        raise InputError("DATA is no fleet folder", remedy="for a raw file, say what its columns are with --map")
    from ...tools.fleets.store import FleetStore  # noqa: PLC0415 - as above
    from ...tools.rightsizing.fleet_use import history_of, uses_of  # noqa: PLC0415 - as above

    with closing(FleetStore(data)) as store:
        return {str(name): use for name, use in uses_of(store, history_of(store)).items()}


def _show(found: ResourceBacktest) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above

    from ...tools.rightsizing.told import kind_backtest, percent  # noqa: PLC0415 - as above
    from ...tools.rightsizing.weeks import CRITERIA  # noqa: PLC0415 - as above

    bad = "more than 5 % of the time above" if found.resource == "cpu" else "any moment above"
    table = Table(
        title=f"{found.resource}: {len(found.weeks)} workload-weeks of {found.workloads} workloads in"
        f" {len(found.weeks.days)} weeks; a week is bad with {bad}; percent [90 % interval]",
        title_justify="left",
    )
    for head in ("rule", "saved", *CRITERIA, "below a peak", "overrun"):
        table.add_column(head, justify="left" if head == "rule" else "right")
    for row in found.rules:
        over = row.outcome.overrun
        shown = f"x{over:.2f}" if over == over else "-"
        table.add_row(
            row.name,
            percent(row.saved),
            *(percent(one) for one in row.risks),
            f"{100 * row.outcome.below_peak:.0f}",
            shown,
        )
    out().print(table)
    for one in found.equal:
        click.echo(f"ours than {one.than}, at equal {', '.join(one.criteria)}: {_points(one.more)} points more saved")
    holds, folds = sum(one.holds for one in found.calibration), sum(one.holds for one in found.folds)
    click.echo(
        f"stated risk holds in {holds} of {len(found.calibration)} deciles and {folds} of {len(found.folds)} weeks:"
    )
    for each in found.calibration:
        click.echo(
            f"  stated {each.stated:6.2%}  observed {each.observed:6.2%} [{each.low:.2%}, {each.high:.2%}]  n={each.n}"
            f"{'' if each.holds else '  does not hold'}"
        )
    came = sum(one.holds for one in found.foretold)
    click.echo(f"what a week came to lies within what was foretold of it in {came} of {len(found.foretold)} weeks")
    if not found.is_learnt:
        note(f"{found.resource}: too short a past to learn odds from; ours is the reference rule with a floor")
    kind = kind_backtest(found)
    click.echo(f"backtest of {found.resource}: {'passed' if kind.is_passed else 'failed: ' + kind.why}\n")


def _points(one: Interval) -> str:
    return f"{100 * one.value:+.2f} [{100 * one.low:+.2f}, {100 * one.high:+.2f}]"
