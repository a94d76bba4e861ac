"""`opswarden finops pull SOURCES`."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note, out
from .finops_days import day_of

if TYPE_CHECKING:
    from ...tools.usage.pulling import Pulled

_PATH = click.Path(path_type=Path)


@click.command("pull", short_help="Read usage from systems and files into a fleet folder; only days that are missing.")
@click.argument("sources", type=_PATH)
@click.option("--from", "start", metavar="DAY", help="First day, in UTC. [default: four weeks before --to]")
@click.option("--to", "end", metavar="DAY", help="The day after the last. [default: today]")
@click.option("--out", "folder", type=_PATH, required=True, help="The fleet folder; it is made, or it grows.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(sources: Path, start: str | None, end: str | None, folder: Path, style: str) -> int:
    """Read usage, sizes and happenings of whole days into a fleet folder.

    SOURCES is a YAML file that says where from: Prometheus-compatible systems (cAdvisor, kube-state-metrics, DCGM),
    CloudWatch, CSV or Parquet files with a mapping of their columns and units. Days that are in the folder already are
    not asked for again; interrupted, the next pull goes on where this one was. See docs/finops-data.md.
    """
    from ...tools.usage.pulling import Pull  # noqa: PLC0415 - keeps `--help` light
    from ..finops.pull import pull_recorded, read_sources, usage_backends  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same

    wanted = read_sources(sources)
    with open_installation() as installation:
        after = day_of(end, "--to") if end else installation.clock.now().date()
        first = day_of(start, "--from") if start else after - timedelta(days=28)

        def tell(day: date, samples: int) -> None:
            if style != "json":
                note(f"{day.isoformat()}: {samples:,} samples")

        with usage_backends(wanted, sources.resolve().parent, installation) as backends:
            pull = Pull(
                folder=folder.resolve(),
                title=wanted.title,
                environment=wanted.environment,
                currency=wanted.currency,
                backends=backends,
                clock=installation.clock,
                tell=tell,
            )
            found = pull_recorded(installation, pull, first, after - timedelta(days=1))
    if style == "json":
        emit_json(
            {
                "folder": str(folder),
                "read": {day.isoformat(): samples for day, samples in found.read.items()},
                "kept": [day.isoformat() for day in found.kept],
                "notes": list(found.notes),
            }
        )
    else:
        _print(found, folder)
    return 0


def _print(found: Pulled, folder: Path) -> None:
    console = out()
    samples = sum(found.read.values())
    console.print(f"{len(found.read)} days read ({samples:,} samples), {len(found.kept)} were there: {folder}")
    for text in found.notes:
        console.print(f"- {text}")
