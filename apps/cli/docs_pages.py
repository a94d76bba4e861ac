"""`opswarden docs service|model-card|feature-view|postmortem|handbook|changelog|site|architecture|dashboard`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import note
from .typed import typed

if TYPE_CHECKING:
    from ..documents.documents import Made
    from ..runbooks.opened import OpenRunbooks

_C = TypeVar("_C", bound=Callable[..., Any])
_FOLDER = click.Path(path_type=Path, file_okay=False)


def _options(function: _C) -> _C:
    """What every document is told."""
    for option in (
        click.option("--out", type=click.Path(path_type=Path), help="The file; what people wrote in it is kept."),
        click.option("--live", "is_live", is_flag=True, help="Ask the configured systems."),
        click.option("--snapshot", type=_FOLDER, help="A snapshot to read."),
    ):
        function = option(function)
    return function


def _styled(function: _C) -> _C:
    """What a page of words is told besides."""
    choice = click.Choice(["markdown", "html"])
    text = "html: for a phone; what people wrote in the .md beside --out is in it."
    styled = click.option("--format", "style", type=choice, default="markdown", show_default=True, help=text)(function)
    return _options(styled)


_FROM = click.option(
    "--from",
    "former",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The page of the same under its former name: what people wrote in it is carried over.",
)


def _write(
    make: Callable[[OpenRunbooks, Path | None], Made],
    snapshot: Path | None,
    is_live: bool,
    out: Path | None,
    style: str = "markdown",
) -> int:
    from ..documents.documents import write_made  # noqa: PLC0415 - keeps `--help` light
    from ..handed_out import TERMINAL, record_files  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - the same
    from .approval_page import inert  # noqa: PLC0415 - the same

    if (snapshot is not None) == is_live:
        raise click.UsageError("Name a --snapshot or ask --live, one of them.")
    with open_installation() as installation, opened(installation, Where(None, snapshot, is_live)) as runbooks:
        made = make(runbooks, out.with_suffix(".md") if out is not None and style == "html" else out)
        runbooks.gate.end("answered")
        if out is None or made.is_changed or style == "html":
            text = _html_of(made, out) if style == "html" else made.text
            record_files(installation, "document", {out or TERMINAL: text}, runbooks.gate.run.id)
    if style == "html":
        _as_html(made, out)
    elif out is None:
        click.echo("\n".join(inert(line) for line in made.text.splitlines()))
    else:
        write_made(made, out)
        click.echo(f"{typed(out)}: {'written' if made.is_changed else 'says the same already; nothing is written'}")
    for each in made.by_hand:
        note(f"kept as people wrote it, though it would differ now: {each}; take the part away to have it written anew")
    for each in made.notes:
        note(inert(f"not known: {each}"))
    for each in made.to_do:
        note(inert(f"left to do: {each}"))
    for each in made.down:
        note(inert(f"could not be read, so it is marked as unknown: {each}"))
    return 3 if made.down else 0


def _html_of(made: Made, out: Path | None) -> str:
    from ..documents.phone import phone_page  # noqa: PLC0415 - as above

    return phone_page(out.name if out is not None else "document.md", made.text)


def _as_html(made: Made, out: Path | None) -> None:
    from ..people.senders import write_whole  # noqa: PLC0415 - as above

    page = _html_of(made, out)
    if out is None:
        click.echo(page, nl=False)
    else:
        write_whole(out, page)
        click.echo(f"{typed(out)}: written")


def _page(
    kind: str, name: str, snapshot: Path | None, is_live: bool, out: Path | None, style: str, former: Path | None
) -> int:
    from ..documents.documents import make_page  # noqa: PLC0415 - as above

    return _write(lambda runbooks, where: make_page(runbooks, kind, name, where, former), snapshot, is_live, out, style)


@click.command("service")
@click.argument("name", metavar="SERVICE")
@_FROM
@_styled
def service(name: str, snapshot: Path | None, is_live: bool, out: Path | None, style: str, former: Path | None) -> int:
    """Write the page of SERVICE, as the metrics spell it."""
    return _page("service", name, snapshot, is_live, out, style, former)


@click.command("model-card")
@click.argument("name", metavar="MODEL")
@_FROM
@_styled
def card(name: str, snapshot: Path | None, is_live: bool, out: Path | None, style: str, former: Path | None) -> int:
    """Write the card of MODEL: registry, scores, drift, features. What nobody says is unknown, also what laws ask."""
    return _page("model-card", name, snapshot, is_live, out, style, former)


@click.command("feature-view")
@click.argument("name", metavar="VIEW")
@_FROM
@_styled
def feature_view(
    name: str, snapshot: Path | None, is_live: bool, out: Path | None, style: str, former: Path | None
) -> int:
    """Write the page of the feature view VIEW."""
    return _page("feature-view", name, snapshot, is_live, out, style, former)


@click.command("postmortem")
@click.argument("run_id", metavar="RUN")
@_styled
def after(run_id: str, snapshot: Path | None, is_live: bool, out: Path | None, style: str) -> int:
    """Write the postmortem of RUN: its timeline, what it was, what is open; owners of actions are left to people."""
    from ..documents.documents import make_postmortem  # noqa: PLC0415 - as above

    return _write(lambda runbooks, where: make_postmortem(runbooks, run_id, where), snapshot, is_live, out, style)


@click.command("architecture")
@_options
def architecture(snapshot: Path | None, is_live: bool, out: Path | None) -> int:
    """Draw who calls whom, as SVG that loads nothing."""
    from ..documents.documents import make_sketch  # noqa: PLC0415 - as above

    return _write(make_sketch, snapshot, is_live, out)


@click.command("dashboard")
@click.argument("name", metavar="SERVICE")
@click.option("--entity-label", default="service", show_default=True, help="The label of your series that names it.")
@_options
def board(name: str, entity_label: str, snapshot: Path | None, is_live: bool, out: Path | None) -> int:
    """Make the Grafana dashboard of SERVICE, as JSON to import."""
    from ..documents.documents import make_dashboard  # noqa: PLC0415 - as above

    return _write(lambda runbooks, where: make_dashboard(runbooks, name, entity_label, where), snapshot, is_live, out)


@click.command("handbook")
@_styled
def handbook(snapshot: Path | None, is_live: bool, out: Path | None, style: str) -> int:
    """Write the on-call handbook: teams and how to reach them, objectives, runbooks, who is told next."""
    from ..documents.more_documents import make_handbook  # noqa: PLC0415 - as above

    return _write(make_handbook, snapshot, is_live, out, style)


@click.command("changelog")
@click.argument("names", metavar="MODEL...", nargs=-1, required=True)
@_styled
def changelog(names: tuple[str, ...], snapshot: Path | None, is_live: bool, out: Path | None, style: str) -> int:
    """Write what became of each MODEL: every move of its alias, its checks, who agreed, where it stands now."""
    from ..documents.more_documents import make_change_log  # noqa: PLC0415 - as above

    return _write(lambda runbooks, where: make_change_log(runbooks, names, where), snapshot, is_live, out, style)


@click.command("site")
@click.option("--folder", type=_FOLDER, help="Runbooks in this folder instead of `runbooks`.")
@click.option("--snapshot", type=_FOLDER, help="A snapshot; its runbooks, where no others are.")
@click.option("--with", "more", type=click.Path(path_type=Path), multiple=True, help="A document; may be repeated.")
@click.option("--name", default="runbooks", show_default=True, help="Of the site and of Backstage's component.")
@click.option("--owner", help="Of the component; our team if absent.")
@click.option("--layout", type=click.Choice(["mkdocs", "techdocs"]), default="mkdocs", show_default=True)
@click.option("--out", type=_FOLDER, required=True, help="The folder of the site.")
def site(
    folder: Path | None,
    snapshot: Path | None,
    more: tuple[Path, ...],
    name: str,
    owner: str | None,
    layout: Any,
    out: Path,
) -> int:
    """Lay runbooks and documents out as a site for MkDocs or Backstage's TechDocs: pages, navigation, owner."""
    from ..documents.site import make_site, write_site  # noqa: PLC0415 - as above
    from ..handed_out import record_files  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - as above
    from .approval_page import inert  # noqa: PLC0415 - as above

    with open_installation() as installation, opened(installation, Where(folder, snapshot)) as runbooks:
        made = make_site(runbooks, name, owner or installation.settings.team, layout, more)
        runbooks.gate.end("answered")
        record_files(
            installation, "site", {out / path: text for path, text in made.files.items()}, runbooks.gate.run.id
        )
    written = write_site(made, out)
    click.echo(f"{typed(out)}: {len(made.files)} files, {written.count} of them written")
    for each in written.gone:
        note(inert(f"taken away, no such page is there any more: {each}"))
    for each in made.left_out:
        note(inert(f"left out, its name is no path: {each}"))
    return 0
