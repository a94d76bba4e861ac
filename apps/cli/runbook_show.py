"""`opswarden runbook show`."""

from __future__ import annotations

from pathlib import Path

import click

from .typed import typed

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("show", short_help="Show a runbook, also as a page for a phone.")
@click.argument("name", metavar="PAGE")
@click.option("--folder", type=_FOLDER, help="Runbooks in this folder instead of `runbooks`.")
@click.option("--snapshot", type=_FOLDER, help="A snapshot; its runbooks, where no others are.")
@click.option("--out", type=click.Path(path_type=Path), help="The file it goes to.")
@click.option("--format", "style", type=click.Choice(["markdown", "html"]), default="markdown", show_default=True)
def command(name: str, folder: Path | None, snapshot: Path | None, out: Path | None, style: str) -> int:
    """Show the runbook PAGE, redacted: as Markdown, or as one HTML file for a phone, its first step on top."""
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ..documents.phone import phone_page  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..people.senders import write_whole  # noqa: PLC0415 - the same
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - the same
    from .approval_page import inert  # noqa: PLC0415 - the same

    with open_installation() as installation, opened(installation, Where(folder, snapshot)) as runbooks:
        found = runbooks.library.index(runbooks.deadline()).page(name)
        runbooks.gate.end("answered")
        if found is None:
            raise InputError("there is no page of this name", remedy="see `opswarden runbook list`")
        text = installation.redaction.scrub(found.runbook.text)
    shown = phone_page(name, text) if style == "html" else text
    if out is not None:
        write_whole(out, shown)
        click.echo(f"{typed(out)}: written")
    elif style == "html":
        click.echo(shown, nl=False)
    else:
        click.echo("\n".join(inert(line) for line in shown.splitlines()))
    return 0
