"""`opswarden reveal`: one value, for somebody who may, on the record first."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import Installation, open_installation
from opswarden.core.clock import FixedClock
from opswarden.core.errors import LedgerError
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.redaction.vault import Entry
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli

Write = Callable[[str], Path]
VALUE = "zoe.quist@example.org"
RUN = "run_0000000000000000000000000a"
ALLOWED = f'version = 1\n[people.{PERSON}]\nroles = ["reveal"]\n'
NOT_ALLOWED = f'version = 1\n[people.{PERSON}]\nroles = ["oncall"]\n'


def begin_run(installation: Installation, run_id: str = RUN, team: str = "platform") -> None:
    body = {"role": "triage", "on_behalf_of": "person:bo", "team": team}
    installation.ledger.append([LedgerEntry("run.started", run_id, body)])


@pytest.fixture
def mark(home: Path, write_settings: Write) -> str:
    """The placeholder of a value that lies in the vault of a run."""
    write_settings(ALLOWED)
    with open_installation() as installation:
        begin_run(installation)
        return installation.redaction.for_run(RUN, vault=installation.vault).text(VALUE)


def records(cli: Cli) -> list[dict[str, Any]]:
    entries = cli("audit", "tail", "-n", 500, "--format", "json").json
    return [entry["body"] for entry in entries if entry["kind"] == "vault.revealed"]


def test_a_person_with_the_role_is_shown_the_value_and_it_is_recorded(cli: Cli, mark: str) -> None:
    said = cli("reveal", RUN, mark, "--reason", f"call back {VALUE} about it", "--to-pipe")
    assert (said.code, said.out) == (0, f"{VALUE}\n")
    assert records(cli) == [
        {
            "placeholder": mark,
            "outcome": "shown",
            "code": "reveal",
            "by": f"person:{PERSON}",
            "roles": ["reveal"],
            "reason": "call back <EMAIL_ADDRESS> about it",
        }
    ]
    assert cli("audit", "verify").code in (0, 1)
    assert VALUE not in cli("audit", "tail", "-n", 500, "--format", "json").out


@pytest.mark.parametrize("form", ["{}", "{bare}", "{short}"])
def test_a_placeholder_may_be_typed_without_what_is_hard_to_type(cli: Cli, mark: str, form: str) -> None:
    typed = form.format(mark, bare=mark[1:-1], short=mark[1:].partition("·")[0])
    assert cli("reveal", RUN, typed, "--reason", "needed", "--to-pipe").out == f"{VALUE}\n"
    assert records(cli)[0]["placeholder"] == mark


@pytest.mark.parametrize("settings", [NOT_ALLOWED, "version = 1\n", ALLOWED + "[reveal]\nroles = []\n"])
def test_who_may_not_is_denied_and_that_is_recorded(cli: Cli, mark: str, write_settings: Write, settings: str) -> None:
    write_settings(settings)
    said = cli("reveal", RUN, mark, "--reason", "curious", "--to-pipe")
    assert (said.code, said.out) == (4, "")
    assert "another role" in said.err
    assert VALUE not in said.err
    (record,) = records(cli)
    assert (record["outcome"], record["code"], record["placeholder"]) == ("denied", "reveal-role", mark)


def test_the_role_can_be_another(cli: Cli, mark: str, write_settings: Write) -> None:
    write_settings(NOT_ALLOWED + '[reveal]\nroles = ["privacy", "oncall"]\n')
    assert cli("reveal", RUN, mark, "--reason", "needed", "--to-pipe").out == f"{VALUE}\n"


def test_another_teams_run_is_denied(cli: Cli, mark: str, write_settings: Write) -> None:
    write_settings(ALLOWED.replace("version = 1", 'version = 1\nteam = "fraud"'))
    said = cli("reveal", RUN, mark, "--reason", "needed", "--to-pipe")
    assert (said.code, said.out) == (4, "")
    assert records(cli)[0]["code"] == "reveal-team"


REFUSED: list[tuple[str, str, str, str]] = [
    ("a secret", "<SECRET·{nonce}>", "not-restorable", "nothing is kept"),
    ("a card number, even with a number", "<CREDIT_CARD_1·{nonce}>", "not-restorable", "nothing is kept"),
    ("a number that was never given", "<EMAIL_ADDRESS_2·{nonce}>", "unknown", "never issued"),
    ("a type that the run never met", "<IBAN_CODE_1·{nonce}>", "unknown", "never issued"),
    ("another run's mark", "<EMAIL_ADDRESS_1·zzzz>", "foreign", "another run"),
]


@pytest.mark.parametrize(("form", "outcome", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_shown_is_said_and_recorded(cli: Cli, mark: str, form: str, outcome: str, words: str) -> None:
    said = cli("reveal", RUN, form.format(nonce=mark[-5:-1]), "--reason", "needed", "--to-pipe")
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert [record["outcome"] for record in records(cli)] == [outcome]


def test_what_has_expired_is_gone_and_the_attempt_recorded(home: Path, write_settings: Write, cli: Cli) -> None:
    write_settings(ALLOWED)
    long_ago = FixedClock(datetime.now(UTC) - timedelta(days=30))
    with open_installation(clock=long_ago) as installation:
        begin_run(installation)
        mark = installation.redaction.for_run(RUN, vault=installation.vault).text(VALUE)
    said = cli("reveal", RUN, mark, "--reason", "needed", "--to-pipe")
    assert (said.code, said.out) == (2, "")
    assert "has expired" in said.err
    assert records(cli)[0]["outcome"] == "expired"


def test_without_a_ledger_nothing_is_shown(cli: Cli, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> tuple[int, ...]:
        raise LedgerError("the ledger cannot be written: disk full", remedy="free some space")

    monkeypatch.setattr(SqliteLedger, "append", full)
    said = cli("reveal", RUN, mark, "--reason", "needed", "--to-pipe")
    assert (said.code, said.out) == (3, "")
    assert VALUE not in said.err


def test_the_record_is_there_before_the_value_is_out(cli: Cli, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing fails, as on a terminal that went away: the ledger knows all the same."""
    import click

    echo = click.echo

    def broken(message: object = None, **options: Any) -> None:
        if message == VALUE:
            raise OSError("gone")
        echo(message, **options)

    with monkeypatch.context() as patch:
        patch.setattr(click, "echo", broken)
        assert cli("reveal", RUN, mark, "--reason", "needed", "--to-pipe").code == 3
    assert [record["outcome"] for record in records(cli)] == ["shown"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([RUN, "zoe.quist@example.org", "--reason", "x", "--to-pipe"], "not how a placeholder is written"),
        ([RUN, "<EMAIL_ADDRESS_1·k3f9> ", "--reason", "x", "--to-pipe"], "not how a placeholder is written"),
        (["run_nobody", "EMAIL_ADDRESS_1", "--reason", "x", "--to-pipe"], "knows no run"),
        ([RUN, "EMAIL_ADDRESS_1", "--reason", "  ", "--to-pipe"], "needs a reason"),
        ([RUN, "EMAIL_ADDRESS_1", "--reason", "x" * 501, "--to-pipe"], "needs a reason"),
        ([RUN, "EMAIL_ADDRESS_1", "--to-pipe"], "--reason"),
        ([RUN, "EMAIL_ADDRESS_1", "--reason", "x"], "no terminal"),
    ],
)
def test_what_is_asked_wrongly_is_an_error_and_no_value(
    cli: Cli, mark: str, arguments: Sequence[str], words: str
) -> None:
    said = cli("reveal", *arguments)
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert "zoe.quist" not in said.err
    assert records(cli) == []


def test_a_secret_typed_as_a_placeholder_is_not_recorded(cli: Cli, mark: str) -> None:
    said = cli("reveal", RUN, "AKIAIOSFODNN7EXAMPLE_1", "--reason", "oops", "--to-pipe")
    assert said.code == 2
    assert "AKIAIOSFODNN7EXAMPLE" not in said.err
    assert "AKIAIOSFODNN7EXAMPLE" not in str(records(cli))


def test_on_a_terminal_the_value_is_shown_and_cannot_play_tricks(home: Path, mark: str) -> None:
    with open_installation() as installation:
        installation.vault.numbers(RUN, [Entry("PERSON", "x", "Zoe\x1b[2J Quist")])
    who = f"import opswarden.apps.installation as i; i.current_person = lambda: {PERSON!r}\n"
    script = who + "from opswarden.apps.cli.main import main\nmain()"
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", script, "reveal", RUN, "PERSON_1", "--reason", "needed"]
    try:
        done = subprocess.run(command, stdout=follower, stderr=subprocess.PIPE, cwd=home, check=True)
        assert done.stderr == b""
        assert os.read(leader, 1_000) == b"Zoe\\x1b[2J Quist\r\n"
    finally:
        os.close(leader)
        os.close(follower)
