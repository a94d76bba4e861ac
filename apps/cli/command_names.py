"""What can be typed after `opswarden`, for runbooks that say it."""

from __future__ import annotations

import click


def command_names() -> frozenset[str]:
    """Every command of opswarden, those of a group with its name, and the options of each behind it."""
    from .main import cli  # noqa: PLC0415 - every command is behind it, those that ask for this too

    found: set[str] = set()
    context = click.Context(cli)
    for name in cli.list_commands(context):
        found.add(name)
        entry = cli.get_command(context, name)
        if isinstance(entry, click.Group):
            for below in entry.list_commands(context):
                found |= {f"{name} {below}", *_options(f"{name} {below}", entry.get_command(context, below))}
        else:
            found |= _options(name, entry)
    return frozenset(found)


def _options(path: str, command: click.Command | None) -> set[str]:
    """The long options of a command."""
    options = (
        option
        for each in (command.params if command is not None else ())
        for option in (*each.opts, *each.secondary_opts)
    )
    return {f"{path} {option}" for option in options if option.startswith("--")}
