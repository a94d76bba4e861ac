"""`opswarden stop`: what is stopped at once, by a file that needs no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note
from .typed import typed

if TYPE_CHECKING:
    from ...policies.stop_file import Stop, StopFile
    from ..settings import Settings

_REMARK_CHARS = 200


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What `stop` and `go` name alike."""
    for name, text in (
        ("tell", "Messages to an audience: 'slack/#ops*'."),
        ("model", "Requests to a model, by the name of endpoint or model: 'openai*'."),
        ("tool", "Calls of a tool: 'rollouts.*'."),
        ("team", "Everything that runs of a team do."),
    ):
        function = click.option(f"--{name}", multiple=True, metavar="WORD", help=f"{text} * stands for anything.")(
            function
        )
    return function


@click.command("stop", short_help="Stop teams, tools, models or messages at once, even without the database.")
@options
@click.option("--all", "is_all", is_flag=True, help="Everything.")
@click.option("--show", is_flag=True, help="Show what is stopped, and stop nothing.")
@click.option("--reason", default="", help="Why; stands in the file and in the ledger, after redaction.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(is_all: bool, show: bool, reason: str, style: str, **named: tuple[str, ...]) -> int:
    """Stop what is named, in every process, from its next decision on. `opswarden go` lets it go on.

    It is done whether it can be recorded or not.
    """
    settings, file = stop_file()
    if show:
        return _show(file, style)
    if is_all == any(named.values()):
        raise click.UsageError("name what to stop: --team, --tool, --model, --tell, or --all alone")
    if is_all:
        file.stop_all()
        changed = ["everything"]
    else:
        stops = stops_of(named, _remark(reason))
        file.add(stops)
        changed = [f"{stop.kind} {stop.pattern}" for stop in stops]
    return told(settings, changed, is_on=True, reason=reason, style=style)


def stop_file() -> tuple[Settings, StopFile]:
    """The settings in force, and the file that they name."""
    from ...core.state import open_state  # noqa: PLC0415 - keeps `--help` light
    from ...policies.stop_file import StopFile  # noqa: PLC0415 - the same
    from ..settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings()
    return settings, StopFile(settings.stop or open_state(settings.state_dir).stop, settings.gate.local_audiences)


def stops_of(named: Mapping[str, tuple[str, ...]], remark: str) -> list[Stop]:
    """The lines for what was named on the command line."""
    from ...policies.stop_file import KINDS, Stop  # noqa: PLC0415 - as above

    return [Stop(kind, pattern, remark) for kind in KINDS for pattern in named[kind]]


def told(settings: Settings, changed: list[str], *, is_on: bool, reason: str, style: str) -> int:
    """Record what was done, if that is possible, and say it."""
    from ...core.errors import OpswardenError  # noqa: PLC0415 - as above
    from ...policies.ledger.types import LedgerEntry  # noqa: PLC0415 - as above
    from ...policies.switches import INSTALLATION  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    seqs: tuple[int, ...] | None = None
    try:
        with open_installation(settings) as installation:
            scrub, by = installation.redaction.scrub, f"person:{current_person()}"
            entries = [
                LedgerEntry(
                    "switch.set",
                    INSTALLATION,
                    {"switch": scrub(one), "is_on": is_on, "by": by, "reason": scrub(reason)},
                )
                for one in changed
            ]
            seqs = installation.ledger.append(entries)
    except OpswardenError as error:
        note(f"done, and not recorded: {error.message}")
    changed = [typed(one) for one in changed]
    if style == "json":
        emit_json({"is_on": is_on, "changed": changed, "seqs": seqs})
    else:
        for one in changed:
            click.echo(f"{'stopped' if is_on else 'goes on'}: {one}")
    return 0


def _show(file: StopFile, style: str) -> int:
    standing = file.standing()
    if style == "json":
        emit_json(
            {
                "stops_all": standing.stops_all,
                "stops": [{name: typed(text) for name, text in vars(stop).items()} for stop in standing.stops],
            }
        )
        return 0
    if standing.stops_all:
        click.echo(f"everything is stopped: {standing.stops_all}")
    for stop in standing.stops:
        click.echo(typed(stop.text))
    if not standing.stops and not standing.stops_all:
        click.echo("nothing is stopped")
    return 0


def _remark(reason: str) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 - as above

    from ...core.errors import RedactionError  # noqa: PLC0415 - as above
    from ...redaction.engine import Redaction  # noqa: PLC0415 - as above
    from ..installation import current_person  # noqa: PLC0415 - as above

    who = f"person:{current_person()} {datetime.now(UTC):%Y-%m-%d %H:%M}Z"
    try:
        clean = " ".join(Redaction().scrub(reason).split())[:_REMARK_CHARS]
    except RedactionError:
        clean = ""
    return f"{who}: {clean}" if clean.isprintable() and clean else who
