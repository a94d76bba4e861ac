"""Every command there is, and each of them with a value that somebody has typed into one of its parameters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import click

from opswarden.apps.cli.main import cli
from opswarden.tests.redaction.planting import Planted

_NUMBERS = (click.types.IntParamType, click.types.FloatParamType)


class Typed(NamedTuple):
    """A command line, and what was typed into which parameter of it."""

    argv: tuple[str, ...]
    parameter: str
    planted: Planted

    @property
    def name(self) -> str:
        return f"{' '.join(self.argv[:3])} ({self.parameter})"


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Each command with its words; groups too, where they do something by themselves."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        here = (*path, name)
        if not isinstance(command, click.Group):
            yield here, command
            continue
        if command.invoke_without_command:
            yield here, command
        yield from commands(command, here)


def typed_into(path: tuple[str, ...], command: click.Command, planted: tuple[Planted, ...]) -> Iterator[Typed]:
    """The command once for each parameter that takes a text, which holds one of the values by turns."""
    # A number is what it is: what is typed where one belongs has to be something else.
    texts = itertools.cycle(planted)
    no_numbers = itertools.cycle([each for each in planted if not each.kind.startswith("card")])
    for target in command.params:
        if isinstance(target, click.Option) and (target.is_flag or target.count):
            continue
        chosen = next(no_numbers if isinstance(target.type, _NUMBERS) else texts)
        argv = [*path]
        for each in dict.fromkeys([*(one for one in command.params if one.required), target]):
            given = chosen.value if each is target else _plain(each)
            argv += [each.opts[0], given] if isinstance(each, click.Option) else [given] * max(1, each.nargs)
        yield Typed(tuple(argv), target.name or "", chosen)


def _plain(parameter: click.Parameter) -> str:
    if isinstance(parameter.type, click.Choice):
        return str(next(iter(parameter.type.choices)))
    return "1" if isinstance(parameter.type, _NUMBERS) else "x"
