"""`opswarden eval list|run|compare`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json

if TYPE_CHECKING:
    from ...evals.suite import SuiteResult
    from .eval_request import SuiteCommand


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
@click.option("--data", type=click.Path(path_type=Path), help="What to measure on; see below.")
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
    """Run SUITE. A case that broke counts as an error, never as a wrong answer.

    rca: --data takes imported cases or a raw data set (it is detected); --sandbox makes incidents.

    changes: the same cases as rca; which change did it, if any.

    redaction: --data takes labelled text in Presidio's form (JSON or JSON lines), a log, or a folder of them; without
    it the suite makes its own labelled values.

    injection: attacks on the triage agent by planted text and by a captured model, with the policies and the redaction
    of this installation; --limit takes so many attacks of each family. --data replays AgentDojo's tasks and attacks.
    """
    from ...evals.registry import suite_named  # noqa: PLC0415 - keeps `--help` light
    from ...evals.suite import NothingScored  # noqa: PLC0415 - the same
    from .eval_request import Request  # noqa: PLC0415 - the same

    suite = suite_named(suite_name)
    suite_command = _command_of(suite.name)
    try:
        result = suite_command.run(Request(suite, data, sandbox, model, limit, seed, quiet=style == "json"))
    except NothingScored as error:
        _write(out_file, error.result)
        raise
    _write(out_file, result)
    if style == "json":
        emit_json(result.model_dump(mode="json"))
    else:
        suite_command.show(suite, result)
    return 0


@command.command("compare")
@click.argument("first", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("second", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def compare_results(first: Path, second: Path) -> int:
    """Compare two results of the same cases, pair by pair: SECOND minus FIRST."""
    from ...evals.compare import compare  # noqa: PLC0415 - as above

    emit_json(compare(_result(first), _result(second)).model_dump(mode="json"))
    return 0


def _command_of(name: str) -> SuiteCommand:
    """Every suite has its module `eval_NAME` here, imported when it is asked for."""
    found: SuiteCommand = import_module(f".eval_{name}", __package__).COMMAND
    return found


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
