"""`opswarden eval run redaction`."""

from __future__ import annotations

import click

from ...core.errors import InputError
from ...evals.redaction_table import Section, sections
from ...evals.suite import Suite, SuiteResult
from ...evals.suites.presidio_baseline import PresidioDefaults
from ...evals.suites.redaction import Contender, run_redaction
from ...redaction.settings import profile_of, redaction_of
from ..packages import load_packages
from ..settings import load_settings
from .console import counted
from .eval_request import Request, SuiteCommand
from .eval_tail import show_tail

_PRESIDIO_CHARACTERS = 250_000
"""About ten seconds of Presidio on one core."""


def _run(request: Request) -> SuiteResult:
    if request.sandbox is not None or request.model is not None:
        raise InputError(
            "the suite 'redaction' takes neither --sandbox nor --model",
            remedy="give --data FILE, or nothing and it makes its own labelled values",
        )
    settings = load_settings()
    recognizers = load_packages(settings.packages).recognizers
    passing = profile_of(settings.redaction).passes
    ours = redaction_of(settings.redaction, recognizers)
    # What is let through on purpose, and weak evidence, count as well: the other end of what can be chosen.
    strict = redaction_of(settings.redaction.model_copy(update={"profile": "strict"}), recognizers)
    beside = [Contender("strict", strict.analyze), Contender("presidio", PresidioDefaults(), _PRESIDIO_CHARACTERS)]
    with counted(request.suite.name, quiet=request.quiet) as progress:
        return run_redaction(
            request.data,
            ours.analyze,
            ours.entity_types - passing,
            passing=passing,
            beside=beside,
            seed=request.seed,
            limit=request.limit,
            progress=progress,
        )


def _show(suite: Suite, result: SuiteResult) -> None:
    for section in sections(result):
        _show_section(section)
    show_tail(result)


def _show_section(section: Section) -> None:
    name_width = max(len(row.name) for row in section.rows) + 2
    widths = [
        max(len(head), *(len(row.cells[place]) for row in section.rows)) + 2 for place, head in enumerate(section.heads)
    ]
    click.echo(f"\n{section.title}")
    heads = "".join(head.ljust(width) for head, width in zip(section.heads, widths, strict=True))
    click.echo(f"  {'':{name_width}}{heads}".rstrip())
    for row in section.rows:
        cells = "".join(text.ljust(width) for text, width in zip(row.cells, widths, strict=True))
        click.echo(f"  {row.name:{name_width}}{cells}".rstrip())


COMMAND = SuiteCommand(_run, _show)
