"""`opswarden finops analyze FLEET`, and what it shares with `report`, `ask`, `demo` and `resume`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import note, steps

if TYPE_CHECKING:
    from ..finops.driving import FinopsOutcome
    from ..finops.requests import FinopsRequest, FinopsStyle
    from ..installation import Installation

STYLES = ["terminal", "html", "markdown", "json", "csv"]
WAITING = 5
PATH = click.Path(path_type=Path)


@click.command("analyze", short_help="Look at a fleet, say what can be saved, and write the week down.")
@click.argument("fleet", type=PATH)
@click.option("--model", metavar="PROVIDER/NAME", help="A language model that explains and drafts; none unless given.")
@click.option("--no-model", is_flag=True, help="Use no model even if the configuration lists some.")
@click.option("--format", "style", type=click.Choice(STYLES), default="terminal", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
def command(fleet: Path, model: str | None, no_model: bool, style: FinopsStyle, out: Path | None) -> int:
    """Analyse FLEET, a fleet folder, and write the week into the book of recommendations.

    Every number is computed. A language model, where one is configured, explains, groups and drafts words for owners,
    and code checks what it says.
    """
    return start(fleet, model, no_model=no_model, style=style, out=out, records=True)


def start(
    fleet: Path,
    model: str | None,
    *,
    no_model: bool,
    style: FinopsStyle,
    out: Path | None,
    records: bool,
) -> int:
    """Start a weekly run and say how it ended; the exit code."""
    from ..finops.requests import FinopsRequest  # noqa: PLC0415 - keeps `--help` light
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..models import chosen_models  # noqa: PLC0415 - the same

    with open_installation() as installation:
        request = FinopsRequest(
            fleet=fleet.resolve(),
            models=chosen_models(installation.settings, model, none_wanted=no_model),
            style=style,
            out=out.resolve() if out else None,
            on_behalf_of=f"person:{current_person()}",
            records=records,
        )
        outcome = run(installation, request)
    return finish(outcome, request)


def run(installation: Installation, request: FinopsRequest, run_id: str | None = None) -> FinopsOutcome:
    """Start a run, or go on with `run_id`, with progress on stderr."""
    from ...policies.types import Audience  # noqa: PLC0415 - as above
    from ..finops.driving import go_on, start  # noqa: PLC0415 - as above
    from ..finops.senders import FinopsSender  # noqa: PLC0415 - as above
    from ..logs import protect_logs  # noqa: PLC0415 - as above
    from ..people.senders import write_whole  # noqa: PLC0415 - as above
    from .triage import width  # noqa: PLC0415 - as above

    protect_logs(installation.redaction)
    shown: list[str] = []
    seen = width() if sys.stdout.isatty() else None
    sender = FinopsSender(request.style, shown.append, out=request.out, width=seen)
    kind = "file" if request.out else "terminal"
    audience = Audience(kind, request.out.name if request.out else "stdout", installation.settings.team)
    with steps("finops", quiet=request.style in ("json", "csv") and request.out is None) as on_step:
        if run_id is None:
            outcome = start(installation, request, sender, audience, on_step)
        else:
            outcome = go_on(installation, run_id, request, sender, audience, on_step)
    if outcome.report is not None and not shown and (request.out is None or not request.out.exists()):
        # Told before, perhaps in a process that was killed at this very step; the same content once more.
        text = sender.rendered(outcome.report)
        if request.out is None:
            shown.append(text)
        else:
            write_whole(request.out, text)
    elif outcome.answer is not None and not shown and request.out is None:
        shown.append(sender.answered(outcome.answer))
    for text in shown:
        click.echo(text, nl=not text.endswith("\n"))
    return outcome


def finish(outcome: FinopsOutcome, request: FinopsRequest) -> int:
    """Say where the report is, or what the run waits for; the exit code."""
    if outcome.report is None and outcome.answer is None:
        for approval_id in outcome.approval_ids:
            note(f"waiting for a person: opswarden approvals show {approval_id}")
        note(f"then: opswarden resume {outcome.run_id}")
        return WAITING
    if request.out is not None:
        note(f"report: {request.out}")
    if outcome.report is not None and request.records and outcome.report.recorded is None:
        note("the week is not written down: see the gaps of the report, and `opswarden audit tail`")
    return 0
