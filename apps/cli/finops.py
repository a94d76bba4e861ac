"""`opswarden finops`: its commands, none of them imported before it is run."""

from __future__ import annotations

import importlib

import click

_COMMANDS: dict[str, tuple[str, str]] = {
    "analyze": ("finops_analyze", "Look at a fleet, say what can be saved, and write the week down."),
    "report": ("finops_report", "The week's report as a page, text, JSON or CSV; the book is left as it is."),
    "recommendations": ("finops_recommendations", "List, show, claim, snooze or dismiss; say what was applied."),
    "patches": ("finops_patches", "Changes as files, one folder per owner, or on a branch."),
    "rollback": ("finops_rollback", "Propose the way back of a change that did harm."),
    "ask": ("finops_ask", "Ask why a bill moved."),
    "demo": ("finops_demo", "Invent a fleet, say what can be saved in it, show the page."),
    "cost": ("finops_cost", "What things cost, by whom, and whether it ties to the invoices."),
    "why": ("finops_why", "Why a bill moved between two months."),
}
"""Name: the module here, and the line that `--help` shows."""


class _LazyGroup(click.Group):
    """A group that imports a command when it is run, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f".{_COMMANDS[cmd_name][0]}", __package__).command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.group("finops", cls=_LazyGroup, short_help="What the platform costs, why, and what could be saved.")
def command() -> None:
    """What the platform costs, why it moved, and what could be saved."""
