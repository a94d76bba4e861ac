"""`opswarden platform`: a group whose commands are imported when they are run."""

from __future__ import annotations

import importlib

import click

_COMMANDS = {
    "check": ("platform_models", "check", "Check a version of a model before it is promoted."),
    "promote": ("platform_models", "promote", "Make a version the champion, through its checks."),
    "rollback": ("platform_models", "rollback", "Give a model back to its last approved champion."),
    "history": ("platform_models", "history", "Who moved the alias of a model, when and why."),
    "sign-off": ("platform_models", "sign_off", "Sign a version of a model off, with a role that you hold."),
    "canary": ("platform_canary", "canary", "Judge a rollout by its numbers; abort it on request."),
}
"""Name: module here, attribute, and the line that `--help` shows."""


class _LazyCommands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = _COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = getattr(importlib.import_module(f".{entry[0]}", __package__), entry[1])
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in _COMMANDS.items()])


@click.group("platform", cls=_LazyCommands, short_help="Models, features and rollouts.")
def command() -> None:
    """Look after models, features and rollouts: checks, promotions and ways back, through the gate."""
