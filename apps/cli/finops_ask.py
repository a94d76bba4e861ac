"""`opswarden finops ask FLEET "why did our GPU bill rise 30 %?"`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .finops_analyze import PATH, finish, run
from .finops_days import month_or_days

if TYPE_CHECKING:
    from ..finops.requests import FinopsStyle

_LONGEST = 2_000


@click.command("ask", short_help="Ask why a bill moved; the answer is computed, and a model may put it into words.")
@click.argument("fleet", type=PATH)
@click.argument("question")
@click.option("--from", "before", metavar="DAYS", help="The earlier days: 2026-07, or 2026-07-01..2026-07-15.")
@click.option("--to", "after", metavar="DAYS", help="The later days. [default: the last four weeks and those before]")
@click.option("--model", metavar="PROVIDER/NAME", help="A language model that puts it into words; none unless given.")
@click.option("--no-model", is_flag=True, help="Use no model even if the configuration lists some.")
@click.option(
    "--format", "style", type=click.Choice(["terminal", "markdown", "json"]), default="terminal", show_default=True
)
def command(
    fleet: Path,
    question: str,
    before: str | None,
    after: str | None,
    model: str | None,
    no_model: bool,
    style: FinopsStyle,
) -> int:
    """Answer QUESTION about the bill of FLEET.

    Teams, models and countries that the question names are looked for in the bill, and so are GPUs and other words for
    kinds of charges. Two periods are compared, and the change is taken apart into exact reasons.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ..finops.asking import read_question  # noqa: PLC0415 - the same
    from ..finops.requests import FinopsRequest  # noqa: PLC0415 - the same
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..models import chosen_models  # noqa: PLC0415 - the same

    if not question.strip() or len(question) > _LONGEST:
        raise InputError(f"a question has 1 to {_LONGEST} characters", remedy="ask for one thing")
    if (before is None) != (after is None):
        raise click.UsageError("--from and --to go together: the earlier days and the later ones.")
    spans = (*month_or_days(before, "--from"), *month_or_days(after, "--to")) if before and after else None
    if spans is not None and spans[1] != spans[2]:
        raise InputError("the later days begin where the earlier ones end", remedy="name two periods in a row")
    with open_installation() as installation:
        args, stated = read_question(question, fleet.resolve())
        request = FinopsRequest(
            fleet=fleet.resolve(),
            models=chosen_models(installation.settings, model, none_wanted=no_model),
            style=style,
            on_behalf_of=f"person:{current_person()}",
            records=False,
            is_question=True,
            ask=question,
            args=args,
            stated=stated,
            before=spans[0] if spans else None,
            start=spans[2] if spans else None,
            end=spans[3] if spans else None,
        )
        outcome = run(installation, request)
    return finish(outcome, request)
