"""`opswarden runbook take|steps`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .console import emit_json, note

if TYPE_CHECKING:
    from ..runbooks.taking import Taken

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.command("take", short_help="Take a step of the runbook that a triage followed, with a person's leave.")
@click.argument("run_id", metavar="RUN")
@click.argument("step", type=click.IntRange(1, 500))
@_FORMAT
def take(run_id: str, step: int, style: str) -> int:
    """Let the triage agent take STEP of the page that the triage RUN followed: its calls in their order.

    Each passes the gate; what changes something waits for a person who sees exactly that call (exit code 5: repeat the
    command after they have agreed). It is recorded under the step, done once, and held against what the page expects:
    exit code 1 says that it did not hold. Commands are shown, and typed by nobody but you.
    """
    from ...core.errors import CallDenied  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..runbooks.taking import take_step  # noqa: PLC0415 - the same

    with open_installation() as installation:
        protect_logs(installation.redaction)
        taken = take_step(installation, run_id, step)
    if style == "json":
        emit_json(
            {
                "run_id": taken.run_id,
                "page": taken.page,
                "step": taken.number,
                "approval_id": taken.approval_id or None,
                "blocks": [vars(each) for each in taken.blocks],
            }
        )
    else:
        _show(taken)
    if taken.approval_id:
        note(f"waiting for a person: opswarden approvals show {taken.approval_id}")
        note("then run the same command again")
        return 5
    if taken.is_denied:
        last = next(each for each in taken.blocks if each.status == "denied")
        raise CallDenied(f"{last.what}: {last.message}", code="denied")
    return 0 if taken.is_well else 1


def _show(taken: Taken) -> None:
    from .approval_page import inert  # noqa: PLC0415 - as above

    click.echo(inert(f"{taken.page}, step {taken.number}: {taken.text}"))
    for each in taken.blocks:
        held = f", {each.held}" if each.held and each.held != "not judged" else ""
        entry = f" (ledger entry {each.seq})" if each.seq >= 0 else ""
        why = f": {each.message}" if each.message and each.status not in ("ok", "waits") else ""
        click.echo(inert(f"  {each.call_id}  {each.what}: {each.status}{held}{entry}{why}"))


@click.command("steps", short_help="What was done for the steps of a triage's runbook.")
@click.argument("run_id", metavar="RUN")
@_FORMAT
def steps(run_id: str, style: str) -> int:
    """List what the triage RUN read for the steps of its runbook, and what was taken of it since, as recorded."""
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..runbooks.taking import steps_of  # noqa: PLC0415 - as above
    from .approval_page import inert  # noqa: PLC0415 - as above

    with open_installation() as installation:
        found = steps_of(installation, run_id)
    if style == "json":
        emit_json(found)
        return 0
    for row in found:
        click.echo(inert(f"step {row['step']}  {row['tool']}: {row['outcome']}  {row['at']}  (entry {row['seq']})"))
    click.echo(f"{len(found)} calls for steps")
    return 0
