"""`opswarden eval past add|list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .console import emit_json, out

if TYPE_CHECKING:
    from ...evals.cases import Verdict


@click.group("past", short_help="Say what the installation's own incidents turned out to be.")
def past() -> None:
    """Say what the installation's own incidents turned out to be, for the suite `past`.

    `opswarden eval run past` then measures on them; from fifty on, a report says how often such scores were right here.
    """


@past.command("add")
@click.argument("named", metavar="RUN|SNAPSHOT")
@click.option("--cause", "causes", multiple=True, metavar="ENTITY", help="What caused it, as in the data; repeatable.")
@click.option("--change", default="", metavar="ID", help="The change that did it, as in the data.")
@click.option(
    "--verdict",
    type=click.Choice(["cause_found", "inconclusive", "healthy"]),
    help="[default: cause_found, where a cause is given]",
)
@click.option("--note", default="", help="Where to read about it; goes into the ledger after redaction.")
def add(named: str, causes: tuple[str, ...], change: str, verdict: Verdict | None, note: str) -> int:
    """Keep what the incident of a run, or in a snapshot, turned out to be; the last label counts.

    It is recorded in the ledger. The snapshot has to stay where it is.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ..evaluation.past import Found, label  # noqa: PLC0415 - the same
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same

    if not causes and verdict is None:
        raise InputError("neither a cause nor a verdict is given", remedy="give --cause ENTITY or --verdict healthy")
    with open_installation() as installation:
        found = Found(causes, change, verdict or "cause_found")
        seq = label(installation, named, found, by=f"person:{current_person()}", note=note)
        count = len(installation.incident_labels.all())
    click.echo(f"recorded in ledger entry {seq}; {count} labelled {'incident' if count == 1 else 'incidents'}")
    click.echo("next: opswarden eval run past")
    return 0


@past.command("list")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def show(style: str) -> int:
    """List the labelled incidents, oldest first."""
    from ..evaluation.past import incident_id  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        labels = installation.incident_labels.all()
    if style == "json":
        emit_json(
            [
                {
                    "id": incident_id(each.snapshot),
                    "snapshot": each.snapshot,
                    "causes": list(each.causes),
                    "change": each.change or None,
                    "verdict": each.verdict,
                    "run_id": each.run_id or None,
                    "by": each.by,
                    "at": each.at.isoformat(),
                    "seq": each.seq,
                }
                for each in labels
            ]
        )
        return 0
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(box=None, header_style="bold")
    for head in ("incident", "it was", "change", "labelled by", "entry"):
        table.add_column(head, overflow="fold")
    for each in labels:
        told = ", ".join(each.causes) or each.verdict
        cells = (incident_id(each.snapshot), told, each.change or "–", each.by, str(each.seq))
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table if labels else "no incident is labelled yet")
    return 0
