"""`opswarden runbook publish`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .command_names import command_names
from .console import asked_to_merge, emit_json, note, note_in_thread, waits_for_person

if TYPE_CHECKING:
    from ...policies.types import CallResult
    from ..documents.publishing import Page

_FOLDER = click.Path(path_type=Path, file_okay=False)
_WAITING = 5


@click.command("publish", short_help="Put a reviewed runbook among the runbooks, through the gate.")
@click.argument("file", metavar="PAGE", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", help="Its name among the runbooks, such as serving/latency.md.")
@click.option("--reviewed", is_flag=True, help="You have gone through it: it is no draft any more, verified today.")
@click.option("--snapshot", type=_FOLDER, help="A snapshot to hold it against.")
@click.option("--live", "is_live", is_flag=True, help="Hold it against the configured systems.")
@click.option("--triage", metavar="RUN", help="The triage it was drafted from: asked in the thread of its incident.")
@click.option("--again", is_flag=True, help="Ask anew although it was refused, or nobody knows what came of it.")
@click.option("--show", is_flag=True, help="Only show what would change.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(
    file: Path,
    name: str | None,
    reviewed: bool,
    snapshot: Path | None,
    is_live: bool,
    triage: str | None,
    again: bool,
    show: bool,
    style: str,
) -> int:
    """Publish the reviewed PAGE: a commit on a branch of `runbook_proposals.clone`, pushed with a pull request where
    `runbook_proposals.pull_request` says so; else a file in `runbooks`.

    What differs from the page in force, as the clone last saw it, is shown first. A draft, a page that is not of the
    checked form, and one in which `runbook check` finds anything are not published (exit code 1). The call is decided,
    approved and recorded like any other write: exit code 5 says that a person is asked; repeat the command after they
    have agreed. With --triage they are asked in the thread of its incident in Slack, too.
    """
    from ..documents.publishing import page_to_publish, place_of, publish  # noqa: PLC0415 - the same
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - the same
    from ..runbooks.platform import Checking  # noqa: PLC0415 - the same

    if snapshot is not None and is_live:
        raise click.UsageError("Name a --snapshot or ask --live, one of them.")
    with open_installation() as installation:
        place = place_of(installation)
        beside = installation.settings.runbooks or file.resolve().parent
        with opened(installation, Where(beside, snapshot, is_live)) as runbooks:
            checking = Checking(commands=command_names())
            page = page_to_publish(runbooks, place, file, name, is_reviewed=reviewed, checking=checking)
            runbooks.gate.end("answered")
        found = None
        # A remote may say something else by now, which the call finds out.
        if not (page.findings or show or (page.is_same and not place.is_remote)):
            found = publish(installation, place, page, f"person:{current_person()}", triage or "", again=again)
    _tell(page, place.place, found, style)
    if found is None:
        return 1 if page.findings else 0
    if triage is not None and found.approval_id:
        note_in_thread(found.approval_id, triage)
    look = "look whether the page is there; if it is not, ask anew with --again"
    if waits_for_person(found, "it could not be published", look):
        return _WAITING
    return 0


def _tell(page: Page, place: str, found: CallResult | None, style: str) -> None:
    made = found.summary if found is not None and found.status == "ok" and isinstance(found.summary, dict) else None
    if style == "json":
        emit_json(
            {
                "page": page.name,
                "place": place,
                "is_new": page.is_new,
                "diff": list(page.diff),
                "findings": [{"line": each.line, "code": each.code, "text": each.text} for each in page.findings],
                "status": found.status if found is not None else None,
                "approval_id": found.approval_id if found is not None else None,
                "published": made,
            }
        )
        return
    from .approval_page import inert  # noqa: PLC0415 - as above

    for line in page.diff:
        click.echo(inert(line))
    if page.is_same and found is None:
        click.echo("the page in force says the same; there is nothing to publish")
    for each in page.findings:
        note(inert(f"line {each.line}: {each.code}: {each.text}"))
    if page.findings:
        note("not published: mend this, or say --reviewed once you have gone through it")
    if made is not None and made["branch"]:
        click.echo(f"{page.name}: on the branch {made['branch']}, commit {str(made['commit'])[:12]}")
        click.echo(asked_to_merge(made))
    elif made is not None:
        click.echo(f"{page.name}: in force in {place}, {'new' if page.is_new else 'in place of the page before'}")
