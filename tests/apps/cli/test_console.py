"""What commands print is text, whatever the systems call their things."""

from __future__ import annotations

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
