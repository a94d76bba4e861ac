"""`opswarden eval compare FIRST SECOND`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note

if TYPE_CHECKING:
    from ...evals.compare import Comparison, Difference
    from ...evals.suite import SuiteResult

_SHOWN_FLIPS = 20
_MOST_BYTES = 256_000_000
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("compare")
@click.argument("first", type=_FILE)
@click.argument("second", type=_FILE)
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Compare only this metric; repeatable.")
@click.option("--common", "common_only", is_flag=True, help="Where the cases differ, compare those in both results.")
@click.option(
    "--cluster",
    "drawn",
    type=click.Choice(["case", "group"]),
    default="case",
    show_default=True,
    help="What is taken as independent: cases, or whole sub-sets of them.",
)
@click.option("--seed", default=0, show_default=True, help="Of the intervals.")
@click.option(
    "--fail-on",
    type=click.Choice(["worse", "not-better", "never"]),
    default="worse",
    show_default=True,
    help="What makes the exit code 1.",
)
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def compare_results(
    first: Path,
    second: Path,
    metrics: tuple[str, ...],
    common_only: bool,
    drawn: str,
    seed: int,
    fail_on: str,
    style: str,
) -> int:
    """Is SECOND better than FIRST, worse, or can nobody tell? Both are results of the same cases.

    Case by case: exact tests of the pairs, adjusted for how many metrics are compared. Exit code 1 if SECOND is worse
    on any metric; see --fail-on.
    """
    from ...evals.compare import compare  # noqa: PLC0415 - keeps `--help` light

    found = compare(
        read_result(first),
        read_result(second),
        seed=seed,
        clustered=drawn == "group",
        metrics=metrics,
        common_only=common_only,
    )
    if style == "json":
        emit_json(found.model_dump(mode="json"))
    else:
        _show(found)
    is_bad = found.call == "worse" if fail_on == "worse" else found.call != "better"
    return int(is_bad and fail_on != "never")


def read_result(path: Path) -> SuiteResult:
    """A result that `eval run --out` wrote.

    Raises:
        InputError: the file holds none.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...evals.suite import SuiteResult  # noqa: PLC0415 - as above

    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path} is larger than {_MOST_BYTES // 1_000_000} MB", remedy="hand in a smaller result")
    try:
        return SuiteResult.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(
            f"{path} holds no result of an evaluation", remedy="hand in a file that `opswarden eval run --out` wrote"
        ) from error


def _show(found: Comparison) -> None:
    click.echo(f"{found.suite}: the second result against the first, {found.n} pairs")
    left_out = [
        f"{count} {what}"
        for count, what in ((found.broken, "broke in one of them"), (found.unpaired, "are in one result alone"))
        if count
    ]
    if left_out:
        click.echo(f"  in no pair: {', '.join(left_out)}")
    width = max(map(len, found.metrics), default=0)
    for name, difference in found.metrics.items():
        click.echo(f"  {name:{width}}  {_difference(difference)}")
    click.echo(f"\n{found.call}")
    if found.changed:
        click.echo("\nwhat changed")
        for item in found.changed:
            click.echo(f"  {item.what}: {item.before or 'none'} → {item.after or 'none'}")
    else:
        click.echo("\nno model, prompt, setting or version is known to have changed")
    if found.flips:
        click.echo(f"\ncases that changed ({len(found.flips)})")
        for flip in found.flips[:_SHOWN_FLIPS]:
            mark = "+" if flip.is_better else "-"
            click.echo(f"  {mark} {flip.case}  {flip.metric} {flip.before:.2f} → {flip.after:.2f}")
        if len(found.flips) > _SHOWN_FLIPS:
            click.echo(f"  … {len(found.flips) - _SHOWN_FLIPS} more: --format json")
    if found.costs:
        costs = (f"{name} {before:.4g} → {after:.4g}" for name, (before, after) in found.costs.items())
        click.echo(f"\ncost of one answer: {', '.join(costs)}")
    note(found.note)


def _difference(found: Difference) -> str:
    interval = f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
    pairs = f"{found.better} better, {found.worse} worse of {found.n}"
    chance = f"{found.test} test p {found.p_value:.3g} (adjusted {found.p_adjusted:.3g})"
    return f"{found.call:11} {interval}  {pairs}; {chance}"
