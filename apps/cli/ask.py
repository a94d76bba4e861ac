"""`opswarden ask RUN "question"`."""

from __future__ import annotations

import sys

import click

from .triage import finish, width

_STYLES = ["terminal", "json", "markdown"]
_LONGEST = 4_000


@click.command("ask", short_help="Ask about a triage that has ended, in the same run.")
@click.argument("run_id", metavar="RUN")
@click.argument("question", default="")
@click.option("--entity", "entities", multiple=True, help="Show what is known of this entity; may be given again.")
@click.option("--evidence", multiple=True, metavar="ID", help="Show this evidence, like E3; may be given again.")
@click.option("--model", metavar="PROVIDER/NAME", help="Another model than the run began with.")
@click.option("--no-model", is_flag=True, help="Use no model: what the evidence holds about what the question names.")
@click.option("--format", "style", type=click.Choice(_STYLES), default="terminal", show_default=True)
def command(
    run_id: str,
    question: str,
    entities: tuple[str, ...],
    evidence: tuple[str, ...],
    model: str | None,
    no_model: bool,
    style: str,
) -> int:
    """Ask QUESTION about RUN, whose triage has ended.

    The same run goes on: its evidence, its budget, its policies. What is looked up for the answer is numbered on. In a
    run of your own, what you say is leave for just what it names, as with `triage --ask`.
    """
    from ...agents.triage.run import Question  # noqa: PLC0415 - keeps `--help` light
    from ...core.errors import InputError  # noqa: PLC0415 - the same
    from ...policies.types import Audience  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..models import chosen_models  # noqa: PLC0415 - the same
    from ..people.senders import ReportSender  # noqa: PLC0415 - the same
    from ..runs import RunRequests  # noqa: PLC0415 - the same
    from ..triage import Surface, ask  # noqa: PLC0415 - the same
    from .console import steps  # noqa: PLC0415 - the same

    if not (question.strip() or entities or evidence):
        raise InputError(
            "nothing is asked", remedy='ask in words, or with --entity or --evidence: ask RUN "since when?"'
        )
    if len(question) > _LONGEST:
        raise InputError(f"the question is longer than {_LONGEST} characters", remedy="ask for one thing at a time")
    with open_installation() as installation:
        request = RunRequests(installation.database).recall(run_id)
        if model or no_model:
            chosen = chosen_models(installation.settings, model, none_wanted=no_model)
            request = request.model_copy(update={"models": chosen})
        request = request.model_copy(update={"style": style})
        protect_logs(installation.redaction)
        rendered: list[str] = []
        with steps("ask") as on_step:
            sender = ReportSender(request.style, rendered.append, width=width(), is_colour=sys.stdout.isatty())
            audience = Audience("terminal", "stdout", installation.settings.team)
            surface = Surface(sender, audience, on_step)
            asked = Question(entities=entities, evidence=evidence)
            outcome = ask(installation, run_id, request, question.strip(), asked, surface)
    for text in rendered:
        click.echo(text, nl=not text.endswith("\n"))
    return finish(outcome, request)
