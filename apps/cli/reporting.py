"""`opswarden eval report RESULT… --out PAGE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .comparing import read_result
from .console import note
from .typed import typed

if TYPE_CHECKING:
    from ...evals.suite import SuiteResult
    from ..reports.eval_page import ShownComparison


@click.command("report")
@click.argument(
    "files", metavar="RESULT...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--out", "out_file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Write here.")
def write_page(files: tuple[Path, ...], out_file: Path) -> int:
    """Show results as one HTML page: figures beside baselines, and every case to open.

    Of two results of one suite over the same cases the second is compared with the first.
    """
    from ...evals.registry import suite_named  # noqa: PLC0415 - keeps `--help` light
    from ..people.senders import write_whole  # noqa: PLC0415 - the same
    from ..reports.eval_page import ShownResult, render_evaluation  # noqa: PLC0415 - the same

    results = [(path.name, read_result(path)) for path in files]
    shown = [ShownResult(name, suite_named(result.suite), result) for name, result in results]
    write_whole(out_file, render_evaluation(shown, _comparisons(results)))
    note(f"page: {typed(out_file)}")
    return 0


def _comparisons(results: list[tuple[str, SuiteResult]]) -> list[ShownComparison]:
    """The first result of each suite against the last one."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...evals.compare import compare  # noqa: PLC0415 - as above
    from ..reports.eval_page import ShownComparison  # noqa: PLC0415 - as above

    by_suite: dict[str, list[tuple[str, SuiteResult]]] = {}
    for name, result in results:
        by_suite.setdefault(result.suite, []).append((name, result))
    found = []
    for (before, one), *_, (after, other) in (each for each in by_suite.values() if len(each) > 1):
        try:
            found.append(ShownComparison(before, after, compare(one, other)))
        except InputError as error:
            note(f"not compared: {before} and {after}: {error.message}")
    return found
