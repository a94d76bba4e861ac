"""`opswarden import FORMAT SRC DEST`."""

from __future__ import annotations

from pathlib import Path

import click

from .console import counted, emit_json, note

_FORMATS = ("petshop", "rcd", "nezha", "changerca", "rootcausebench")


@click.command("import", short_help="Turn a public incident data set into labelled cases.")
@click.argument("format_name", metavar="FORMAT", type=click.Choice(_FORMATS))
@click.argument("src", type=click.Path(path_type=Path))
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True, help="Decides which case gets which neutral id.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(format_name: str, src: Path, dest: Path, seed: int, style: str) -> int:
    """Turn the public incident data set in SRC into labelled cases below DEST.

    Every case gets a neutral id. Its label, `truth.json`, lies outside the snapshot folder that an agent may read.
    """
    from ...evals.importers.registry import import_dataset  # noqa: PLC0415 - pyarrow is slow to import

    with counted(f"importing {format_name}", quiet=style == "json") as progress:
        report = import_dataset(format_name, src, dest, seed=seed, progress=progress)
    if style == "json":
        emit_json(report.model_dump(mode="json"))
        return 0
    click.echo(f"{report.n_cases} cases in {dest} (licence: {report.licence})")
    for skipped in report.skipped:
        note(f"left out: {skipped.reason}")
    for warning in report.warnings:
        note(f"note: {warning}")
    click.echo(f"next: opswarden eval run rca --data {dest}")
    return 0
