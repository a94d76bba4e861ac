"""`opswarden finops rollback ID`: the way back of a change that did harm, as one approved call."""

from __future__ import annotations

import click

from .finops_patches import propose_files
from .finops_recommendations import open_book


@click.command("rollback", short_help="Propose the way back of a change that did harm; one approval.")
@click.argument("name", metavar="ID")
@click.option("--environment", metavar="NAME", help="Whose book, where there are several.")
def command(name: str, environment: str | None) -> int:
    """Propose the sizes from before recommendation ID on a branch, as one call that an on-call person approves.

    Run it again once it is approved.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...tools.recommendations.patches import patches_of, taken_back  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        book, where = open_book(installation, environment)
        kept = book.find(where, name)
        one = kept.recommendation
        if kept.standing.state not in ("applied", "verified", "regressed"):
            raise InputError(f"it is {kept.standing.state}, so there is nothing to take back")
        if one.reversal == "never":
            raise InputError("this change cannot be undone", remedy="see its steps")
        files = [(f"rollback/{patch.path}", patch.text) for patch in patches_of(taken_back(one))]
        if not files:
            raise InputError("no file says how to take this back", remedy="see its steps")
        return propose_files(installation, [one], files, f"rollback-{one.id}", f"Take back {one.kind} {one.id}")
