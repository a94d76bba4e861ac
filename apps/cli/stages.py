"""`opswarden stages list|report|outcome|propose|apply|lower`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, out
from .typed import typed

if TYPE_CHECKING:
    from ...policies.proposals import Did, Report
    from ...policies.stage_records import InForce, Step
    from ...policies.types import Stage
    from ..installation import Installation

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_TEAM = click.option("--team", help="Whose runs; the team of this installation unless given.")
_ENVIRONMENT = click.option("--environment", default="production", show_default=True)
_STAGES = ("observe", "recommend", "act")


@click.group("stages", short_help="How far each tool may go, and the steps that change it.")
def command() -> None:
    """How far each tool may go per team and environment, and the recorded steps that change it.

    A step up cites how the tool's recorded proposals compared with what people did, and needs the yes of somebody else
    with a role in `gate.stage_owners`. A step down holds at once.
    """


@command.command("list")
@_TEAM
@_ENVIRONMENT
@click.option("--all", "everything", is_flag=True, help="Also the reads that are where they start.")
@_FORMAT
def list_stages(team: str | None, environment: str, everything: bool, style: str) -> int:
    """List the stage in force of every tool, and where it comes from."""
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..stages import declared_stages  # noqa: PLC0415 - the same

    with open_installation() as installation:
        stages = declared_stages(installation, environment)
        found = stages.all_in_force([team or installation.settings.team], [environment])
    shown = [
        one for one in found if everything or one.source != "default" or stages.effect_of(one.place.tool) != "read"
    ]
    if style == "json":
        emit_json([_as_json(one) for one in shown])
        return 0
    if not shown:
        click.echo("every tool is a read, at the stage where it starts; --all lists them")
        return 0
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("tool", "team", "environment", "stage", "from", "by"):
        table.add_column(name)
    for one in shown:
        place, step = one.place, one.step
        by = f"{step.by}, ledger entry {step.seq}" if step is not None and one.source == "record" else ""
        cells = (place.tool, typed(place.team), typed(place.environment), one.stage, one.source, by)
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)
    return 0


@command.command("report")
@click.argument("tool")
@_TEAM
@_ENVIRONMENT
@_FORMAT
def report_proposals(tool: str, team: str | None, environment: str, style: str) -> int:
    """Show how the recorded proposals of TOOL compare with what people did."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        found = _report(installation, tool, team, environment)
    if style == "json":
        emit_json({"tool": tool, **found.figures(), "list": [_proposal(one) for one in found.proposals]})
        return 0
    from ...policies.ledger.read import inert  # noqa: PLC0415 - as above

    for one in found.proposals:
        click.echo(f"{one.seq:>7}  {one.did or 'not judged':10}  {inert(one.resource)}  {one.run_id}")
    share, low, high = found.agreement
    click.echo(
        f"{len(found.proposals)} proposals, {len(found.judged)} judged: people did the same {found.count('same')}, "
        f"something else {found.count('other')}, nothing {found.count('nothing')}"
    )
    if found.judged:
        click.echo(f"agreement {share:.0%}, between {low:.0%} and {high:.0%} (95 %)")
    if found.is_cut:
        click.echo("older records were not read")
    return 0


@command.command("outcome")
@click.argument("seq", type=click.IntRange(min=0))
@click.option("--did", type=click.Choice(["same", "other", "nothing"]), required=True, help="What people did.")
@click.option("--note", default="", help="Where to look it up; goes into the ledger after redaction.")
def judge(seq: int, did: Did, note: str) -> int:
    """Say what people did where the tool made the proposal in ledger entry SEQ."""
    from ...policies.proposals import Judgements  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        judgements = Judgements(installation.ledger, installation.redaction.scrub)
        entry = judgements.judge(seq, did, by=f"person:{current_person()}", note=note)
    click.echo(f"recorded in ledger entry {entry}")
    return 0


@command.command("propose")
@click.argument("tool")
@click.option("--to", type=click.Choice(_STAGES[1:]), required=True)
@click.option("--reason", required=True, help="Why; goes into the ledger after redaction.")
@_TEAM
@_ENVIRONMENT
def propose(tool: str, to: Stage, reason: str, team: str | None, environment: str) -> int:
    """Ask for a step up, citing the report. Exit 5: somebody else has to approve it."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..stages import stage_steps  # noqa: PLC0415 - as above

    with open_installation() as installation:
        steps = stage_steps(installation, environment)
        found = _report(installation, tool, team, environment)
        asked = steps.propose(found, to, by=f"person:{current_person()}", reason=reason)
    click.echo(f"waits for a person with the role {' or '.join(asked.roles)}: {asked.id}")
    click.echo(f"next, by somebody else: opswarden approvals approve {asked.id}")
    return 5


@command.command("apply")
@click.argument("approval_id", metavar="ID")
def apply(approval_id: str) -> int:
    """Make a step hold that was approved elsewhere than on this command line."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        step = settle(installation, approval_id)
    click.echo(told(step))
    return 0


@command.command("lower")
@click.argument("tool")
@click.option("--to", type=click.Choice(_STAGES[:2]), default="observe", show_default=True)
@click.option("--reason", required=True, help="Why; goes into the ledger after redaction.")
@_TEAM
@_ENVIRONMENT
def lower(tool: str, to: Stage, reason: str, team: str | None, environment: str) -> int:
    """Take TOOL a step down, at once; whatever the configuration says."""
    from ...policies.stage_records import Place  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..stages import stage_steps  # noqa: PLC0415 - as above

    with open_installation() as installation:
        place = Place(tool, team or installation.settings.team, environment)
        by = f"person:{current_person()}"
        step = stage_steps(installation, environment).lower(place, to, by=by, reason=reason)
    click.echo(told(step))
    return 0


def settle(installation: Installation, approval_id: str) -> Step:
    """Make an approved step hold; also for `approvals approve`."""
    from ..stages import stage_steps  # noqa: PLC0415 - as above

    environment = installation.approvals.get(approval_id).environment
    return stage_steps(installation, environment).settle(approval_id)


def told(step: Step) -> str:
    """A step in words."""
    place = step.place
    return f"{place.tool} of {place.team} in {place.environment} is at {step.stage} (ledger entry {step.seq})"


def _report(installation: Installation, tool: str, team: str | None, environment: str) -> Report:
    from ...policies.proposals import report  # noqa: PLC0415 - as above
    from ...policies.stage_records import Place  # noqa: PLC0415 - as above

    return report(installation.ledger, Place(tool, team or installation.settings.team, environment))


def _as_json(one: InForce) -> dict[str, Any]:
    step = one.step
    return {
        "tool": one.place.tool,
        "team": typed(one.place.team),
        "environment": typed(one.place.environment),
        "stage": one.stage,
        "source": one.source,
        "configured": one.configured,
        "step": None
        if step is None
        else {
            "stage": step.stage,
            "configured": step.configured,
            "by": step.by,
            "approval_id": step.approval_id or None,
            "set_at": step.set_at,
            "seq": step.seq,
        },
    }


def _proposal(one: Any) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "run_id": one.run_id,
        "proposed_at": one.proposed_at,
        "resource": one.resource,
        "args": one.args,
        "did": one.did,
        "judge": one.judge or None,
    }
