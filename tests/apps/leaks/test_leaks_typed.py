"""A value that somebody types into any parameter of any command comes out nowhere: a new command is tried by itself."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.leaks.every_command import Typed, commands, typed_into
from opswarden.tests.apps.leaks.leaks import bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.leaks.test_leaks_everywhere import TYPED
from opswarden.tests.redaction.effort import LONG

NOT_RUN = {
    ("serve",): "serves until it is told to end",
    ("worker",): "works until it is told to end",
    ("web",): "serves until it is told to end",
    ("gateway",): "serves until it is told to end",
    ("mcp",): "serves until its client goes",
    ("eval", "all"): "measures for minutes whatever it is given",
    ("eval", "fleet"): "writes a fleet of any size where it is told to",
}
"""Commands that would not come back; what is typed into them is their operator's, and passes the same edge."""
KEPT_AS_TYPED = {
    "stop": "a name in the kill switch has to match to the letter",
    "opswarden.toml": "what `config init` is told is a setting",
}
"""Files that hold what was typed because somebody asked for just that."""


def lines() -> list[Typed]:
    """`make test` takes for each command another parameter than the next; `make soak` takes all."""
    found = []
    for place, (path, command) in enumerate(commands()):
        if path not in NOT_RUN:
            values = TYPED[place % len(TYPED) :] + TYPED[: place % len(TYPED)]
            typed = list(typed_into(path, command, values))
            found += (
                typed if LONG or not typed else [typed[place % len(typed)], *(one for one in typed if _echoed(one))]
            )
    return list(dict.fromkeys(found))


def _echoed(typed: Typed) -> bool:
    """Whether the command repeats what it was told: files that it wrote, names that it was asked about."""
    return typed.argv[0] in ("stop", "go", "stages", "budget") or typed.parameter in (
        "out",
        "save_key",
        "save_head",
        "target",
    )


def test_what_is_not_run_is_there() -> None:
    assert {path for path, _ in commands()} >= set(NOT_RUN)


def test_what_is_typed_into_any_parameter_comes_out_nowhere(
    cli: Cli, home: Path, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    tried = lines()
    assert len({each.argv[:2] for each in tried}) > 100
    needles = telling_parts(TYPED, "a command")
    found = {}
    for each in tried:
        caplog.clear()
        said = cli(*each.argv)
        logged = "\n".join(repr(record.__dict__) + record.getMessage() for record in caplog.records)
        assert "internal error" not in said.err, each.name
        if leaks := leaks_in(f"{said.out}\n{said.err}\n{logged}".encode(), needles):
            found[each.name] = leaks
    for name, content in (*bytes_below(home), *bytes_below(temporary)):
        if name not in KEPT_AS_TYPED and (leaks := leaks_in(content, needles)):
            found[name] = leaks
    assert found == {}
    assert logging.root.level == 0
