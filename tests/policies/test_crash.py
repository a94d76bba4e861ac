"""`kill -9` at every boundary of a call: no effect twice, none forgotten, the ledger whole."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds import ACT, World
from wreckage import check_ledger, run_worker

from opswarden.policies.types import Audience, CallResult, ModelRequest, Notice


@pytest.fixture(scope="module")
def wrecks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder per case, left behind by a process that was killed there."""
    root = tmp_path_factory.mktemp("wrecks")
    ended = run_worker("points", str(root))
    assert set(ended.values()) == {-signal.SIGKILL}, ended
    return root


@pytest.fixture
def resumed(wrecks: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    world = World(wrecks / request.param, stages=ACT)
    yield world
    world.database.close()


def again(world: World, kind: str) -> CallResult:
    calls = {
        "write": ("rollouts.rollback", {"service": "checkout", "revision": 3}),
        "checked": ("models.revert", {"service": "checkout", "revision": 3}),
        "read": ("logs.search", {"query": "x"}),
    }
    name, args = calls[kind]
    return world.open().call(name, args, call_id="c")


EXPECTED: list[tuple[str, str, int]] = [
    # case, code of the resumed call, effects in the end
    ("write-reserved", "writes.approved", 1),
    ("write-decided", "writes.approved", 1),
    ("write-intent", "outcome-unknown", 0),
    ("write-effect", "outcome-unknown", 1),
    ("write-outcome", "outcome-unknown", 1),
    ("write-returned", "writes.approved", 1),
    ("checked-reserved", "writes.approved", 1),
    ("checked-decided", "writes.approved", 1),
    ("checked-intent", "outcome-unknown", 0),
    ("checked-effect", "reconciled", 1),
    ("checked-outcome", "reconciled", 1),
    ("checked-returned", "writes.approved", 1),
    ("read-reserved", "reads.triage", 1),
    ("read-decided", "reads.triage", 1),
    ("read-intent", "reads.triage", 1),
    ("read-effect", "reads.triage", 2),
    ("read-outcome", "reads.triage", 2),
    ("read-returned", "reads.triage", 1),
]


@pytest.mark.parametrize(
    ("resumed", "code", "effects"), EXPECTED, ids=[row[0] for row in EXPECTED], indirect=["resumed"]
)
def test_a_killed_call_is_taken_up_without_a_second_effect(resumed: World, code: str, effects: int) -> None:
    kind = resumed.root.name.partition("-")[0]
    first = again(resumed, kind)
    assert first.code == code
    assert len(resumed.effects.all()) == effects
    assert again(resumed, kind).code == code
    assert len(resumed.effects.all()) == effects
    check_ledger(resumed)


@pytest.mark.parametrize("resumed", ["tell-intent", "tell-effect"], indirect=True)
def test_a_killed_message_is_not_sent_again(resumed: World) -> None:
    before = len(resumed.effects.all())
    result = resumed.open().tell(Audience("chat", "#x", "payments"), Notice("report", {"text": "x"}), call_id="c")
    assert result.status == "unknown"
    assert len(resumed.effects.all()) == before == (1 if "effect" in resumed.root.name else 0)
    check_ledger(resumed)


@pytest.mark.parametrize("resumed", ["prompt-intent"], indirect=True)
def test_a_killed_request_is_made_again(resumed: World) -> None:
    request = ModelRequest(({"role": "user", "content": "x"},))
    assert resumed.open().prompt(request, endpoint="hosted", call_id="c").text == "fine"
    assert resumed.open().spent().prompts == 2, "the lost one is paid for as well"
    check_ledger(resumed)


def test_a_sample_of_random_deaths(tmp_path: Path) -> None:
    random_deaths(tmp_path, seed=7, count=5)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_hundreds_of_random_deaths(tmp_path: Path) -> None:
    random_deaths(tmp_path, seed=int(os.environ.get("OPSWARDEN_SEED", "1")), count=500)


def random_deaths(root: Path, *, seed: int, count: int) -> None:
    ended = run_worker("random", str(root), str(seed), str(count))
    assert -signal.SIGKILL in ended.values()
    for case in ended:
        if not (root / case / "gate.sqlite").exists():
            continue  # killed before it had begun
        world = World(root / case, stages=ACT)
        gate = world.open()
        for n in range(40):
            args = {"service": f"s{n}", "revision": 1}
            row = gate._desk._journal.find("call", f"w{n}")
            if row is None:
                continue
            result = gate.call("rollouts.rollback", args, call_id=f"w{n}")
            done = [effect for effect in world.effects.of("rollouts.rollback") if effect[1] == f"s{n}"]
            assert len(done) <= 1
            assert (result.status == "ok") <= (len(done) == 1)
        check_ledger(world)
        world.database.close()
