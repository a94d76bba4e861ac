"""`opswarden platform daily`."""

from __future__ import annotations

from pathlib import Path

import click

_WRONG, _UNKNOWN = 1, 3


@click.command("daily", short_help="Everything that is watched: what is wrong, and nothing else.")
@click.option(
    "--format", "style", type=click.Choice(["terminal", "markdown", "json"]), default="terminal", show_default=True
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
def command(style: str, out: Path | None) -> int:
    """Make every check that the section `platform` names, and say what is wrong.

    One line where all is well. Exit 1 if something is wrong, 3 if nothing is but a check could not be made.
    """
    from ...policies.types import Audience  # noqa: PLC0415 - keeps `--help` light
    from ..daily.driving import daily  # noqa: PLC0415 - the same
    from ..daily.texts import DailySender, DailyStyle  # noqa: PLC0415 - the same
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same

    named: DailyStyle = "json" if style == "json" else "markdown" if style == "markdown" else "terminal"
    with open_installation() as installation:
        team = installation.settings.team
        audience = Audience("file", out.name, team) if out is not None else Audience("terminal", "stdout", team)
        sender = DailySender(named, lambda text: click.echo(text, nl=False), out)
        report = daily(
            installation,
            sender,
            audience,
            by=f"person:{current_person()}",
            trigger="cli",
            at=installation.clock.now(),
        )
    return _WRONG if report.faults else _UNKNOWN if report.unknown else 0
