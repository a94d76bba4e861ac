"""`opswarden capture`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from .console import emit_json, note, steps
from .typed import typed

if TYPE_CHECKING:
    from ...tools.captures.written import Origin
    from ..installation import Installation


_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("capture", short_help="Save a window of live systems, or what a triage saw, as a snapshot.")
@click.option("--alert", type=click.File("rb"), help="The alert that opened the incident, as for `triage`; - is stdin.")
@click.option("--service", metavar="NAME", help="A service to look at without an alert.")
@click.option("--at", metavar="TIME", help="When it began, with --service; ISO 8601, now if absent.")
@click.option("--from", "start", metavar="TIME", help="Start of the window, with --to instead of an incident.")
@click.option("--to", "end", metavar="TIME", help="End of the window.")
@click.option(
    "--run", "run_id", metavar="RUN", help="What this triage saw; needs `--capture` or `live.keep` at its time."
)
@click.option("--open", "sealed_file", type=_FILE, help="A sealed capture of this installation.")
@click.option("--environment", metavar="NAME", help="Where, if the configured systems reach several environments.")
@click.option("--out", type=_PATH, required=True, help="The snapshot folder, or the file of a sealed one; new.")
@click.option(
    "--sealed", is_flag=True, help="One encrypted file, unredacted, that this installation alone opens with --open."
)
@click.option(
    "--most-rows",
    type=click.IntRange(1, 20_000_000),
    default=5_000_000,
    show_default=True,
    help="Rows of a table at most.",
)
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(
    alert: BinaryIO | None,
    service: str | None,
    at: str | None,
    start: str | None,
    end: str | None,
    run_id: str | None,
    sealed_file: Path | None,
    environment: str | None,
    out: Path,
    sealed: bool,
    most_rows: int,
    style: str,
) -> int:
    """Save a window of the configured systems as a snapshot in --out, redacted.

    Systems are asked through the gate, and what is written is recorded. `capture.json` in the folder says what was
    asked for, what was left out and what is missing. `opswarden triage DIR` replays it.
    """
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..live.captures import Wanted, capture_now, capture_run, capture_sealed  # noqa: PLC0415 - keeps `--help` light
    from .triage import live_folder  # noqa: PLC0415 - the same

    has_window = start is not None or end is not None
    named = (alert, service, run_id, sealed_file)
    if sum(each is not None for each in named) + has_window != 1:
        raise click.UsageError("Name an --alert, a --service, --from and --to, a --run, or --open, one of them.")
    if sealed and sealed_file is not None:
        raise click.UsageError("--open writes a redacted snapshot; what is sealed is sealed already.")
    if has_window and (start is None or end is None):
        raise click.UsageError("A window has both ends: --from and --to.")
    if at is not None and service is None:
        raise click.UsageError("--at says when a --service began to trouble you.")
    with open_installation() as installation:
        wanted = Wanted(out.resolve(), f"person:{current_person()}", most_rows, is_sealed=sealed)
        with steps("capture"):
            if sealed_file is not None:
                found = capture_sealed(installation, sealed_file, wanted)
            elif run_id is not None:
                found = capture_run(installation, run_id, wanted)
            elif start is not None and end is not None:
                found = capture_now(installation, _window_folder(installation, start, end, environment), wanted)
            else:
                folder = live_folder(installation, alert, service, at, environment)
                found = capture_now(installation, folder, wanted)
    _show(found, out, style)
    return 0


def _window_folder(installation: Installation, start: str, end: str, environment: str | None) -> Path:
    from ...core.clock import from_iso  # noqa: PLC0415 - as above
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ..live.incident import incident_of_window, keep_incident  # noqa: PLC0415 - as above
    from ..live.systems import environment_of  # noqa: PLC0415 - as above

    try:
        first, last = from_iso(start), from_iso(end)
    except ValueError as error:
        raise InputError("--from or --to is no time with a zone", remedy="such as 2031-05-06T12:00:00Z") from error
    settings = installation.settings
    manifest = incident_of_window(
        first, last, environment_of(settings.systems, environment), installation.clock.now(), settings.live
    )
    return keep_incident(manifest, installation.state, installation.ids, installation.redaction.scrub)


def _show(found: Origin, out: Path, style: str) -> None:
    if style == "json":
        emit_json(found.model_dump(mode="json"))
        return
    for name, table in found.tables.items():
        told = f"{table.rows} rows" if table.rows else table.status
        click.echo(f"{name:10} {told:>16}  {'; '.join(table.notes)}".rstrip())
    if not found.tables:
        note(f"sealed: {typed(out)}; open it with: opswarden capture --open {typed(out)} --out DIR")
        return
    shown = typed(out)
    note(f"snapshot: {shown}")
    note(f"next: opswarden triage {shown}; once you know the cause: opswarden eval past add {shown} --cause ENTITY")
