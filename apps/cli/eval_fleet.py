"""`opswarden eval fleet DIR`."""

from __future__ import annotations

from pathlib import Path

import click

from .console import note
from .typed import typed


@click.command("fleet")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="One seed gives one fleet.")
@click.option("--weeks", type=click.IntRange(6, 10), default=8, show_default=True, help="Of usage, every five minutes.")
@click.option("--workloads", type=click.IntRange(40, 120), default=60, show_default=True, help="How many.")
def make_fleet(folder: Path, seed: int, weeks: int, workloads: int) -> int:
    """Invent a payments company's workloads: DIR/fleet, and DIR/labels.json with what is right to say of it.

    Twelve situations are planted in it. Nothing in the fleet tells which they are.
    """
    from ...evals.fleets.fleet import write_fleet  # noqa: PLC0415 - keeps `--help` light
    from ...evals.fleets.labels import LABELS_NAME, read_labels  # noqa: PLC0415 - the same
    from ...evals.fleets.spec import FleetSpec  # noqa: PLC0415 - the same

    made = write_fleet(FleetSpec(seed=seed, weeks=weeks, workloads=workloads), folder)
    labels = read_labels(folder)
    click.echo(f"fleet: {made}")
    click.echo(f"labels: {typed(folder / LABELS_NAME)}")
    situations = {one.situation for one in labels.planted}
    note(f"{len(situations)} situations are planted, {len(labels.clean)} subjects are clean")
    return 0
