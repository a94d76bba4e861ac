"""`opswarden undo`, and `audit unknown` and `settle`: what a person at the keyboard can do about effects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.wiring import gate_factory, tools_of
from opswarden.policies.types import CallResult, Principal, Run
from opswarden.tests.apps.answers import PERSON, Answer
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.staging import PACKAGES, Stage

SETTINGS = (
    f'version = 1\npackages = ["levers:register"]\n[people.{PERSON}]\nroles = ["oncall"]\n'
    '[people.eve]\nroles = ["spectator"]\n[gate.stages.platform.production]\n"levers.pull" = "act"\n'
)


@pytest.fixture(autouse=True)
def _house(write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    write_settings(SETTINGS)
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))


def effects(home: Path) -> list[str]:
    return (home / "effects").read_text().splitlines()


def pull(cli: Cli, *, breaks: bool = False) -> CallResult:
    """An approved pull of the left lever by an agent."""

    def call() -> CallResult:
        with open_installation() as installation:
            gate = gate_factory(installation, tools_of(installation, None)).open_run(
                Run("run_1", Principal("triage", "system:test", "platform"), "test")
            )
            return gate.call("levers.pull", {"lever": "left"}, call_id="c")

    approve(cli, call().approval_id)
    if breaks:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("LEVERS_FILE")  # the tool breaks over it, and who knows what it did before
            return call()
    return call()


def approve(cli: Cli, approval_id: str | None) -> None:
    said = cli("approvals", "approve", approval_id, "--note", "go on")
    assert said.code == 0, said.err


def waiting(said: Answer) -> str:
    assert (said.code, said.out) == (5, "")
    return said.err.partition("opswarden approvals show ")[2].partition("`")[0]


def test_an_effect_is_taken_back_once_with_leave(cli: Cli, home: Path) -> None:
    done = pull(cli)
    said = cli("undo", done.seq)
    assert f"answered, `opswarden undo {done.seq}` goes on" in said.err
    shown = cli("approvals", "show", waiting(said), "--format", "json").json
    assert shown["preview"]["undoes"] == done.seq
    assert shown["requester"] == f"person:{PERSON}"
    approve(cli, waiting(said))
    said = cli("undo", done.seq)
    assert said.code == 0, said.err
    assert said.out.startswith(f"entry {done.seq} is undone by levers.pull (ledger entry ")
    again = cli("undo", done.seq, "--format", "json").json
    assert (again["status"], again["undoes"], again["run_id"]) == ("ok", done.seq, f"undo-{done.seq}-1")
    assert effects(home) == ["pulled left", "pulled left-back"]
    assert cli("audit", "verify").code == 0


def test_a_second_person_is_told_it_is_done(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = pull(cli)
    approve(cli, waiting(cli("undo", done.seq)))
    cli("undo", done.seq)
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: "bo")
    said = cli("undo", done.seq)
    assert (said.code, said.out) == (4, "")
    assert f"opswarden audit tail --run undo-{done.seq}-1" in said.err
    assert effects(home) == ["pulled left", "pulled left-back"]


def test_a_killed_undo_is_not_repeated(cli: Cli, home: Path, stage: Stage) -> None:
    done = pull(cli)
    approve(cli, waiting(cli("undo", done.seq)))
    assert stage.run(home, "undo", done.seq, die=("effect", "exit")).code == -9
    assert effects(home) == ["pulled left", "pulled left-back"]
    said = cli("undo", done.seq)
    assert (said.code, said.out) == (3, "")
    assert "not known whether this took effect" in said.err
    assert effects(home) == ["pulled left", "pulled left-back"]
    (found,) = cli("audit", "unknown", "--format", "json").json
    assert (found["run_id"], found["tool"]) == (f"undo-{done.seq}-1", "levers.pull")
    assert cli("audit", "settle", found["seq"], "--took-effect", "yes", "--note", "it is back").code == 0
    assert cli("undo", done.seq).code == 0
    assert effects(home) == ["pulled left", "pulled left-back"]


@pytest.mark.parametrize("seq", [0, 1, 99_999])
def test_what_cannot_be_undone_says_so(cli: Cli, seq: int) -> None:
    pull(cli)
    said = cli("undo", seq)
    assert (said.code, said.out) == (2, "")
    assert "fix:" in said.err


def test_an_unknown_outcome_is_shown_and_settled_by_who_may(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("audit", "unknown").out == "no effect has an unknown outcome\n"
    assert pull(cli, breaks=True).code == "outcome-unknown"
    assert "effects with an unknown outcome: 1" in cli("approvals", "list").err
    listed = cli("audit", "unknown")
    assert "levers.pull" in listed.out
    assert "outcome unknown" in listed.out
    (found,) = cli("audit", "unknown", "--format", "json").json
    words = ("audit", "settle", found["seq"], "--took-effect", "no", "--note", "zoe.quist@example.org looked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("opswarden.apps.installation.current_person", lambda: "eve")
        said = cli(*words)
        assert (said.code, said.out) == (4, "")
        assert "oncall" in said.err
    said = cli(*words)
    assert said.code == 0
    assert cli("audit", "unknown", "--format", "json").json == []
    assert cli(*words).code == 2
    assert "zoe.quist" not in cli("audit", "tail", "-n", 100, "--format", "json").out
    assert cli("audit", "verify").code == 0
