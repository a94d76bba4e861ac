"""`opswarden runbook draft`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note

if TYPE_CHECKING:
    from ...agents.writing.prose import Prose
    from ..documents.drafting import Drafted
    from ..documents.keeping import Kept
    from ..runbooks.opened import OpenRunbooks

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("draft", short_help="Write a runbook from an alert rule, an incident or a service.")
@click.option("--alert", "rules", type=click.Path(path_type=Path), help="A file of Prometheus rules; with --name.")
@click.option("--name", help="The alert in that file.")
@click.option("--entity", help="Where the alert fires, if its expression does not say.")
@click.option("--incident", "run_id", help="The run of a triage that has ended.")
@click.option("--service", help="An entity, as the metrics spell it.")
@click.option("--snapshot", type=_FOLDER, help="A snapshot to measure in, if not where the triage looked.")
@click.option("--live", "is_live", is_flag=True, help="Measure in the configured systems.")
@click.option("--folder", type=_FOLDER, help="Runbooks in this folder instead of `runbooks`.")
@click.option("--out", type=click.Path(path_type=Path), help="Where it goes; beside it, if a page is there.")
@click.option("--model", metavar="PROVIDER/NAME", help="A language model for the wording, or an endpoint's name.")
@click.option("--no-model", is_flag=True, help="Use no model even if the configuration lists some.")
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
    model: str | None,
    no_model: bool,
    style: str,
) -> int:
    """Draft a runbook from what is there: an alert rule, a triage that has ended, or a service.

    Queries are real, usual ranges are measured, and every statement names its source. A page in force is never written
    over: the draft then lies beside it, and what differs is shown. A model only words sentences anew, and code keeps a
    wording if it has the same numbers, names and links. Exit code 1: `runbook check` finds something in it.
    """
    from ..documents.keeping import keep_draft  # noqa: PLC0415 - keeps `--help` light
    from ..documents.of_run import where_of  # noqa: PLC0415 - the same
    from ..handed_out import TERMINAL, record_files  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..models import chosen_models, open_transports  # noqa: PLC0415 - the same
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - the same

    if sum(each is not None for each in (rules, run_id, service)) != 1 or (rules is None) != (name is None):
        raise click.UsageError("Say from what: --alert RULES --name ALERT, --incident RUN or --service NAME.")
    if snapshot is not None and is_live:
        raise click.UsageError("Name a --snapshot or ask --live, one of them.")
    with open_installation() as installation:
        where = Where(folder, snapshot, is_live)
        if run_id is not None and snapshot is None and not is_live:
            where = replace(where_of(installation, run_id), folder=folder)
        models = chosen_models(installation.settings, model, none_wanted=no_model)
        with (
            open_transports(installation.settings, models, installation.clock) as transports,
            opened(installation, where, transports=transports) as runbooks,
        ):
            made = _made(runbooks, rules, name, entity, run_id, service)
            runbooks.gate.end("answered")
        record_files(installation, "runbook-draft", {out or TERMINAL: made.text}, runbooks.gate.run.id)
    kept = keep_draft(made.text, out) if out is not None else None
    _tell(made, kept, style)
    return 1 if made.findings else 0


def _made(
    runbooks: OpenRunbooks,
    rules: Path | None,
    name: str | None,
    entity: str | None,
    run_id: str | None,
    service: str | None,
) -> Drafted:
    from ..documents.drafting import draft_alert, draft_incident, draft_service  # noqa: PLC0415 - as above
    from ..runbooks.platform import Checking  # noqa: PLC0415 - as above

    checking = Checking()
    if rules is not None and name is not None:
        return draft_alert(runbooks, rules, name, entity, checking)
    if run_id is not None:
        return draft_incident(runbooks, run_id, checking)
    return draft_service(runbooks, service or "", checking)


def _tell(made: Drafted, kept: Kept | None, style: str) -> None:
    if style == "json":
        emit_json(
            {
                "text": made.text,
                "sources": [{"id": each.id, "what": each.what, "status": each.status} for each in made.sources],
                "findings": [{"line": each.line, "code": each.code, "text": each.text} for each in made.findings],
                "not_known": list(made.notes),
                "prose": _said(made),
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
    if made.prose is not None:
        note(_inert_lines(_wording(made.prose)))
    for each in made.findings:
        note(_inert_lines(f"line {each.line}: {each.code}: {each.text}"))


def _said(made: Drafted) -> dict[str, object] | None:
    prose = made.prose
    if prose is None:
        return None
    return {"offered": prose.offered, "taken": prose.taken, "refused": prose.refused, "problem": prose.problem}


def _wording(prose: Prose) -> str:
    if prose.problem:
        return f"the model took no part: {prose.problem}"
    return f"the model worded {prose.taken} of {prose.offered} sentences anew; {prose.refused} of its were refused"


def _inert_lines(text: str) -> str:
    """Text that no terminal obeys, line by line."""
    from .approval_page import inert  # noqa: PLC0415 - as above

    return "\n".join(inert(line) for line in text.splitlines())
