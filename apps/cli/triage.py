"""`opswarden triage SNAPSHOT`, and what it shares with `resume` and `demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import note, steps

if TYPE_CHECKING:
    from ..installation import Installation
    from ..runs import RunRequest
    from ..senders import ReportFormat
    from ..triage import Outcome

STYLES = ["terminal", "json", "markdown", "html"]
WAITING = 5


@click.command("triage", short_help="Triage an incident: a snapshot goes in, a report comes out.")
@click.argument("snapshot", type=click.Path(path_type=Path))
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
@click.option("--ticket", default="", metavar="ID", help="The change ticket of this run, where its writes need one.")
def command(
    snapshot: Path, model: str | None, no_model: bool, ask: str, style: ReportFormat, out: Path | None, ticket: str
) -> int:
    """Find what could have caused the incident in SNAPSHOT.

    Statistics rank the suspects; with --model, a language model reads the evidence as well, and code checks its claims.
    """
    from ..installation import current_person, open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..models import chosen_models  # noqa: PLC0415 - the same
    from ..runs import RunRequest  # noqa: PLC0415 - the same

    with open_installation() as installation:
        request = RunRequest(
            snapshot=snapshot.resolve(),
            models=chosen_models(installation.settings, model, none_wanted=no_model),
            style=style,
            out=out.resolve() if out else None,
            ticket=ticket,
            on_behalf_of=f"person:{current_person()}",
            ask=ask,
        )
        outcome = run(installation, request)
    return finish(outcome, request)


def run(installation: Installation, request: RunRequest, run_id: str | None = None) -> Outcome:
    """Start a run, or go on with `run_id`, with progress on stderr."""
    from ...policies.types import Audience  # noqa: PLC0415 - as above
    from ..logs import protect_logs  # noqa: PLC0415 - as above
    from ..senders import ReportSender, write_whole  # noqa: PLC0415 - as above
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
    return 0


def width() -> int | None:
    """Columns of the terminal; 100 where there is none."""
    import shutil  # noqa: PLC0415 - as above

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
