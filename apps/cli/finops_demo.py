"""`opswarden finops demo`: an invented fleet from nothing to a report."""

from __future__ import annotations

import shutil

import click

from .console import note, steps


@click.command("demo", short_help="Invent a fleet, say what can be saved in it, show the page.")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True, help="Another seed is another fleet.")
@click.option("--reveal", is_flag=True, help="Say at the end what was planted.")
def command(seed: int, reveal: bool) -> int:
    """Invent eight weeks of a small payments company's workloads and their bill, and report what can be saved.

    Needs no model, no network and no configuration.
    """
    from ...evals.fleets.fleet import write_fleet  # noqa: PLC0415 - keeps `--help` light
    from ...evals.fleets.labels import read_labels  # noqa: PLC0415 - the same
    from ...evals.fleets.spec import FleetSpec  # noqa: PLC0415 - the same
    from ..finops.requests import FinopsRequest  # noqa: PLC0415 - the same
    from ..finops.senders import FinopsSender  # noqa: PLC0415 - the same
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..people.senders import write_whole  # noqa: PLC0415 - the same
    from .finops_analyze import finish, run  # noqa: PLC0415 - the same

    with open_installation() as installation:
        folder = installation.state.root / "demo" / f"fleet-{seed}"
        if folder.exists():
            shutil.rmtree(folder)
        with steps("demo") as on_step:
            on_step("inventing eight weeks of a payments company's workloads, and their bill")
            fleet = write_fleet(FleetSpec(seed=seed), folder)
        request = FinopsRequest(fleet=fleet, on_behalf_of=f"person:{current_person()}", trigger="demo")
        outcome = run(installation, request)
        if outcome.report is None:
            return finish(outcome, request)
        page = installation.state.reports / f"{outcome.run_id}.html"
        write_whole(page, FinopsSender("html", click.echo).rendered(outcome.report))
    click.echo(f"HTML report:  {page}")
    click.echo(f"the fleet:    {fleet}")
    click.echo("next:         opswarden finops recommendations list     opswarden finops patches --out patches")
    if reveal:
        for label in read_labels(folder).planted:
            note(f"planted: {label.situation}: {label.subject}: {label.must}")
    return 0
