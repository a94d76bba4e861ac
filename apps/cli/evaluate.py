"""`opswarden eval list|run|compare`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import counted, emit_json, note, steps

if TYPE_CHECKING:
    from ...evals.cases import Case
    from ...evals.suite import Suite, SuiteResult

_SANDBOX_SEED = 20_000
"""Far from the seeds of the demonstration, so that it is never measured on what was looked at."""


@click.group("eval", short_help="Measure on labelled cases, beside baselines.")
def command() -> None:
    """Measure on labelled cases, beside constant, random and published baselines of the same run."""


@command.command("list")
def list_suites() -> int:
    """List the suites and their figures."""
    from ...evals.registry import SUITES  # noqa: PLC0415 - keeps `--help` light

    for suite in SUITES.values():
        click.echo(f"{suite.name}: {suite.description}")
        for metric in suite.metrics:
            click.echo(f"  {metric.name:18} {metric.description}")
    return 0


@command.command("run")
@click.argument("suite_name", metavar="SUITE")
@click.option("--data", type=click.Path(path_type=Path), help="Imported cases, or a raw data set; it is detected.")
@click.option("--sandbox", type=click.IntRange(1, 10_000), help="Make this many sandbox incidents and measure on them.")
@click.option("--model", metavar="PROVIDER/NAME", help="Let a language model take part.")
@click.option("--limit", type=click.IntRange(1), help="At most so many cases of every set.")
@click.option("--seed", default=0, show_default=True, help="Of the intervals, the sample and the sandbox.")
@click.option("--out", "out_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the result as JSON.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def run_suite(
    suite_name: str,
    data: Path | None,
    sandbox: int | None,
    model: str | None,
    limit: int | None,
    seed: int,
    out_file: Path | None,
    style: str,
) -> int:
    """Run SUITE. A case that broke counts as an error, never as a wrong answer."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...evals.registry import suite_named  # noqa: PLC0415 - as above
    from ...evals.suite import NothingScored  # noqa: PLC0415 - as above
    from ...evals.suites.rca import run_rca  # noqa: PLC0415 - as above
    from ..evaluation import triage_of_cases  # noqa: PLC0415 - as above
    from ..settings import load_settings  # noqa: PLC0415 - as above

    suite = suite_named(suite_name)
    if (data is None) == (sandbox is None):
        raise InputError("say what to measure on", remedy="give either --data DIR or --sandbox N")
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="opswarden-cases-") as folder:
        cases, description = _cases(data, sandbox, Path(folder) / "cases", seed, quiet=style == "json")
        note(description)
        with (
            triage_of_cases(settings, (model,) if model else ()) as triage,
            counted(suite.name, quiet=style == "json") as progress,
        ):
            try:
                result = run_rca(cases, triage, seed=seed, limit=limit, progress=progress)
            except NothingScored as error:
                _write(out_file, error.result)
                raise
    _write(out_file, result)
    if style == "json":
        emit_json(result.model_dump(mode="json"))
    else:
        _show(suite, result)
    return 0


@command.command("compare")
@click.argument("first", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("second", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def compare_results(first: Path, second: Path) -> int:
    """Compare two results of the same cases, pair by pair: SECOND minus FIRST."""
    from ...evals.compare import compare  # noqa: PLC0415 - as above

    emit_json(compare(_result(first), _result(second)).model_dump(mode="json"))
    return 0


def _cases(
    data: Path | None, sandbox: int | None, folder: Path, seed: int, *, quiet: bool
) -> tuple[tuple[Case, ...], str]:
    if data is not None:
        from ...evals.suites.data import resolve_cases  # noqa: PLC0415 - as above

        with counted("reading cases", quiet=quiet) as progress:
            return resolve_cases(data, folder, progress=progress)
    from ...evals.worlds.spec import WorldSpec  # noqa: PLC0415 - as above
    from ...evals.worlds.world import write_cases  # noqa: PLC0415 - as above

    count = sandbox or 1
    template = WorldSpec(seed=0, log_lines=8_000, spans=2_000, series=400)
    with steps("making sandbox incidents", quiet=quiet) as on_step:
        cases = write_cases(
            folder, n=count, seed=_SANDBOX_SEED + seed, template=template, progress=lambda text, _share: on_step(text)
        )
    return cases, f"sandbox: {count} synthetic incidents, seed {_SANDBOX_SEED + seed}"


def _result(path: Path) -> SuiteResult:
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...evals.suite import SuiteResult  # noqa: PLC0415 - as above

    try:
        return SuiteResult.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(
            f"{path} holds no result of an evaluation", remedy="hand in a file that `opswarden eval run --out` wrote"
        ) from error


def _write(path: Path | None, result: SuiteResult) -> None:
    from ..senders import write_whole  # noqa: PLC0415 - as above

    if path is not None:
        write_whole(path, result.model_dump_json(indent=2) + "\n")


def _show(suite: Suite, result: SuiteResult) -> None:
    from ...evals.table import baseline_names, error_rows, estimate_text, score_rows  # noqa: PLC0415 - as above

    names = baseline_names(result)
    part = ""
    for row in score_rows(suite, result, with_sub_sets=False):
        if row.part != part:
            part = row.part
            click.echo(f"\n{part}: {row.n} cases, {row.errors} errors")
        if row.ours is None:
            click.echo(f"  {row.metric.name:15} no figure")
            continue
        others = ((name, row.baselines.get(name)) for name in names)
        beside = "  ".join(f"{name} {found.value:.2f}" for name, found in others if found is not None)
        click.echo(f"  {row.metric.name:15} {estimate_text(row.ours)}  n={row.ours.n:<4} beside: {beside or 'nothing'}")
    click.echo(f"\n{result.n} cases scored, {result.errors} errors, seed {result.seed}, version {result.version}")
    for case_id, reason in error_rows(result):
        note(f"error: {case_id}: {reason}")
