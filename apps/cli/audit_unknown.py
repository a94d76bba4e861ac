"""`opswarden audit unknown|settle`: effects of which nobody knows whether they took place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .console import emit_json, out

if TYPE_CHECKING:
    from ...policies.unknowns import Unknowns
    from ..installation import Installation


def unknowns_of(installation: Installation) -> Unknowns:
    """The open effects of an installation."""
    from ...policies.unknowns import Unknowns  # noqa: PLC0415 - keeps `--help` light

    return Unknowns(installation.database, installation.ledger, installation.clock, installation.redaction.scrub)


@click.command("unknown")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def unknown(style: str) -> int:
    """List writes, sends and messages of which nobody knows whether they took effect.

    They are never tried again. Look at the system itself, then say what you found with `opswarden audit settle`.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        found = unknowns_of(installation).open()
    if style == "json":
        emit_json([vars(item) for item in found])
        return 0
    if not found:
        click.echo("no effect has an unknown outcome")
        return 0
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("seq", "began", "what", "where", "on", "state", "run"):
        table.add_column(name, justify="right" if name == "seq" else "left", no_wrap=name in ("seq", "began"))
    for item in found:
        state = "outcome unknown" if item.is_told else "under way, or its process died"
        began = item.began_at.strftime("%Y-%m-%d %H:%M UTC")
        cells = (str(item.seq), began, item.tool, item.environment, item.what, state, item.run_id)
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)
    click.echo("say what came of one with: opswarden audit settle SEQ --took-effect yes|no --note TEXT", err=True)
    return 0


@click.command("settle")
@click.argument("seq", type=click.IntRange(0), metavar="SEQ")
@click.option("--took-effect", type=click.Choice(["yes", "no"]), required=True, help="What you found at the system.")
@click.option("--note", "comment", required=True, help="How you know; goes into the ledger after redaction.")
def settle(seq: int, took_effect: str, comment: str) -> int:
    """Say what the effect of entry SEQ came to, on the record, so that its run can go on."""
    from ...core.errors import CallDenied  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        person, settings = current_person(), installation.settings
        listed, needed = settings.people.get(person), settings.gate.settle_roles
        if not needed & set(listed.roles if listed else ()):
            raise CallDenied(
                "you may not say what an effect came to",
                code="settle-role",
                remedy=f"it needs the role {' or '.join(sorted(needed))}, under `people` in opswarden.toml",
            )
        place = unknowns_of(installation).settle(
            seq, took_effect=took_effect == "yes", by=f"person:{person}", note=comment
        )
    click.echo(f"recorded (ledger entry {place})")
    return 0


COMMANDS = (unknown, settle)
