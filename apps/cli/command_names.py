"""What can be typed after `opswarden`, for runbooks that say it."""

from __future__ import annotations

import click


def command_names() -> frozenset[str]:
    """Every command of opswarden, those of a group with its name."""
    from .main import cli  # noqa: PLC0415 - every command is behind it, those that ask for this too

    found: set[str] = set()
    context = click.Context(cli)
    for name in cli.list_commands(context):
        found.add(name)
        entry = cli.get_command(context, name)
        if isinstance(entry, click.Group):
            found |= {f"{name} {below}" for below in entry.list_commands(context)}
    return frozenset(found)
