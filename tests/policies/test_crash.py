"""`kill -9` at every boundary of a call: no effect twice, none forgotten, the ledger whole."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from worlds import ACT, World
from wreckage import check_ledger, run_worker

from opswarden.policies.ledger.verify import verify
from opswarden.policies.types import Audience, CallResult, ModelRequest, Notice
from opswarden.tests.policies.crash_worker import PAIRED_WRITES, database_of
from opswarden.tests.postgres_peer import PostgresPeer


@dataclass(frozen=True)
class Wrecks:
    """One folder per case, left behind by a process that was killed there; `url` is empty for SQLite."""

    root: Path
    url: str

    def world(self, case: str) -> World:
        """The installation that comes up on what is left."""
        folder = self.root / case
        return World(folder, stages=ACT, database=database_of(folder, self.url))


def empty(root: Path, kind: str, request: pytest.FixtureRequest) -> Wrecks:
    if kind == "sqlite":
        return Wrecks(root, "")
    peer: PostgresPeer = request.getfixturevalue("postgres")
    return Wrecks(root, peer.url(peer.new_database()).get_secret_value())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def wrecks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Wrecks:
    found = empty(tmp_path_factory.mktemp("wrecks"), request.param, request)
    ended = run_worker("points", str(found.root), found.url)
    assert set(ended.values()) == {-signal.SIGKILL}, ended
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Wrecks:
    """Where random deaths will happen."""
    return empty(tmp_path, request.param, request)


@pytest.fixture
def resumed(wrecks: Wrecks, request: pytest.FixtureRequest) -> Iterator[World]:
    world = wrecks.world(request.param)
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


def test_a_sample_of_random_deaths(scene: Wrecks) -> None:
    random_deaths(scene, seed=7, count=5)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_hundreds_of_random_deaths(scene: Wrecks) -> None:
    random_deaths(scene, seed=int(os.environ.get("OPSWARDEN_SEED", "1")), count=500)


def test_a_sample_of_pairs_that_die_at_one_run(scene: Wrecks) -> None:
    pairs_of_deaths(scene, seed=7, count=2)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_hundreds_of_deaths_in_pairs_at_one_run(scene: Wrecks) -> None:
    pairs_of_deaths(scene, seed=int(os.environ.get("OPSWARDEN_SEED", "1")), count=125)


def test_pairs_die_while_the_database_comes_and_goes(scene: Wrecks, request: pytest.FixtureRequest) -> None:
    with coming_and_going(scene, request):
        pairs_of_deaths(scene, seed=8, count=2, is_checked=False)
    check_pairs(scene, 2)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_hundreds_die_while_the_database_comes_and_goes(scene: Wrecks, request: pytest.FixtureRequest) -> None:
    with coming_and_going(scene, request):
        pairs_of_deaths(scene, seed=int(os.environ.get("OPSWARDEN_SEED", "1")), count=125, is_checked=False)
    check_pairs(scene, 125)


@contextmanager
def coming_and_going(scene: Wrecks, request: pytest.FixtureRequest) -> Iterator[None]:
    """The server stops as in a crash and starts again, or another process locks the file, until the context ends."""
    is_over = threading.Event()

    def server() -> None:
        peer: PostgresPeer = request.getfixturevalue("postgres")
        while not is_over.wait(1):
            peer.stop()
            is_over.wait(0.5)
            peer.start()

    def file() -> None:
        while not is_over.wait(1):
            for path in scene.root.glob("*/gate.sqlite"):
                with suppress(sqlite3.Error), closing(sqlite3.connect(path, isolation_level=None)) as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    is_over.wait(0.8)  # longer than the workers wait for it

    thread = threading.Thread(target=server if scene.url else file)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def pairs_of_deaths(scene: Wrecks, *, seed: int, count: int, is_checked: bool = True) -> None:
    ended = run_worker("pairs", str(scene.root), str(seed), str(count), scene.url)
    assert set(ended.values()) <= {-signal.SIGKILL, 0}, ended
    assert -signal.SIGKILL in ended.values()
    if is_checked:
        check_pairs(scene, count)


def check_pairs(scene: Wrecks, count: int) -> None:
    """No effect without its intent, none twice, every entry in its place, now and after everything is taken up."""
    for case in range(count):
        world = scene.world(str(case))
        gate = world.open()  # takes over what the local journal holds
        check_intents(world)
        for n in range(PAIRED_WRITES):
            result = gate.call("rollouts.rollback", {"service": f"s{n}", "revision": 1}, call_id=f"w{n}")
            done = [effect for effect in world.effects.of("rollouts.rollback") if effect[1] == f"s{n}"]
            assert len(done) <= 1
            assert (result.status == "ok") <= (len(done) == 1)
        check_intents(world)
        check_ledger(world)
        found = verify(world.database, world.keys.public_key())
        assert found.ok, found.problem
        world.database.close()


def check_intents(world: World) -> None:
    allowed = [entry.body for entry in world.records("call.decided") if entry.body["decision"] == "allow"]
    for name, what, *_ in world.effects.all():
        field = "query" if name == "logs.search" else "service"
        assert any(body["tool"] == name and body["args"][field] == what for body in allowed), (name, what)
    used = [entry.body["approval_id"] for entry in world.records("approval.consumed")]
    assert len(used) == len(set(used))


def random_deaths(scene: Wrecks, *, seed: int, count: int) -> None:
    ended = run_worker("random", str(scene.root), str(seed), str(count), scene.url)
    assert -signal.SIGKILL in ended.values()
    for case in ended:
        if not (scene.root / case / "keys.json").exists():
            continue  # killed before it had begun
        world = scene.world(case)
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
