"""`opswarden docs service|model-card|feature-view|postmortem|architecture|dashboard`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .console import note

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


def _write(
    make: Callable[[OpenRunbooks, Path | None], Made], snapshot: Path | None, is_live: bool, out: Path | None
) -> int:
    from ..documents.documents import write_made  # noqa: PLC0415 - keeps `--help` light
    from ..handed_out import record_files  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - the same
    from .approval_page import inert  # noqa: PLC0415 - the same

    if (snapshot is not None) == is_live:
        raise click.UsageError("Name a --snapshot or ask --live, one of them.")
    with open_installation() as installation, opened(installation, Where(None, snapshot, is_live)) as runbooks:
        made = make(runbooks, out)
        runbooks.gate.end("answered")
        if out is not None and made.is_changed:
            record_files(installation, "document", {out: made.text}, runbooks.gate.run.id)
    if out is None:
        click.echo("\n".join(inert(line) for line in made.text.splitlines()))
    else:
        write_made(made, out)
        click.echo(f"{out}: {'written' if made.is_changed else 'says the same already; nothing is written'}")
    for each in made.notes:
        note(inert(f"not known: {each}"))
    return 0


def _page(kind: str, name: str, snapshot: Path | None, is_live: bool, out: Path | None) -> int:
    from ..documents.documents import make_page  # noqa: PLC0415 - as above

    return _write(lambda runbooks, where: make_page(runbooks, kind, name, where), snapshot, is_live, out)


@click.command("service")
@click.argument("name", metavar="SERVICE")
@_options
def service(name: str, snapshot: Path | None, is_live: bool, out: Path | None) -> int:
    """Write the page of SERVICE, as the metrics spell it."""
    return _page("service", name, snapshot, is_live, out)


@click.command("model-card")
@click.argument("name", metavar="MODEL")
@_options
def card(name: str, snapshot: Path | None, is_live: bool, out: Path | None) -> int:
    """Write the card of MODEL: registry, scores, drift, features. What nobody says is unknown, also what laws ask."""
    return _page("model-card", name, snapshot, is_live, out)


@click.command("feature-view")
@click.argument("name", metavar="VIEW")
@_options
def feature_view(name: str, snapshot: Path | None, is_live: bool, out: Path | None) -> int:
    """Write the page of the feature view VIEW."""
    return _page("feature-view", name, snapshot, is_live, out)


@click.command("postmortem")
@click.argument("run_id", metavar="RUN")
@_options
def after(run_id: str, snapshot: Path | None, is_live: bool, out: Path | None) -> int:
    """Write the postmortem of RUN: its timeline, what it was, what is open; owners of actions are left to people."""
    from ..documents.documents import make_postmortem  # noqa: PLC0415 - as above

    return _write(lambda runbooks, where: make_postmortem(runbooks, run_id, where), snapshot, is_live, out)


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
