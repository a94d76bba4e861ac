"""`opswarden schedules`."""

from __future__ import annotations

import click

from .console import emit_json, out


@click.command("schedules", short_help="What the service does again and again, and how it went.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(style: str) -> int:
    """List what `[schedules.NAME]` configures: when it was due and done last, and what came of it.

    Exit 1 if one of them failed.
    """
    from ...core.clock import to_iso  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..service.schedules import Schedules  # noqa: PLC0415 - the same

    with open_installation() as installation:
        settings = installation.settings.schedules
        found = Schedules(installation.database, installation.clock, settings, {}).standings()
    failed = any(each.result.startswith("failed") for each in found)
    if style == "json":
        emit_json(
            [
                {
                    "name": each.name,
                    "do": settings[each.name].do,
                    "due_at": to_iso(each.due_at) if each.due_at else None,
                    "done_at": to_iso(each.done_at) if each.done_at else None,
                    "result": each.result,
                }
                for each in found
            ]
        )
        return 1 if failed else 0
    if not found:
        click.echo("nothing is scheduled")
        return 0
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("name", "does", "cron", "due", "done", "result"):
        table.add_column(name)
    for each in found:
        own = settings[each.name]
        moments = [f"{moment:%Y-%m-%d %H:%M}" if moment else "–" for moment in (each.due_at, each.done_at)]
        table.add_row(*(Text(cell) for cell in (each.name, own.do, own.cron, *moments, each.result)))
    out().print(table)
    return 1 if failed else 0
