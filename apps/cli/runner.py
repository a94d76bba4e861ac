"""`opswarden runner`: what holds of an agent process on this machine."""

from __future__ import annotations

import click

from .console import emit_json

WORDS = {
    "user": "another user than the runner's",
    "files": "a view of files without the state directory, settings and other processes",
    "network": "no network; the gate's socket is the only way out",
}


@click.group("runner", short_help="Say what holds of agent processes on this machine.")
def command() -> None:
    """Graphs and packages' agents can run in a process that holds nothing: `opswarden triage SNAPSHOT --apart`."""


@command.command("check", short_help="Start an agent process and say what it is kept from.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def check(style: str) -> int:
    """Start an agent process and say what it is kept from. Exit 1 if something does not hold that must."""
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..runner.process import PROTECTIONS, look  # noqa: PLC0415 - the same
    from ..runner.refusals import Refusals  # noqa: PLC0415 - the same

    with open_installation() as installation:
        settings = installation.settings.runner
        refusals = Refusals(installation.ledger, "installation")
        held = look(settings, installation.state.root, refusals, installation.clock)
    missing = settings.least - held.protections
    if style == "json":
        protections = {name: name in held.protections for name in PROTECTIONS}
        emit_json({**protections, "system_calls": False, "least": sorted(settings.least), "problem": held.problem})
        return 1 if missing else 0
    for name in PROTECTIONS:
        mark = "holds   " if name in held.protections else "MISSING " if name in missing else "missing "
        click.echo(f"{mark} {name:13} {WORDS[name]}")
    click.echo(f"missing  {'system calls':13} they are not filtered (no seccomp)")
    if held.problem:
        click.echo(f"         {held.problem}")
    return 1 if missing else 0
