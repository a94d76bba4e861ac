"""`opswarden go`: let go on what `opswarden stop` stopped."""

from __future__ import annotations

import click

from .stop import options, stop_file, stops_of, told


@click.command("go", short_help="Let go on what `stop` stopped.")
@options
@click.option("--all", "is_all", is_flag=True, help="Everything.")
@click.option("--reason", default="", help="Why; stands in the ledger, after redaction.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(is_all: bool, reason: str, style: str, **named: tuple[str, ...]) -> int:
    """Let go on what is named, word for word as it was stopped. The database's own kill switch stays as it is."""
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light

    if is_all == any(named.values()):
        raise click.UsageError("name what goes on: --team, --tool, --model, --tell, or --all alone")
    settings, file = stop_file()
    if is_all:
        file.remove_all()
        return told(settings, ["everything"], is_on=False, reason=reason, style=style)
    gone = file.remove(stops_of(named, ""))
    if not gone:
        raise InputError("nothing of that was stopped", remedy="`opswarden stop --show` shows what is, word for word")
    return told(settings, [f"{one.kind} {one.pattern}" for one in gone], is_on=False, reason=reason, style=style)
