"""`opswarden finops patches`: changes as files, or proposed on a branch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import asked_to_merge, note, waits_for_person
from .finops_recommendations import open_book
from .typed import typed

if TYPE_CHECKING:
    from ...core.canonical import JsonValue
    from ...tools.recommendations.types import Recommendation
    from ..installation import Installation

_WAITING = 5
_SIDES = re.compile(r"[^a-z0-9-]+")


@click.command("patches", short_help="Open and claimed changes as files, one folder per owner, or on a branch.")
@click.argument("names", metavar="[ID]...", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Write the files below this folder.")
@click.option("--propose", is_flag=True, help="Commit them on a branch of `finops.proposals`.")
@click.option("--owner", metavar="NAME", help="Only this owner's.")
@click.option("--environment", metavar="NAME", help="Whose book, where there are several.")
def command(names: tuple[str, ...], out: Path | None, propose: bool, owner: str | None, environment: str | None) -> int:
    """Write Helm values, Kustomize patches, Terraform variables, KEDA, VPA and Custodian files for the given
    recommendations, or for all that are open or claimed. Nothing is applied.
    """
    from ...tools.recommendations.patches import by_owner  # noqa: PLC0415 - keeps `--help` light
    from ..handed_out import hand_out  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same

    if (out is None) != propose:
        raise click.UsageError("Say where: --out DIR, or --propose, one of them.")
    with open_installation() as installation:
        book, where = open_book(installation, environment)
        chosen = (
            [book.find(where, name).recommendation for name in names]
            if names
            else [each.recommendation for each in book.kept(where) if each.standing.state in ("open", "claimed")]
        )
        chosen = [each for each in chosen if owner in (None, each.owner)]
        files = {owner: own for owner, own in by_owner(chosen).items() if own}
        if not files:
            click.echo("there is nothing to write")
            return 0
        if propose:
            # A branch for each owner: whoever has to agree sees their own changes and no others.
            codes = [_propose_to(installation, each, files[each], chosen) for each in files]
            return max(codes)
        written = {(out or Path()) / path: text for own in files.values() for path, text in own}
        hand_out(installation, "cost-patches", written)
    click.echo(f"{len(written)} files for {len(files)} owners below {typed(out)}")
    return 0


def _propose_to(
    installation: Installation, owner: str, files: Sequence[tuple[str, str]], chosen: Sequence[Recommendation]
) -> int:
    """Propose the changes of one owner's folder on a branch of their own."""
    from ...tools.recommendations.patches import by_owner  # noqa: PLC0415 - keeps `--help` light

    own = [each for each in chosen if owner in by_owner([each])]
    if len(own) == 1:
        return propose_files(installation, own, files, f"cost-{own[0].id}", f"Cut cost: {own[0].kind} {own[0].id}")
    branch = f"cost-{installation.clock.now():%Y-%m-%d}-{owner}"
    return propose_files(installation, own, files, branch, f"Cut cost: {len(own)} changes of {owner}")


def propose_files(
    installation: Installation,
    chosen: Sequence[Recommendation],
    files: Sequence[tuple[str, str]],
    branch: str,
    title: str,
) -> int:
    """Propose files through the gate; the exit code. Asking again after an approval makes the same call."""
    from ...core.errors import ConfigError  # noqa: PLC0415 - as above
    from ..finops.driving import command_gate  # noqa: PLC0415 - as above
    from ..finops.places import proposals_of  # noqa: PLC0415 - as above
    from ..finops.proposing import resumed_run  # noqa: PLC0415 - as above
    from ..finops.wording import money  # noqa: PLC0415 - as above
    from ..installation import current_person  # noqa: PLC0415 - as above

    if proposals_of(installation) is None:
        raise ConfigError("no clone is named", remedy="set `finops.proposals.clone`")
    body = "\n".join(f"{each.id}: {each.kind}, saves {money(each.saving.effective)}" for each in chosen[:100])
    args: dict[str, JsonValue] = {
        "branch": _SIDES.sub("-", branch.lower())[:100].strip("-"),
        "title": title,
        "body": body,
        "files": [{"path": path, "text": text} for path, text in files[:200]],
    }
    if len(files) > 200:
        note(f"{len(files) - 200} files are left out: propose them owner by owner")
    saving, person = chosen[0].saving.effective, f"person:{current_person()}"
    run_id = resumed_run(installation, args, person)
    words = f"propose the files of {len(chosen)} recommendations on the branch {args['branch']}"
    with command_gate(installation, chosen[0].environment, saving.currency, person, words, run_id=run_id) as (gate, _):
        found = gate.call("documents.propose", args, call_id="propose")
    if waits_for_person(found, "it could not be proposed", "look at the clone"):
        return _WAITING
    summary: Any = found.summary
    click.echo(f"{summary['files']} files on the branch {summary['branch']}, commit {str(summary['commit'])[:12]}")
    click.echo(asked_to_merge(summary))
    return 0
