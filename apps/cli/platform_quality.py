"""`opswarden platform quality learn|check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note, out
from .typed import typed

if TYPE_CHECKING:
    from ...tools.quality.types import CheckResult

_DAY = click.Path(exists=True, path_type=Path)
_WRONG = 1


@click.group("quality", short_help="Rules of a table learned from its past, and what is wrong with a new day.")
def command() -> None:
    """Data quality: rules are learned from past days, kept as code, and explain what is wrong by its name."""


@command.command("learn")
@click.argument("days", nargs=-1, required=True, type=_DAY)
@click.option("--out", "target", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Quality file.")
@click.option("--table", default="table", show_default=True, help="Its name.")
@click.option("--key", "key", multiple=True, help="Column that names a row; may be repeated.")
@click.option("--event", help="Column with the moment of the event.")
@click.option("--arrival", help="Column with the moment at which the row was written.")
@click.option("--label", help="Column with what a model is to predict, 0 or 1.")
@click.option("--reference", "references", multiple=True, metavar="COLUMN=FILE", help="Values that a column may have.")
def learn(
    days: tuple[Path, ...],
    target: Path,
    table: str,
    key: tuple[str, ...],
    event: str | None,
    arrival: str | None,
    label: str | None,
    references: tuple[str, ...],
) -> int:
    """Learn the rules of a table from days that were well: a file or a folder each, in the order of their names.

    Files of references lie beside the quality file. Change the rules as you like; `check` reads them from there.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...tools.quality.backends.files import PAST_ENDING, in_order, read_day  # noqa: PLC0415 - the same
    from ...tools.quality.book import QualityBook, RolesRecord, write_book, write_past  # noqa: PLC0415 - the same
    from ...tools.quality.profile import without_personal  # noqa: PLC0415 - the same
    from ...tools.quality.rules import propose  # noqa: PLC0415 - the same
    from ..handed_out import hand_out  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same

    pairs = [each.partition("=") for each in references]
    roles = RolesRecord(
        key=key,
        event=event,
        arrival=arrival,
        label=label,
        references={column: name for column, _, name in pairs},
    )
    with open_installation() as installation:
        scrub = installation.redaction.scrub
        # Values stand in files from here on: of a column that holds personal data, none does.
        past = [
            without_personal(read_day(path, roles, target.parent), lambda word: scrub(word) == word)
            for path in in_order(days)
        ]
    try:
        rules = propose(table, past)
    except ValueError as error:
        raise InputError(str(error), remedy="give more days") from error
    learned = write_book(QualityBook(roles=roles, rules=rules))
    with open_installation() as installation:
        hand_out(installation, "quality-rules", {target: learned, target.with_suffix(PAST_ENDING): write_past(past)})
    note(f"rules of {len(rules.columns)} columns, learned from {len(past)} days, in {typed(target)}")
    return 0


@command.command("check")
@click.argument("book", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("day", type=_DAY)
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def check(book: Path, day: Path, style: str) -> int:
    """Judge a day by the rules in BOOK. Exit 1 if something is wrong with it."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..platform.quality import quality_now  # noqa: PLC0415 - as above

    with open_installation() as installation:
        found = quality_now(installation, book, day, by=f"person:{current_person()}")
    if style == "json":
        emit_json(found.model_dump(mode="json"))
    else:
        _show(found)
    return _WRONG if found.found else 0


def _show(found: CheckResult) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    from .approval_page import inert  # noqa: PLC0415 - as above

    said = "nothing is wrong" if not found.found else f"{found.found} wrong"
    click.echo(inert(f"{found.day}: {found.rows} rows, {found.rules} rules from {found.past_days} days: {said}"))
    if not found.found:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("fault", "columns", "what", "value", "usual", "rows"):
        table.add_column(name)
    for each in found.faults:
        what = f"{each.what}: {each.words}" if each.words else each.what
        cells = (each.fault, each.columns, what, _shown(each.value), _shown(each.usual), f"{each.reach:.1%}")
        table.add_row(*(Text(inert(cell)) for cell in cells))
    out().print(table)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"
