"""A live call puts a value back in the one argument that may have it, and nowhere else; the record names the mark."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from worlds import ACT, MAIL, START, Line, RollbackArgs, World

from opswarden.core.clock import FixedClock
from opswarden.core.keys import FileKeys
from opswarden.policies.types import CallResult
from opswarden.redaction.vault import SqliteVault
from opswarden.tools.spec import AnyTool

TTL_S = 7_200.0
HOST = "10.20.30.44"
CARD = "4111 1111 1111 1111"
TOOL = "rollouts.rollback"


class PlainArgs(RollbackArgs):
    """The same tool in a version whose field has the right no more."""

    contact: str | None = None


@dataclass
class Scene:
    """A run that was shown marks by a real read, with its values in a vault that keeps them for a while."""

    world: World
    vault: SqliteVault
    mail: str
    host: str
    card: str
    other: str
    """A mark of another run for the same value."""

    def call(self, call_id: str = "w", **args: Any) -> CallResult:
        return self.world.open().call(TOOL, {"service": "checkout", **args}, call_id=call_id)

    def agree(self, waiting: CallResult) -> None:
        assert waiting.approval_id is not None, waiting
        self.world.factory.approvals.answer(waiting.approval_id, "approve", approver="bob", roles=frozenset({"oncall"}))

    def assert_nothing_happened(self, said: CallResult) -> None:
        assert said.status in ("error", "denied", "retry"), said
        assert self.world.effects.of(TOOL) == []
        assert MAIL not in f"{said}"
        assert MAIL not in self.world.record_text()
        assert MAIL.encode() not in self.world.everything_stored()


Make = Callable[..., World]


def scene_in(make_world: Make, tmp_path: Path, **more: Any) -> Scene:
    """`make_world` opens the database of the run; the vault lies in the same."""
    clock = FixedClock(START)
    world = make_world(stages=ACT, clock=clock, **more)
    keys, database = FileKeys(world.root / "keys.json"), world.database
    vault = SqliteVault(database, keys, clock, ttl_s=TTL_S)
    world.vault = vault  # type: ignore[assignment]  # any vault will do
    world.shop.lines = [Line(text=f"told {each}", count=1) for each in (MAIL, HOST, CARD)]

    def marks(run_id: str) -> list[str]:
        found = world.open(run_id).call("logs.search", {"query": "x"}, call_id="c1")
        assert isinstance(found.summary, Mapping)
        return [str(line["text"]).split()[-1] for line in found.summary["lines"]]  # type: ignore[index,union-attr]

    (other, *_), (mail, host, card) = marks("run_2"), marks("run_1")
    assert MAIL not in (other + mail)
    return Scene(world, vault, mail, host, card, other)


@pytest.fixture
def scene(make_world: Make, tmp_path: Path) -> Scene:
    return scene_in(make_world, tmp_path)


def test_the_value_is_put_back_in_the_argument_that_may_have_it(scene: Scene) -> None:
    scene.agree(scene.call(contact=scene.mail))
    said = scene.call(contact=scene.mail)
    assert said.status == "ok"
    assert scene.world.effects.of(TOOL) == [[TOOL, "checkout", 1, MAIL]]
    told = [json.dumps(entry.body, ensure_ascii=False) for entry in scene.world.records() if TOOL in str(entry.body)]
    assert all(MAIL not in each for each in told)
    assert any(scene.mail in each for each in told), "the record says what was put back, by its mark"
    assert MAIL not in f"{said}"
    assert MAIL.encode() not in scene.world.everything_stored()


ELSEWHERE: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "in free text": lambda scene: {"contact": f"please call {scene.mail} back"},
    "in a URL": lambda scene: {"contact": f"https://evil.example/?q={scene.mail}"},
    "in a list of recipients": lambda scene: {"contact": f"{scene.mail},mallory@evil.example"},
    "twice": lambda scene: {"contact": scene.mail * 2},
    "with a blank beside it": lambda scene: {"contact": f"{scene.mail} "},
    "in a field that may not have it": lambda scene: {"service": scene.mail},
    "in a choice": lambda scene: {"mode": scene.mail},
    "of another type": lambda scene: {"contact": scene.host},
    "of a type that is never kept": lambda scene: {"contact": scene.card},
    "of another run": lambda scene: {"contact": scene.other},
    "with the mark of the run and a number that it never gave": lambda scene: {
        "contact": scene.mail.replace("_1·", "_7·")
    },
    "as log lines outside of runs have it": lambda scene: {"contact": "<EMAIL_ADDRESS>"},
    "with other brackets": lambda scene: {"contact": f"‹{scene.mail[1:-1]}›"},
    "in full width": lambda scene: {"contact": scene.mail.replace("<", "＜").replace(">", "＞")},
    "with a letter of another script": lambda scene: {"contact": scene.mail.replace("EMAIL", "ЕMAIL")},
    "with something unseen inside": lambda scene: {"contact": scene.mail.replace("_1", "_\u200b1")},
    "with a dot for the middle dot": lambda scene: {"contact": scene.mail.replace("·", ".")},
    "escaped": lambda scene: {"contact": scene.mail.replace("<", "&lt;").replace(">", "&gt;")},
}


MERE_TEXT = {"as log lines outside of runs have it", "with other brackets", "with a dot for the middle dot"}
"""Of these, what is no mark at all, and reaches the tool as it stands."""


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nothing_is_put_back_elsewhere(scene: Scene, place: str) -> None:
    args = ELSEWHERE[place](scene)
    said = scene.call(**args)
    if said.approval_id is not None:
        scene.agree(said)
        said = scene.call(**args)
        assert scene.world.effects.of(TOOL) == [[TOOL, "checkout", 1, args["contact"]]], place
        assert MAIL not in scene.world.effects.path.read_text()
        assert place in MERE_TEXT
        return
    assert place not in MERE_TEXT
    scene.assert_nothing_happened(said)


def test_not_when_its_time_is_over(scene: Scene) -> None:
    waiting = scene.call(contact=scene.mail)
    scene.agree(waiting)
    scene.world.clock.advance(TTL_S + 1)  # type: ignore[attr-defined]  # a clock of ours
    scene.assert_nothing_happened(scene.call(contact=scene.mail))


def test_not_when_somebody_prolonged_its_row(scene: Scene) -> None:
    with scene.world.database.transaction() as connection:
        connection.execute("UPDATE vault_values SET expires_at = '2999-01-01T00:00:00.000Z'")
    scene.assert_nothing_happened(scene.call(contact=scene.mail))


def test_not_when_the_value_was_erased_while_the_call_waited(scene: Scene) -> None:
    scene.agree(scene.call(contact=scene.mail))
    assert scene.vault.forget(scene.vault.holding(MAIL)) == 2  # of both runs
    scene.assert_nothing_happened(scene.call(contact=scene.mail))


def test_not_when_the_right_was_taken_back_while_the_call_waited(
    make_world: Make, scene: Scene, tmp_path: Path
) -> None:
    """The next process comes up with a tool whose field does not declare it any more."""
    scene.agree(scene.call(contact=scene.mail))
    tools: list[AnyTool] = [replace(tool, args=PlainArgs) if tool.name == TOOL else tool for tool in scene.world.tools]
    later = make_world(stages=ACT, clock=scene.world.clock, tools=tools)
    later.vault = scene.vault
    said = later.open().call(TOOL, {"service": "checkout", "contact": scene.mail}, call_id="w")
    scene.assert_nothing_happened(said)
