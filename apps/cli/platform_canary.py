"""`opswarden platform canary`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note, since_moment

if TYPE_CHECKING:
    from ..platform.rollouts import Canary


@click.command("canary")
@click.argument("model")
@click.option("--numbers", type=click.Path(path_type=Path), required=True, help="Parquet or CSV; see docs/rollouts.md.")
@click.option("--since", required=True, metavar="TIME", help="When the canary got its first requests.")
@click.option("--until", metavar="TIME", help="The end of the time to look at; now if absent.")
@click.option("--environment", metavar="NAME", default="production", show_default=True)
@click.option("--abort", "may_abort", is_flag=True, help="If it fails, give all traffic back to the champion.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def canary(
    model: str, numbers: Path, since: str, until: str | None, environment: str, may_abort: bool, style: str
) -> int:
    """Judge the rollout of MODEL by its numbers. Exit code 0 for pass, 1 for fail or inconclusive.

    It may be asked after every minute: being looked at often makes no false alarm more likely.
    """
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..platform.rollouts import watch  # noqa: PLC0415 - the same

    with open_installation() as installation:
        protect_logs(installation.redaction)
        end = since_moment(until) if until is not None else installation.clock.now()
        found = watch(installation, model, numbers, since_moment(since), end, environment, may_abort=may_abort)
    summary = found.judged.summary if isinstance(found.judged.summary, Mapping) else None
    if style == "json":
        emit_json({"run_id": found.run_id, "status": found.judged.status, "judged": summary, "aborted": _told(found)})
    else:
        _show(found, summary)
    if summary is None:
        return {"denied": 4, "error": 3}.get(found.judged.status, 1)
    if found.aborted is not None and found.aborted.status != "ok":
        return 4 if found.aborted.status == "denied" else 3
    return 0 if summary["result"] == "pass" else 1


def _told(found: Canary) -> dict[str, Any] | None:
    one = found.aborted
    return None if one is None else {"status": one.status, "message": one.message, "summary": one.summary}


def _show(found: Canary, summary: Mapping[str, Any] | None) -> None:
    if summary is None:
        note(f"{found.judged.status}: {found.judged.message}")
        return
    click.echo(f"{summary['result']} after {summary['looks']} looks: {'; '.join(summary['reasons'])}")
    for one in summary["metrics"]:
        click.echo(
            f"  {one['result']:12}  {one['role']:9}  {one['name']:20}  {_number(one['difference'])} "
            f"({_number(one['low'])} to {_number(one['high'])}), margin {_number(one['margin'])}"
        )
    if summary["looks_needed"]:
        click.echo(f"about {summary['looks_needed']} more looks, {summary['requests_needed']} requests, if all is well")
    if found.aborted is not None:
        said = found.aborted.message or "all traffic is back at the champion"
        click.echo(f"abort: {found.aborted.status}: {said}")


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:+.4g}"
