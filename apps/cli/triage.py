"""`opswarden triage SNAPSHOT`, and what it shares with `resume` and `demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from .console import note, steps

if TYPE_CHECKING:
    from ..installation import Installation
    from ..people.senders import ReportFormat
    from ..runs import RunRequest
    from ..triage import Outcome

STYLES = ["terminal", "json", "markdown", "html"]
WAITING = 5


@click.command("triage", short_help="Triage an incident: a snapshot or an alert goes in, a report comes out.")
@click.argument("snapshot", type=click.Path(path_type=Path), required=False)
@click.option(
    "--alert", type=click.File("rb"), help="An alert as Alertmanager or Prometheus hands it over, as JSON; - is stdin."
)
@click.option("--service", metavar="NAME", help="A service to look at without an alert.")
@click.option("--at", metavar="TIME", help="When it began, with --service; ISO 8601, now if absent.")
@click.option("--environment", metavar="NAME", help="Where, if the configured systems reach several environments.")
@click.option(
    "--model", metavar="PROVIDER/NAME", help="A language model through LiteLLM, or a configured endpoint's name."
)
@click.option("--no-model", is_flag=True, help="Use no model even if the configuration lists some.")
@click.option(
    "--ask",
    default="",
    metavar="TEXT",
    help="What you want done, in your own words; where you hold the role, it is leave for just what it names.",
)
@click.option("--format", "style", type=click.Choice(STYLES), default="terminal", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@click.option(
    "--capture", type=click.Path(path_type=Path, file_okay=False), help="Save what was seen live as a snapshot."
)
@click.option("--ticket", default="", metavar="ID", help="The change ticket of this run, where its writes need one.")
@click.option("--apart", is_flag=True, help="Run the graph in an agent process that holds nothing; see docs/runner.md.")
def command(
    snapshot: Path | None,
    alert: BinaryIO | None,
    service: str | None,
    at: str | None,
    environment: str | None,
    model: str | None,
    no_model: bool,
    ask: str,
    style: ReportFormat,
    out: Path | None,
    capture: Path | None,
    ticket: str,
    apart: bool,
) -> int:
    """Find what could have caused the incident in SNAPSHOT, or on the systems in the configuration.

    With --alert or --service the incident is read live, from what `[systems.NAME]` lists.

    Statistics rank the suspects; with --model, a language model reads the evidence as well, and code checks its claims.
    """
    from ..installation import current_person, open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..models import chosen_models  # noqa: PLC0415 - the same
    from ..runs import RunRequest  # noqa: PLC0415 - the same

    if (snapshot is not None) + (alert is not None) + (service is not None) != 1:
        raise click.UsageError("Name a SNAPSHOT, an --alert or a --service, one of them.")
    if at is not None and service is None:
        raise click.UsageError("--at says when a --service began to trouble you; an alert knows it.")
    if capture is not None and snapshot is not None:
        raise click.UsageError("--capture saves what a live triage saw; a SNAPSHOT is saved already.")
    with open_installation() as installation:
        folder = snapshot.resolve() if snapshot else live_folder(installation, alert, service, at, environment)
        request = RunRequest(
            snapshot=folder,
            is_live=snapshot is None,
            capture=capture.resolve() if capture else None,
            models=chosen_models(installation.settings, model, none_wanted=no_model),
            style=style,
            out=out.resolve() if out else None,
            ticket=ticket,
            on_behalf_of=f"person:{current_person()}",
            ask=ask,
            is_apart=apart,
        )
        outcome = run(installation, request)
    return finish(outcome, request)


def live_folder(
    installation: Installation, alert: BinaryIO | None, service: str | None, at: str | None, environment: str | None
) -> Path:
    """Where the incident of an alert or of a service is kept."""
    from ...core.clock import from_iso  # noqa: PLC0415 - as above
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...tools.alerts.notification import SIZE_LIMIT_BYTES, read_notification  # noqa: PLC0415 - as above
    from ..live.incident import (  # noqa: PLC0415 - as above
        incident_of_alert,
        incident_of_service,
        keep_incident,
        opened_lately,
    )
    from ..live.systems import environment_of  # noqa: PLC0415 - as above

    where, settings = environment_of(installation.settings.systems, environment), installation.settings.live
    now = installation.clock.now()
    if alert is not None:
        first = read_notification(alert.read(SIZE_LIMIT_BYTES + 1))[0]
        opened = opened_lately(installation.state, now, settings)
        manifest = incident_of_alert(first, where, now, settings, opened)
    else:
        try:
            began = from_iso(at) if at else now
        except ValueError as error:
            raise InputError("--at is no time with a zone", remedy="such as 2031-05-06T12:00:00Z") from error
        manifest = incident_of_service(service or "", where, began, now, settings)
    return keep_incident(manifest, installation.state, installation.ids, installation.redaction.scrub)


def run(installation: Installation, request: RunRequest, run_id: str | None = None) -> Outcome:
    """Start a run, or go on with `run_id`, with progress on stderr."""
    from ...policies.types import Audience  # noqa: PLC0415 - as above
    from ..logs import protect_logs  # noqa: PLC0415 - as above
    from ..people.senders import ReportSender, write_whole  # noqa: PLC0415 - as above
    from ..triage import Surface, go_on, start  # noqa: PLC0415 - as above

    protect_logs(installation.redaction)
    rendered: list[str] = []
    kind = "file" if request.out else "terminal"
    audience = Audience(kind, request.out.name if request.out else "stdout", installation.settings.team)
    with steps("triage") as on_step:
        sender = ReportSender(
            request.style,
            rendered.append,
            out=request.out,
            width=width(),
            on_statistics=note,
            is_colour=sys.stdout.isatty(),
        )
        surface = Surface(sender, audience, on_step)
        if run_id is None:
            outcome = start(installation, request, surface)
        else:
            outcome = go_on(installation, run_id, request, surface)
        if outcome.report is not None and request.out is None and not rendered:
            rendered.append(sender.rendered(outcome.report))
        elif outcome.report is not None and request.out is not None and not request.out.exists():
            # Told before, perhaps in a process that was killed at this very step; the file has the same content again.
            write_whole(request.out, sender.rendered(outcome.report))
        elif outcome.answer is not None and request.out is None and not rendered:
            rendered.append(sender.answered(outcome.answer))
    for text in rendered:
        click.echo(text, nl=not text.endswith("\n"))
    for name, asked in outcome.asked:
        note(f"asked {name}: {asked.questions} questions, {asked.bytes_read / 1e6:.1f} MB read")
    return outcome


def finish(outcome: Outcome, request: RunRequest) -> int:
    """Say where the report is, or what the run waits for; the exit code."""
    if outcome.report is None and outcome.answer is None:
        for approval_id in outcome.approval_ids:
            note(f"waiting for a person: opswarden approvals show {approval_id}")
        note(f"then: opswarden resume {outcome.run_id}")
        return WAITING
    if request.out is not None and outcome.report is not None:
        note(f"report: {request.out}")
    if outcome.capture_problem:
        note(f"warning: what was seen is not written: {outcome.capture_problem}")
        note(f"  fix: opswarden capture --run {outcome.run_id} --out DIR")
        return 3
    if request.capture is not None and outcome.report is not None:
        note(f"what was seen: {request.capture}; replay it with: opswarden triage {request.capture}")
    return 0


def width() -> int | None:
    """Columns of the terminal; 100 where there is none."""
    import shutil  # noqa: PLC0415 - as above

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
