"""`opswarden eval list|run`, and the group of the other `eval` commands."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .comparing import compare_results
from .console import emit_json
from .eval_circumstances import circumstances, under
from .eval_everything import run_all
from .eval_fleet import make_fleet
from .past import past
from .reporting import write_page

if TYPE_CHECKING:
    from ...evals.suite import Drawn, SuiteResult
    from .eval_request import SuiteCommand


_MOST_CUTS = 6
_MOST_MINUTES = 1_440


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
@click.option(
    "--repeats",
    type=click.IntRange(1, 100),
    help="Answer each case so often; the mean counts. [default: 3 with a model, else 1]",
)
@click.option(
    "--cluster",
    "drawn",
    type=click.Choice(["case", "group"]),
    default="case",
    show_default=True,
    help="What the intervals take as independent: cases, or whole sub-sets of them.",
)
@click.option("--quiet-time", is_flag=True, help="rca: also on the quiet time before each incident (`false_alarm`).")
@click.option("--moved-start", is_flag=True, help="rca: also with every start told two minutes off (`same_first`).")
@click.option(
    "--minutes", metavar="M,M,…", help="past: cut the evidence off so long after the alert. [default: 0,5,15]"
)
@click.option(
    "--map-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="finops: what the columns of a raw file are. [default: NAME.map.toml beside it]",
)
@click.option("--seed", default=0, show_default=True, help="Of the intervals, the sample and the sandbox.")
@click.option("--out", "out_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the result as JSON.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def run_suite(
    suite_name: str,
    data: Path | None,
    sandbox: int | None,
    model: str | None,
    limit: int | None,
    repeats: int | None,
    drawn: Drawn,
    quiet_time: bool,
    moved_start: bool,
    minutes: str | None,
    map_file: Path | None,
    seed: int,
    out_file: Path | None,
    style: str,
) -> int:
    """Run SUITE. A case that broke counts as an error, never as a wrong answer.

    So does one whose model did not answer: it is counted as an error of the infrastructure, and nothing is tried again
    but what the endpoint's own `retries` allow, which is counted as well.

    rca: --data takes imported cases or a raw data set (it is detected); --sandbox makes incidents.

    logs: --data takes a folder of labelled logs as loghub publishes them (*.log_structured.csv).
    changes: the same cases as rca; which change did it, if any.
    world: sandbox incidents of every fault, fault by fault; --sandbox says how many.
    past: incidents of your own, as they were at their alerts: --data takes a folder of ID/snapshot/ beside
    ID/truth.json or ID/postmortem.md; without it, those labelled with `opswarden eval past add`.

    runbooks: --data takes a file of alerts beside pages.json, see docs/runbooks.md; without it, invented ones.

    redaction: --data takes labelled text in Presidio's form (JSON or JSON lines), a log, or a folder of them; without
    it the suite makes its own labelled values.

    rollouts: invented canaries, with and without harm; --limit takes so many of each kind instead of 2,000.
    fleets: invented fleets with planted waste, and with what only looks like it; --sandbox says how many. [default: 10]

    injection: attacks on the triage agent by planted text and by a captured model, with the policies and the redaction
    of this installation; --limit takes so many attacks of each family. --data replays AgentDojo's tasks and attacks.
    """
    from ...evals.registry import suite_named  # noqa: PLC0415 - keeps `--help` light
    from ...evals.suite import NothingScored  # noqa: PLC0415 - the same
    from .eval_request import Request  # noqa: PLC0415 - the same

    suite = suite_named(suite_name)
    suite_command = _command_of(suite.name)
    request = Request(
        suite,
        data,
        sandbox,
        model,
        limit,
        seed,
        quiet=style == "json",
        repeats=repeats,
        drawn=drawn,
        quiet_time=quiet_time,
        moved_start=moved_start,
        minutes=_minutes(minutes),
        map_file=map_file,
    )
    suite_command.check(request)
    options = {"sandbox": sandbox, "model": model, "limit": limit, "minutes": minutes}
    told = circumstances(options)
    try:
        result = under(told, suite_command.run(request))
    except NothingScored as error:
        _write(out_file, under(told, error.result))
        raise
    _write(out_file, result)
    if style == "json":
        emit_json(result.model_dump(mode="json"))
    else:
        suite_command.show(suite, result)
    return 0


command.add_command(compare_results)
command.add_command(make_fleet)
command.add_command(write_page)
command.add_command(past)
command.add_command(run_all)


def _minutes(text: str | None) -> tuple[float, ...]:
    """`0,5,15` as numbers, in order, each once."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    if text is None:
        return ()
    try:
        found = sorted({float(part) for part in text.split(",")})
    except ValueError:
        found = []
    if not found or len(found) > _MOST_CUTS or not all(0 <= minute <= _MOST_MINUTES for minute in found):
        raise InputError(
            "--minutes is no list of minutes",
            remedy=f"write it like 0,5,15: up to {_MOST_CUTS}, from 0 to {_MOST_MINUTES}",
        )
    return tuple(found)


def _command_of(name: str) -> SuiteCommand:
    """Every suite has its module `eval_NAME` here, imported when it is asked for."""
    found: SuiteCommand = import_module(f".eval_{name}", __package__).COMMAND
    return found


def _write(path: Path | None, result: SuiteResult) -> None:
    from ..people.senders import write_whole  # noqa: PLC0415 - as above

    if path is not None:
        write_whole(path, result.model_dump_json(indent=2) + "\n")
