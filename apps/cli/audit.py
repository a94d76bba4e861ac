"""`opswarden audit tail|show|verify`; what leaves the ledger is in `audit_out`."""

from __future__ import annotations

from pathlib import Path

import click

from .audit_anchor import command as anchor
from .audit_anchor import vouched
from .audit_erase import erase, retain
from .audit_heads import cosigned_head, heads_in, witness_key_in
from .audit_out import COMMANDS
from .audit_rerun import command as rerun
from .audit_unknown import COMMANDS as UNKNOWN_COMMANDS
from .audit_witness import command as witness
from .console import emit_json, note, out
from .typed import typed

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.group("audit", short_help="Read and verify the ledger.")
def command() -> None:
    """Read and verify the ledger: what was asked, decided, done and told, in the order it was recorded."""


for item in (*COMMANDS, *UNKNOWN_COMMANDS, anchor, erase, rerun, retain, witness):
    command.add_command(item)


@command.command("tail")
@click.option("-n", "count", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--run", "run_id", help="Only entries of this run.")
@click.option("--tool", help="Only entries about this tool.")
@_FORMAT
def tail(count: int, run_id: str | None, tool: str | None, style: str) -> int:
    """Show the last entries."""
    from ...policies.ledger.read import as_json, rows  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same

    with open_installation() as installation:
        entries = installation.ledger.tail(count, run_id=run_id, tool=tool)
    if style == "json":
        emit_json([as_json(entry) for entry in entries])
        return 0
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("seq", "time", "run", "kind", "about", "outcome"):
        table.add_column(name, justify="right" if name == "seq" else "left", no_wrap=name in ("seq", "time", "kind"))
    for row in rows(entries):
        cells = (str(row.seq), row.ts, row.run_id, row.kind, row.subject, row.finding)
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)
    return 0


@command.command("show")
@click.argument("seq", type=click.IntRange(0))
@_FORMAT
def show(seq: int, style: str) -> int:
    """Show one entry in full."""
    from ...policies.ledger.read import as_json, in_full  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        entry = installation.ledger.read(seq)
    if style == "json":
        emit_json(as_json(entry))
    else:
        click.echo(in_full(entry))
    return 0


@command.command("verify")
@click.option(
    "--trusted-head",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A signed head that was kept elsewhere, or a file that `audit anchor` wrote; can be given several times.",
)
@click.option(
    "--cosigned",
    "cosigned_files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A head that a witness cosigned (`audit anchor --to http…`); counts only with --witness-key.",
)
@click.option(
    "--witness-key",
    "witness_keys",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The public key of a witness; at least one of them must have cosigned each such head.",
)
@click.option("--save-head", type=click.Path(path_type=Path, dir_okay=False), help="Write the newest signed head here.")
@_FORMAT
def verify_ledger(
    heads: tuple[Path, ...],
    cosigned_files: tuple[Path, ...],
    witness_keys: tuple[Path, ...],
    save_head: Path | None,
    style: str,
) -> int:
    """Check every entry against the tree and its signed heads. Exit 1 names the first bad entry.

    Without a head that was kept elsewhere nobody can tell whether the end of the ledger was cut off; the answer says
    so.
    """
    from ...policies.ledger.verify import verify  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..people.senders import write_whole  # noqa: PLC0415 - as above

    if bool(cosigned_files) != bool(witness_keys):
        raise click.UsageError("--cosigned and --witness-key go together")
    witnesses = dict(witness_key_in(path) for path in witness_keys)
    with open_installation() as installation:
        ledger, key = installation.ledger, installation.keys.ledger_keys()
        cosigned = [cosigned_head(path, ledger.origin, key, witnesses) for path in cosigned_files]
        trusted = [head for path in heads for head in heads_in(path, ledger.origin, key)]
        trusted.extend(one.head for one in cosigned)
        found = verify(installation.database, key, origin=ledger.origin, trusted_heads=trusted)
        head = ledger.head() if found.ok else None
        now = installation.clock.now()
    if save_head is not None and head is not None:
        write_whole(save_head, head.note)
        note(f"head over {head.size} entries: {typed(save_head)}; keep it where this machine cannot write")
    if style == "json":
        emit_json(
            {
                "ok": found.ok,
                "entries": found.entries,
                "first_bad": found.first_bad,
                "problem": found.problem,
                "anchored": found.is_anchored,
                "anchored_size": found.anchored_size,
                "unanchored_since": found.unanchored_since,
                "missing_outcomes": [
                    {"seq": item.seq, "run_id": item.run_id, "call_id": item.call_id, "tool": item.tool}
                    for item in found.missing_outcomes
                ],
                "policy_hashes": list(found.policy_hashes),
                "payloads": found.payloads,
                "erased": found.erased,
                "cosigned": [
                    {"size": one.head.size, "witness": by.witness, "at": by.at} for one in cosigned for by in one.by
                ],
            }
        )
    else:
        click.echo(found.describe(now))
        if found.ok and found.erased:
            click.echo(f"{found.erased} payloads were erased, each of them by a record")
        for one in cosigned:
            click.echo(f"head over {one.head.size} entries: {vouched(one.by, now)}")
        for item in found.missing_outcomes:
            click.echo(f"no outcome: entry {item.seq}, {item.tool} in {item.run_id}")
    return 0 if found.ok else 1
