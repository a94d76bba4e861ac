"""`opswarden demo`: a sandbox incident from nothing to a report."""

from __future__ import annotations

import shutil

import click

from .console import note, steps


@click.command("demo", short_help="Make a sandbox incident, triage it, show the report.")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another seed is another incident.")
@click.option(
    "--fault", default="bad_model_promotion", show_default=True, help="Which fault; `any` lets the seed choose."
)
@click.option("--reveal", is_flag=True, help="Say at the end what the true cause was.")
def command(seed: int, fault: str, reveal: bool) -> int:
    """Make an incident of a small, synthetic payments platform, triage it, and show the report.

    Needs no model, no network and no configuration.
    """
    from ...evals.cases import SNAPSHOT_FOLDER  # noqa: PLC0415 - keeps `--help` light
    from ...evals.worlds.spec import FAULT_NAMES, WorldSpec  # noqa: PLC0415 - the same
    from ...evals.worlds.world import write_case  # noqa: PLC0415 - the same
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..people.senders import ReportSender, write_whole  # noqa: PLC0415 - the same
    from ..runs import RunRequest  # noqa: PLC0415 - the same
    from .triage import finish, run  # noqa: PLC0415 - the same

    if fault == "any":
        fault = FAULT_NAMES[seed % len(FAULT_NAMES)]
    if fault not in FAULT_NAMES:
        raise click.UsageError(f"There is no fault of this name. Faults: {', '.join(FAULT_NAMES)}, any")
    with open_installation() as installation:
        folder = installation.state.root / "demo" / f"{fault.replace('_', '-')}-{seed}"
        if folder.exists():
            shutil.rmtree(folder)
        with steps("demo") as on_step:
            on_step("making a synthetic incident of a small payments platform")
            spec = WorldSpec.model_validate({"seed": seed, "fault": fault})
            case = write_case(spec, folder, progress=lambda text, share: on_step(f"writing {text} ({share:.0%})"))
        request = RunRequest(snapshot=folder / SNAPSHOT_FOLDER, on_behalf_of=f"person:{current_person()}")
        outcome = run(installation, request)
        if outcome.report is None:
            return finish(outcome, request)
        page = installation.state.reports / f"{outcome.run_id}.html"
        write_whole(page, ReportSender("html", click.echo).rendered(outcome.report))
    click.echo(f"HTML report:  {page}")
    click.echo(f"the incident: {folder / SNAPSHOT_FOLDER}")
    click.echo("what was recorded: opswarden audit tail     other incidents: opswarden demo --fault any --seed 3")
    if reveal:
        truth = case.truth()
        for cause in truth.causes:
            note(f"true cause: {cause.entity}, indicator {cause.indicator}, change {cause.change}")
        if not truth.causes:
            note("true cause: none, nothing is wrong")
    return 0
