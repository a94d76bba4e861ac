"""`opswarden eval all --out DIR`."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .comparing import read_result
from .console import note
from .eval_circumstances import circumstances, under
from .typed import typed

if TYPE_CHECKING:
    from ...evals.suite import Suite, SuiteResult
    from ..reports.eval_page import ShownComparison, ShownResult
    from .eval_request import SuiteCommand

_PAGE = "index.html"


@click.command("all")
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Write SUITE.json and index.html into this folder.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder that an earlier `eval all` wrote: compare with it, and exit with 1 where this is worse.",
)
@click.option("--suite", "chosen", multiple=True, metavar="NAME", help="Run only this suite; repeatable.")
@click.option("--limit", type=click.IntRange(1), help="At most so many cases of every set.")
@click.option("--seed", default=0, show_default=True, help="As for `eval run`.")
def run_all(folder: Path, against: Path | None, chosen: tuple[str, ...], limit: int | None, seed: int) -> int:
    """Run every suite that needs no data of yours, one after another, offline and without a model.

    A suite that has nothing to measure on is left out, and that is said. Exit code 1: a suite has no score, or is worse
    than --against.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...evals.registry import SUITES, suite_named  # noqa: PLC0415 - the same
    from ...evals.suite import NothingScored  # noqa: PLC0415 - the same
    from ..people.senders import write_whole  # noqa: PLC0415 - the same
    from ..reports.eval_page import ShownResult, render_evaluation  # noqa: PLC0415 - the same

    suites = [suite_named(name) for name in chosen] or list(SUITES.values())
    folder.mkdir(parents=True, exist_ok=True)
    results: list[ShownResult] = []
    has_failed = False
    for suite in suites:
        click.echo(f"\n== {suite.name}")
        try:
            result = _run(suite, limit, seed)
        except NothingScored as error:
            note(f"no score: {error.message}")
            result, has_failed = error.result, True
        except InputError as error:
            note(f"left out: {suite.name}: {error.message}")
            continue
        write_whole(folder / f"{suite.name}.json", result.model_dump_json(indent=2) + "\n")
        results.append(ShownResult(f"{suite.name}.json", suite, result))
    if not results:
        raise InputError("no suite had anything to measure on", remedy="name suites that have, with --suite")
    comparisons = _compared(results, against) if against is not None else []
    write_whole(folder / _PAGE, render_evaluation(results, comparisons))
    click.echo(f"\npage: {typed(folder / _PAGE)}")
    return int(has_failed or any(each.found.call == "worse" for each in comparisons))


def _run(suite: Suite, limit: int | None, seed: int) -> SuiteResult:
    from .eval_request import Request  # noqa: PLC0415 - as above

    command: SuiteCommand = import_module(f".eval_{suite.name}", __package__).COMMAND
    taken = limit if command.takes_limit else None
    request = Request(suite, None, None, None, taken, seed, quiet=False)
    request = replace(request, **command.by_itself)
    told = circumstances({"sandbox": request.sandbox, "limit": request.limit})
    result = under(told, command.run(request))
    command.show(suite, result)
    return result


def _compared(results: list[ShownResult], against: Path) -> list[ShownComparison]:
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...evals.compare import compare  # noqa: PLC0415 - as above
    from ..reports.eval_page import ShownComparison  # noqa: PLC0415 - as above

    found = []
    click.echo("\n== against earlier results")
    for each in results:
        path = against / each.name
        if not path.is_file():
            click.echo(f"  {each.suite.name}: no earlier result")
            continue
        try:
            comparison = compare(read_result(path), each.result)
        except InputError as error:
            note(f"not compared: {each.suite.name}: {error.message}")
            continue
        click.echo(f"  {each.suite.name}: {comparison.call}, {comparison.n} pairs")
        found.append(ShownComparison(f"earlier {each.name}", each.name, comparison))
    return found
