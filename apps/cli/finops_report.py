"""`opswarden finops report FLEET`: a look that writes nothing into the book, for a meeting or a machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .finops_analyze import PATH, STYLES, start

if TYPE_CHECKING:
    from ..finops.requests import FinopsStyle


@click.command("report", short_help="The week's report as a page, text, JSON or CSV; the book is left as it is.")
@click.argument("fleet", type=PATH)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@click.option(
    "--format", "style", type=click.Choice(STYLES), help="[default: by the ending of --out, html, or terminal]"
)
@click.option("--model", metavar="PROVIDER/NAME", help="A language model that explains and drafts; none unless given.")
@click.option("--no-model", is_flag=True, help="Use no model even if the configuration lists some.")
def command(fleet: Path, out: Path | None, style: FinopsStyle | None, model: str | None, no_model: bool) -> int:
    """Report what can be saved in FLEET without writing the week down.

    What people have said before (claimed, snoozed, dismissed) is respected, and nothing is moved.
    """
    return start(fleet, model, no_model=no_model, style=style or style_of(out), out=out, records=False)


def style_of(out: Path | None) -> FinopsStyle:
    """The format that the name of a file means."""
    endings: dict[str, FinopsStyle] = {
        ".html": "html",
        ".md": "markdown",
        ".json": "json",
        ".csv": "csv",
        ".txt": "terminal",
    }
    return "terminal" if out is None else endings.get(out.suffix.lower(), "html")
