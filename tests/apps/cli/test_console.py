"""What commands print is text, whatever the systems call their things."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from opswarden.apps.cli.console import emit_json, err, note, out

STEERING = "\x1b[2Jgone\x1b]8;;https://evil.example\x07here\x1b]8;;\x07 \u202eback\x9bm"
MARKUP = "[link=https://evil.example]here[/link] [red]no[/red] :warning:"


def _printed(text: str) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(text)
    table.add_row(text)
    table.add_row(Text(text))
    for console in (out(), err()):
        console.print(text)
        console.print(table)
    note(text)
    emit_json({"name": text})


@pytest.mark.parametrize("text", [STEERING, MARKUP])
def test_nothing_steers_the_terminal_and_nothing_is_markup(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    _printed(text)
    both = capsys.readouterr()
    for printed in both:
        assert not [character for character in printed if character != "\n" and not character.isprintable()]
        assert "evil.example" in printed
    assert "\\u001b[2Jgone" in both.out or "[red]no[/red] :warning:" in both.out


_SAYS = f"""
import click, sys
from opswarden.apps.cli import main
from opswarden.apps.cli.console import out

def says(**_):
    click.echo({STEERING!r})
    print({STEERING!r}, file=sys.stderr)
    sys.stdout.writelines([{STEERING!r}])
    out().print("coloured", style="red")

main.cli.main = says
main.main()
"""


@pytest.mark.parametrize("is_terminal", [True, False])
def test_whatever_way_a_command_prints_a_terminal_obeys_nothing(is_terminal: bool) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": ""}
    with subprocess.Popen(
        [sys.executable, "-c", _SAYS],
        stdin=subprocess.DEVNULL,
        stdout=theirs if is_terminal else subprocess.PIPE,
        stderr=theirs if is_terminal else subprocess.STDOUT,
        env=environment,
    ) as child:
        os.close(theirs)
        said = b""
        if child.stdout is not None:
            said = child.stdout.read()
        else:
            with suppress(OSError):  # so a terminal says that the other end has gone
                while part := os.read(ours, 65_536):
                    said += part
    os.close(ours)
    text = said.decode()
    assert text.count("evil.example") == 3
    assert ("\x1b[2J" in text) is not is_terminal, "a pipe gets what there is"
    assert ("\x9b" in text or "\u202e" in text) is not is_terminal
    assert ("\x1b[31m" in text) is is_terminal, "colours of ours stay"
