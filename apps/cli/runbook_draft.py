"""`opswarden runbook draft`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note

if TYPE_CHECKING:
    from ..documents.drafting import Drafted
    from ..documents.keeping import Kept

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("draft", short_help="Write a runbook from an alert rule, an incident or a service.")
@click.option("--alert", "rules", type=click.Path(path_type=Path), help="A file of Prometheus rules; with --name.")
@click.option("--name", help="The alert in that file.")
@click.option("--entity", help="Where the alert fires, if its expression does not say.")
@click.option("--incident", "run_id", help="The run of a triage that has ended.")
@click.option("--service", help="An entity, as the metrics spell it.")
@click.option("--snapshot", type=_FOLDER, help="A snapshot to measure in.")
@click.option("--live", "is_live", is_flag=True, help="Measure in the configured systems.")
@click.option("--folder", type=_FOLDER, help="Runbooks in this folder instead of `runbooks`.")
@click.option("--out", type=click.Path(path_type=Path), help="Where it goes; beside it, if a page is there.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(
    rules: Path | None,
    name: str | None,
    entity: str | None,
    run_id: str | None,
    service: str | None,
    snapshot: Path | None,
    is_live: bool,
    folder: Path | None,
    out: Path | None,
    style: str,
) -> int:
    """Draft a runbook from what is there: an alert rule, a triage that has ended, or a service.

    Queries are real, usual ranges are measured, and every statement names its source. A page in force is never written
    over: the draft then lies beside it, and what differs is shown. Exit code 1: `runbook check` finds something in it.
    """
    from ..documents.drafting import draft_alert, draft_incident, draft_service  # noqa: PLC0415 - keeps `--help` light
    from ..documents.keeping import keep_draft  # noqa: PLC0415 - the same
    from ..handed_out import record_files  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - the same
    from ..runbooks.platform import Checking  # noqa: PLC0415 - the same

    if sum(each is not None for each in (rules, run_id, service)) != 1 or (rules is None) != (name is None):
        raise click.UsageError("Say from what: --alert RULES --name ALERT, --incident RUN or --service NAME.")
    if snapshot is not None and is_live:
        raise click.UsageError("Name a --snapshot or ask --live, one of them.")
    checking = Checking()
    with open_installation() as installation, opened(installation, Where(folder, snapshot, is_live)) as runbooks:
        if rules is not None and name is not None:
            made = draft_alert(runbooks, rules, name, entity, checking)
        elif run_id is not None:
            made = draft_incident(runbooks, run_id, checking)
        else:
            made = draft_service(runbooks, service or "", checking)
        runbooks.gate.end("answered")
        if out is not None:
            record_files(installation, "runbook-draft", {out: made.text}, runbooks.gate.run.id)
    kept = keep_draft(made.text, out) if out is not None else None
    _tell(made, kept, style)
    return 1 if made.findings else 0


def _tell(made: Drafted, kept: Kept | None, style: str) -> None:
    if style == "json":
        emit_json(
            {
                "text": made.text,
                "sources": [{"id": each.id, "what": each.what, "status": each.status} for each in made.sources],
                "findings": [{"line": each.line, "code": each.code, "text": each.text} for each in made.findings],
                "not_known": list(made.notes),
                "path": str(kept.path) if kept and kept.path else None,
                "is_beside": bool(kept and kept.is_beside),
            }
        )
        return
    if kept is None:
        click.echo(_inert_lines(made.text))
    elif kept.is_same:
        click.echo("the page in force says the same already; nothing is written")
    else:
        for line in kept.diff:
            click.echo(_inert_lines(line))
        where = "beside the page in force, which is untouched" if kept.is_beside else "where nothing was"
        click.echo(f"{kept.path}: {len(made.text.splitlines())} lines from {len(made.sources)} sources, {where}")
    for each in made.findings:
        note(_inert_lines(f"line {each.line}: {each.code}: {each.text}"))


def _inert_lines(text: str) -> str:
    """Text that no terminal obeys, line by line."""
    from .approval_page import inert  # noqa: PLC0415 - as above

    return "\n".join(inert(line) for line in text.splitlines())
