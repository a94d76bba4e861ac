"""`opswarden platform backfill plan|run|status`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note
from .typed import typed

if TYPE_CHECKING:
    from ..platform.models import Asked

_STORE = click.option("--store", metavar="NAME", help="Feature store; needed if there are several.")
_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_PLAN_BYTES = 1_000_000


@click.group("backfill", short_help="What feature views lack; write it, chunk by chunk, once.")
def command() -> None:
    """Backfills: a plan that people read, written chunk by chunk after somebody agreed, and compared afterwards."""


@command.command("plan")
@click.argument("views", nargs=-1, required=True)
@click.option("--from", "start", required=True, type=_MOMENT, help="UTC.")
@click.option("--to", "end", required=True, type=_MOMENT, help="UTC, exclusive.")
@click.option("--chunk-hours", default=24.0, type=click.FloatRange(1 / 60, 744), show_default=True)
@click.option("--pause", "pause_s", default=0.0, type=click.FloatRange(0, 3_600), help="Seconds between two chunks.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), help="Plan file, for `run`.")
@_STORE
@_FORMAT
def plan(
    views: tuple[str, ...],
    start: datetime,
    end: datetime,
    chunk_hours: float,
    pause_s: float,
    target: Path | None,
    store: str | None,
    style: str,
) -> int:
    """What VIEWS, and those they depend on, lack between two moments. Exit 1 if something is missing."""
    from ...core.clock import to_iso  # noqa: PLC0415 - keeps `--help` light
    from ..people.senders import write_whole  # noqa: PLC0415 - the same
    from ..platform.features import summary_of  # noqa: PLC0415 - the same

    args: dict[str, Any] = {
        "views": list(views),
        "start": to_iso(start.replace(tzinfo=UTC)),
        "end": to_iso(end.replace(tzinfo=UTC)),
        "chunk_s": round(chunk_hours * 3_600),
        "pause_s": pause_s,
    }
    found = summary_of(_asked("backfills.plan", args, store))
    if style == "json":
        emit_json({"plan": found})
    elif found is None:
        click.echo("nothing is missing")
    else:
        _show(found)
    if found is None:
        return 0
    if target is not None:
        write_whole(target, json.dumps({**args, "digest": found["digest"]}, indent=1) + "\n")
        note(f"plan in {typed(target)}; `opswarden platform backfill run {typed(target)}` asks for leave and writes it")
    return 1


@command.command("run")
@click.argument("plan_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--run", "run_id", metavar="RUN", help="Go on with a run that waited for a person.")
@_STORE
@_FORMAT
def run(plan_file: Path, run_id: str | None, store: str | None, style: str) -> int:
    """Write PLAN_FILE, from where it was left. Exit 5 while it waits for a person, 1 if the sides differ afterwards."""
    args = _read(plan_file)
    asked = _asked("backfills.run", args, store, run_id)
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
                "backfill": found,
            }
        )
    elif result.approval_id:
        note(result.message)
        again = ("opswarden", "platform", "backfill", "run", str(plan_file), "--run", asked.run_id)
        note(f"then: {shlex.join((*again, *(('--store', store) if store else ())))}")
    elif found is None:
        note(f"{result.status}: {result.message}")
    else:
        click.echo(_line(found))
        for each in found["verified"]:
            said = "both sides agree" if each["agrees"] else "the sides differ"
            click.echo(f"  {each['view']}: {said}, {each['differing']} of {each['looked_at']} keys differ")
    if result.approval_id:
        return 5
    if result.status == "denied":
        return 4
    if found is None:
        return 1 if result.code == "tool-failed" else 3
    return 0 if found["state"] == "done" else 1


@command.command("status")
@click.option("--limit", default=10, type=click.IntRange(1, 50), show_default=True)
@_STORE
@_FORMAT
def status(limit: int, store: str | None, style: str) -> int:
    """How backfills stand, the newest first."""
    from ..platform.features import summary_of  # noqa: PLC0415 - as above

    found = summary_of(_asked("backfills.status", {"limit": limit}, store))
    if style == "json":
        emit_json({"backfills": [] if found is None else found["backfills"]})
    elif found is None:
        click.echo("no backfill was begun here")
    else:
        for each in found["backfills"]:
            click.echo(_line(each))
    return 0


def _asked(tool: str, args: Mapping[str, Any], store: str | None, run_id: str | None = None) -> Asked:
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..logs import protect_logs  # noqa: PLC0415 - as above
    from ..platform.features import ask_features, store_name  # noqa: PLC0415 - as above

    with open_installation() as installation:
        protect_logs(installation.redaction)
        return ask_features(installation, store_name(installation, store), tool, args, run_id)


def _read(path: Path) -> dict[str, Any]:
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...tools.plain_files import read_plain_text  # noqa: PLC0415 - as above

    text = read_plain_text(str(path), _PLAN_BYTES)
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("this is no plan file", remedy="`opswarden platform backfill plan … --out FILE` writes one")
    return found


def _line(each: Mapping[str, Any]) -> str:
    states = {"open": "not finished", "done": "done", "differs": "done, and the sides differ"}
    return (
        f"{each['digest'][:12]}: {states[each['state']]}, {each['done']} of {each['chunks']} chunks, "
        f"{each['written']} rows"
    )


def _show(found: Mapping[str, Any]) -> None:
    from .approval_page import inert  # noqa: PLC0415 - as above

    click.echo(f"plan {found['digest'][:12]}: {found['chunks']} chunks, {found['rows']} offline rows")
    for each in found["views"]:
        again = f", {each['again']} of them written again" if each["again"] else ""
        click.echo(
            inert(
                f"  {each['view']}: {each['gaps']} gaps, {each['chunks']} chunks{again}, {each['rows']} rows, "
                f"{each['first']} to {each['last']}"
            )
        )
    for each in found["empty"]:
        click.echo(inert(f"  no offline row, so nothing to write: {each}"))
    if found["seconds"] is None:
        click.echo("  how long it takes nobody knows: fewer than three chunks were written before")
    else:
        low, middle, high = found["seconds"]
        cost = "" if found["cost"] is None else f", costs about {found['cost']:g}"
        click.echo(f"  takes about {middle:.3g} s ({low:.3g} to {high:.3g}, {found['past_chunks']} past chunks){cost}")
