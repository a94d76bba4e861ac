"""`opswarden platform ask "why is the training late?"`."""

from __future__ import annotations

import click

_LONGEST = 2_000


@click.command("ask", short_help="Ask about the platform; checks answer, and a model may put it into words.")
@click.argument("question")
@click.option("--model", metavar="PROVIDER/NAME", help="A language model that puts it into words.")
@click.option("--no-model", is_flag=True, help="Use no model even if the configuration lists some.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(question: str, model: str | None, no_model: bool, style: str) -> int:
    """Answer QUESTION out of the checks that `[platform]` names and the question is about.

    Those whose subject it names are made, else those of the kinds that it speaks of, else all.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...policies.types import Audience  # noqa: PLC0415 - the same
    from ..daily.asking import AnswerSender, ask_platform  # noqa: PLC0415 - the same
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..models import chosen_models  # noqa: PLC0415 - the same

    if not question.strip() or len(question) > _LONGEST:
        raise InputError(f"a question has 1 to {_LONGEST} characters", remedy="ask for one thing")
    with open_installation() as installation:
        protect_logs(installation.redaction)
        ask_platform(
            installation,
            question.strip(),
            AnswerSender("json" if style == "json" else "terminal", lambda text: click.echo(text, nl=False)),
            Audience("terminal", "stdout", installation.settings.team),
            by=f"person:{current_person()}",
            models=chosen_models(installation.settings, model, none_wanted=no_model),
        )
    return 0
