"""`opswarden platform pipelines status|why|late|impact|retry`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note

if TYPE_CHECKING:
    from ..platform.models import Asked

_NO = 1
_SYSTEM = click.option("--system", metavar="NAME", help="What runs them; needed if there are several.")
_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_LIMIT = click.option("--limit", default=20, type=click.IntRange(1, 200), show_default=True)


@click.group("pipelines", short_help="What runs, what failed and why, what will be late; a retry that is safe.")
def command() -> None:
    """Pipelines that train, score and feed: read from what runs them, retried only through a person."""


@command.command("status")
@_LIMIT
@_SYSTEM
@_FORMAT
def status(limit: int, system: str | None, style: str) -> int:
    """How the newest run of each pipeline ended. Exit 1 if one failed."""
    found = _told("pipelines.status", {"limit": limit}, system, style)
    if found is None:
        return 0
    if style == "terminal":
        _say(f"{found['pipelines']} pipelines: {found['failed']} failed, {found['running']} under way")
        for each in found["shown"]:
            again = f", {each['failed_in_a_row']} in a row" if each["failed_in_a_row"] > 1 else ""
            paused = ", paused" if each["is_paused"] else ""
            _say(f"  {each['pipeline']}: {each['state']}{again}{paused}, due {_at(each['due'])}, run {each['run']}")
    return _NO if found["failed"] else 0


@command.command("why")
@click.argument("pipeline", required=False)
@click.option("--run", "run", metavar="RUN", help="A run; the newest that failed unless given.")
@_SYSTEM
@_FORMAT
def why(pipeline: str | None, run: str | None, system: str | None, style: str) -> int:
    """Why a run of PIPELINE failed, or of the pipeline that failed last. Exit 1 if one did."""
    args = {name: value for name, value in (("pipeline", pipeline), ("run", run)) if value}
    found = _told("pipelines.why", args, system, style)
    if found is None:
        return 0
    if style == "terminal":
        _show_why(found)
    return _NO


@command.command("late")
@click.argument("pipelines", nargs=-1)
@_LIMIT
@_SYSTEM
@_FORMAT
def late(pipelines: tuple[str, ...], limit: int, system: str | None, style: str) -> int:
    """When PIPELINES, all if none is named, will be done. Exit 1 if one is late, will be, or failed."""
    found = _told("pipelines.late", {"pipelines": list(pipelines), "limit": limit}, system, style)
    if found is None:
        return _NO if pipelines else 0
    if style == "terminal":
        _say(f"{found['pipelines']} pipelines, {found['in_trouble']} in trouble")
        for each in found["shown"]:
            _say(f"  {_timing(each)}")
    return _NO if found["in_trouble"] else 0


@command.command("impact")
@click.argument("pipeline")
@_SYSTEM
@_FORMAT
def impact(pipeline: str, system: str | None, style: str) -> int:
    """Which feature views and models rest on PIPELINE."""
    found = _told("pipelines.impact", {"pipeline": pipeline}, system, style)
    if found is None or style == "json":
        return 0
    last = _at(found["last_good"]) if found["last_good"] else "never, as far as is known"
    _say(f"{pipeline}: done well last {last}")
    for each in found["views"]:
        through = f" through {each['through']}" if each["through"] else ""
        until = f", rows expire {_at(each['expires_at'])}" if each["expires_at"] else ", rows never expire"
        _say(f"  view {each['view']}{through}: {each['features']} features{until}{' (expired)' * each['is_expired']}")
    for each in found["models"]:
        by = f"{each['inputs']} inputs from {', '.join(each['views'])}" if each["by"] == "features" else "trained by it"
        called = f", called by {', '.join(each['callers'])}" if each["callers"] else ""
        _say(f"  model {each['model']}: {by}{called}")
    _unseen(found)
    return 0


@command.command("retry")
@click.argument("pipeline")
@click.argument("run")
@click.argument("task")
@click.option("--attempt", required=True, type=click.IntRange(1, 10_000), help="The attempt that failed; see `why`.")
@click.option("--go-on", "run_id", metavar="RUN", help="Go on with a run of opswarden that waited for a person.")
@_SYSTEM
@_FORMAT
def retry(pipeline: str, run: str, task: str, attempt: int, run_id: str | None, system: str | None, style: str) -> int:
    """Run TASK of RUN again, and what failed or never ran behind it; only if all of it is declared safe.

    Exit 5 while it waits for a person.
    """
    args = {"pipeline": pipeline, "run": run, "task": task, "attempt": attempt}
    asked = _asked("pipelines.retry", args, system, run_id)
    result = asked.result
    found: Mapping[str, Any] | None = result.summary if isinstance(result.summary, Mapping) else None
    if style == "json":
        emit_json(
            {
                "run_id": asked.run_id,
                "status": result.status,
                "code": result.code,
                "approval_id": result.approval_id or None,
                "message": result.message,
                "retry": found,
            }
        )
    elif result.approval_id:
        note(result.message)
        again = ("opswarden", "platform", "pipelines", "retry", pipeline, run, task, "--attempt", str(attempt))
        where = ("--system", system) if system else ()
        note(f"then: {shlex.join((*again, '--go-on', asked.run_id, *where))}")
    elif found is None:
        note(f"{result.status}: {result.message}")
    else:
        _say(f"{', '.join(found['tasks'])} of {pipeline} run again; {task} is {found['state']}")
    if result.approval_id:
        return 5
    if result.status == "denied":
        return 4
    if found is None:
        return _NO if result.code == "tool-failed" else 3
    return 0


def _told(tool: str, args: Mapping[str, Any], system: str | None, style: str) -> Mapping[str, Any] | None:
    """The answer of a call; one without data is shown here."""
    from ..platform.features import summary_of  # noqa: PLC0415 - keeps `--help` light

    asked = _asked(tool, args, system)
    found = summary_of(asked)
    if style == "json":
        emit_json({tool.partition(".")[2]: found})
    elif found is None:
        _say(asked.result.message or "nothing is known of it")
    elif asked.result.status == "truncated" and asked.result.message:
        note(asked.result.message)
    return found


def _asked(tool: str, args: Mapping[str, Any], system: str | None, run_id: str | None = None) -> Asked:
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..logs import protect_logs  # noqa: PLC0415 - as above
    from ..platform.pipelines import ask_pipelines, pipelines_name  # noqa: PLC0415 - as above

    with open_installation() as installation:
        protect_logs(installation.redaction)
        return ask_pipelines(installation, pipelines_name(installation, system), tool, args, run_id)


def _show_why(found: Mapping[str, Any]) -> None:
    chain = "".join(f" <- {name}" for name in found["chain"])
    _say(f"{found['pipeline']}{chain}: {found['cause']}: {found['why']}")
    when = f" at {_at(found['failed_at'])}" if found["failed_at"] else ""
    _say(f"  first: task {found['task']}{when}, attempt {found['attempts'][0]['attempt']}, run {found['run']}")
    if found["line"]:
        new = " (the last good run wrote nothing like it)" if found["is_new"] else ""
        _say(f"  says: {found['line']}{new}")
    if found["said"]:
        _say(f"  its system says: {found['said']}")
    root = found["root"]
    if root:
        line = f": {root['line']}" if root["line"] else ""
        _say(f"  began in {root['pipeline']}, task {root['task']}, {root['cause']}{line}")
    if found["thrown"]:
        _say(f"  thrown: {found['thrown']}")
    if len(found["attempts"]) > 1:
        how = "not all in the same way" if found["is_intermittent"] else "in the same way each time"
        _say(f"  {len(found['attempts'])} attempts failed, {how}")
    if found["also_failed"] or found["consequences"]:
        also = f"; on their own: {', '.join(found['also_failed'])}" if found["also_failed"] else ""
        _say(f"  behind it {found['consequences']} tasks did not run{also}")
    if found["good_run"]:
        same = found["version"] == found["version_before"]
        versions = "same version" if same else f"version {found['version_before'] or '?'} -> {found['version'] or '?'}"
        _say(f"  last good run: {found['good_run']}, {_at(found['good_at'])}, {versions}")
    for each in found["changes"]:
        _say(f"  changed since: {_at(each['ts'])} {each['entity']} {each['kind']}: {each['summary']}")
    _unseen(found)


def _timing(each: Mapping[str, Any]) -> str:
    parts = [f"{each['pipeline']}: {each['state'].replace('_', ' ')}"]
    if each["late_s"]:
        parts.append(f"by {each['late_s'] / 60:.0f} min")
    if each["expected"]:
        low, high = _at(each["expected_low"]), _at(each["expected_high"])
        parts.append(f"done about {_at(each['expected'])} ({low} to {high}, {each['confidence']:.0%})")
    if each["deadline"]:
        parts.append(f"deadline {_at(each['deadline'])}")
    if each["late_chance"] is not None:
        parts.append(f"late with {each['late_chance']:.0%}")
    if not each["past_runs"]:
        parts.append("no run before it is known")
    return ", ".join(parts)


def _unseen(found: Mapping[str, Any]) -> None:
    for each in found["not_looked_at"]:
        _say(f"  not looked at: {each}")


def _say(line: str) -> None:
    from .approval_page import inert  # noqa: PLC0415 - as above

    click.echo(inert(line))


def _at(moment: str) -> str:
    """Day and minute, UTC."""
    return str(moment)[:16].replace("T", " ")
