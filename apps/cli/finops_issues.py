"""`opswarden finops issues`: what each owner can save, as an issue in their tracker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from .console import waits_for_person
from .finops_recommendations import open_book

if TYPE_CHECKING:
    from ...tools.recommendations.types import Recommendation
    from ..installation import Installation

_WAITING = 5


@click.command("issues", short_help="Open and claimed changes as issues in a tracker, one an owner.")
@click.argument("names", metavar="[ID]...", nargs=-1)
@click.option("--open", "is_opened", is_flag=True, help="Open them in the tracker of `finops.issues`.")
@click.option("--owner", metavar="NAME", help="Only this owner's.")
@click.option("--environment", metavar="NAME", help="Whose book, where there are several.")
def command(names: tuple[str, ...], is_opened: bool, owner: str | None, environment: str | None) -> int:
    """Show the issue that each owner would get for the given recommendations, or for all that are open or claimed; with
    --open, open it, or comment on the one that is open. A person approves exactly this text.

    Run it again once it is approved.
    """
    from ...core.errors import ConfigError  # noqa: PLC0415 - keeps `--help` light
    from ..finops.issue_text import issue_text, issue_title, owners_of  # noqa: PLC0415 - the same
    from ..finops.places import issues_of  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same

    with open_installation() as installation:
        if is_opened and issues_of(installation) is None:
            raise ConfigError("no tracker is named", remedy="set `finops.issues`")
        book, where = open_book(installation, environment)
        chosen = (
            [book.find(where, name).recommendation for name in names]
            if names
            else [each.recommendation for each in book.kept(where) if each.standing.state in ("open", "claimed")]
        )
        owned = owners_of([each for each in chosen if owner in (None, each.owner)])
        if not owned:
            click.echo("there is nothing to do")
            return 0
        if is_opened:
            return max([_open(installation, each, own) for each, own in owned.items()])
        for each, own in owned.items():
            click.echo(f"{issue_title(each, own)}\n\n{issue_text(own)}\n")
    return 0


def _open(installation: Installation, owner: str, own: Sequence[Recommendation]) -> int:
    """Through the gate; the exit code. Asking again after an approval makes the same call."""
    from ..finops.driving import command_gate  # noqa: PLC0415 - as above
    from ..finops.issue_text import issue_text, issue_title  # noqa: PLC0415 - as above
    from ..finops.proposing import resumed_run  # noqa: PLC0415 - as above
    from ..installation import current_person  # noqa: PLC0415 - as above

    args = {
        "subject": f"cost-{owner.lower().replace('.', '-').replace('_', '-')}"[:80].rstrip("-"),
        "title": issue_title(owner, own),
        "text": issue_text(own),
    }
    person = f"person:{current_person()}"
    run_id = resumed_run(installation, args, person)
    words = f"open an issue about {args['subject']} with {len(own)} recommendations"
    currency = own[0].saving.effective.currency
    with command_gate(installation, own[0].environment, currency, person, words, run_id=run_id) as (gate, _):
        found = gate.call("issues.open", args, call_id="open")
    if waits_for_person(found, "it could not be opened", "look at the tracker"):
        return _WAITING
    summary: Any = found.summary
    click.echo(f"{owner}: {summary['number']} {summary['url']}")
    return 0
