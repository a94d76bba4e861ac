"""`opswarden undo SEQ`: take an effect back, once."""

from __future__ import annotations

import click

from .console import emit_json
from .typed import typed


@click.command("undo", short_help="Take an effect back that its tool can undo.")
@click.argument("seq", type=click.IntRange(0), metavar="SEQ")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(seq: int, style: str) -> int:
    """Take back the effect that entry SEQ of the ledger records, as its tool says how.

    The call that does it is decided by the policies and approved and recorded like any other, on your behalf. It is
    made once: repeat the command after somebody has approved it, or after a crash. Only tools of the listed packages
    have effects.
    """
    from ...core.errors import ApprovalRequired, CallDenied, ToolFailed  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..undo import undo_effect  # noqa: PLC0415 - the same

    with open_installation() as installation:
        protect_logs(installation.redaction)
        run_id, result = undo_effect(installation, seq)
    if style == "json":
        emit_json({"run_id": run_id, "undoes": seq, **vars(result)})
    if result.approval_id:
        raise ApprovalRequired(
            f"{result.tool}: {result.message}",
            approval_id=result.approval_id,
            remedy=f"see `opswarden approvals show {result.approval_id}`; answered, `opswarden undo {seq}` goes on",
        )
    if result.status == "denied":
        raise CallDenied(f"{result.tool}: {result.message}", code=result.code)
    if result.status == "error":
        raise ToolFailed(f"{result.tool}: {result.message}", remedy=f"`opswarden audit tail --run {run_id}`")
    if style == "terminal":
        click.echo(f"entry {seq} is undone by {result.tool} (ledger entry {result.seq}, run {typed(run_id)})")
    return 0
