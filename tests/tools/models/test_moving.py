"""Registries, and moving an alias once: against a real MLflow server, with everything that can come in between."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError, ToolFailed
from opswarden.core.sqlite import SqliteDatabase
from opswarden.core.systems.settings import HttpSettings
from opswarden.tests.mlflow_peer import SIGNATURE, MlflowPeer
from opswarden.tests.tools.models.conformance import RegistryConformance, deadline
from opswarden.tools.models.backends.mlflow_server import MlflowServer
from opswarden.tools.models.backends.registry import ModelVersion
from opswarden.tools.models.moves import MoveBook
from opswarden.tools.models.moving import Mover, Names
from opswarden.tools.models.promotion import Origin, Promoter
from opswarden.tools.models.promotion_types import Checked, CheckReport

CLOCK = SystemClock()
NOW = datetime(2026, 1, 5, tzinfo=UTC)
_names = iter(range(10_000))


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowPeer]:
    peer = MlflowPeer(tmp_path_factory.mktemp("mlflow"))
    yield peer
    peer.close()


def server(peer: MlflowPeer, environment: str) -> MlflowServer:
    settings = HttpSettings(url=peer.url, shared_s=0, timeout_s=10)
    return MlflowServer("mlflow", settings, environment, (peer.artifacts,))


class Stepping:
    """The real registry, with a word said before every question, so that a test can come in between."""

    def __init__(self, registry: MlflowServer, before: Callable[[str], None]) -> None:
        self._registry = registry
        self._before = before

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._registry, name)
        if not callable(found):
            return found

        def asked(*args: Any) -> Any:
            self._before(name)
            return found(*args)

        return asked


class House:
    """Development, staging and production of one model, over one server and one book."""

    def __init__(self, peer: MlflowPeer, folder: Path) -> None:
        self.peer = peer
        self.model = f"m{next(_names)}"
        self.database_path = folder / "moves.sqlite"
        self.database = SqliteDatabase(self.database_path)
        self.book = MoveBook(self.database, CLOCK)
        self.verdicts: dict[int, str] = {}
        self.checked: list[int] = []

    def check(self, model: str, version: ModelVersion, champion: int | None, now: datetime, _: Deadline) -> CheckReport:
        """Checks that say what the test wants of a version, and pass by themselves."""
        self.checked.append(version.version)
        result: Any = self.verdicts.get(version.version, "pass")
        one = Checked(name="auc", kind="metric", result=result, why="as the test says")
        return CheckReport(
            result=result,
            model=model,
            version=version.version,
            source_environment="staging",
            environment="production",
            champion=champion,
            checks=(one,),
            digest="d" * 64,
            at=now,
        )

    def promoter(self, before: Callable[[str], None] = lambda _name: None) -> Promoter:
        registry: Any = Stepping(server(self.peer, "production"), before)
        mover = Mover(registry, self.book, Names("prod.", "champion"))
        origin = Origin(server(self.peer, "development"), Names("dev."), is_open=True)
        return Promoter(mover, origin, self.check, server(self.peer, "production"))

    def train(self, **more: Any) -> int:
        return self.peer.train(f"dev.{self.model}", **more)

    def promote(self, version: int, key: str = "", promoter: Promoter | None = None) -> int:
        there = promoter or self.promoter()
        key = key or f"key-{next(_names)}"
        return there.promote(self.model, version, "because", key, "run_1", NOW, deadline()).version_after or 0

    def rollback(self, promoter: Promoter | None = None, to: int | None = None) -> int:
        there, key = promoter or self.promoter(), f"key-{next(_names)}"
        return there.rollback(self.model, to, "because", key, "run_2", deadline()).version_after or 0

    @property
    def at(self) -> int | None:
        return self.peer.alias(f"prod.{self.model}")

    def told(self) -> list[tuple[str, str, int | None, int | None]]:
        moves = self.book.of("production", self.model, "champion")
        return [(move.kind, move.state, move.version_before, move.version_after) for move in moves]


@pytest.fixture
def house(mlflow: MlflowPeer, tmp_path: Path) -> Iterator[House]:
    found = House(mlflow, tmp_path)
    yield found
    found.database.close()


def test_a_version_is_promoted_and_rolled_back_and_the_book_tells_both(house: House) -> None:
    first, second = house.train(), house.train()
    assert house.promote(first) == house.at == 1
    assert house.promote(second) == house.at == 2
    assert house.rollback() == house.at == 1
    assert house.told() == [
        ("promote", "done", None, 1),
        ("promote", "done", 1, 2),
        ("rollback", "done", 2, 1),
    ]
    with pytest.raises(ToolFailed, match="no other champion"):
        house.rollback()


def test_a_listed_version_never_shows_its_aliases_so_they_are_read_elsewhere(house: House) -> None:
    """Trap 1: a search for versions gives no aliases."""
    house.promote(house.train())
    found = house.peer.ask("GET", f"model-versions/search?filter=name%3D%27prod.{house.model}%27")
    assert all(not row.get("aliases") for row in found["model_versions"])
    seen = house.promoter().mover.look(house.model, deadline())
    assert seen.at == 1


def test_an_alias_moved_by_somebody_else_is_told_and_booked(house: House) -> None:
    """Trap 2: the registry keeps no history, so ours says that nobody of ours did it."""
    house.promote(house.train())
    other = house.peer.train(f"prod.{house.model}")
    move = {"name": f"prod.{house.model}", "alias": "champion", "version": str(other)}
    house.peer.post("registered-models/alias", move)
    seen = house.promoter().mover.look(house.model, deadline())
    assert (seen.at, seen.booked, seen.is_elsewhere, seen.approved) == (other, 1, True, (1,))
    assert house.rollback() == 1
    assert ("seen", "done", 1, other) in house.told()
    assert house.told()[-1] == ("rollback", "done", other, 1)


def test_an_alias_that_moves_while_we_decide_is_not_moved_by_us(house: House) -> None:
    """Trap 3: there is no condition on the move itself, so it is read again right before."""
    first, second = house.train(), house.train()
    house.promote(first)
    other = house.peer.train(f"prod.{house.model}")
    asked: list[str] = []

    def before(name: str) -> None:
        asked.append(name)
        if name == "admit":
            move = {"name": f"prod.{house.model}", "alias": "champion", "version": str(other)}
            house.peer.post("registered-models/alias", move)

    with pytest.raises(ToolFailed, match="meanwhile"):
        house.promote(second, promoter=house.promoter(before))
    assert house.at == other
    assert "point" not in asked
    assert house.told()[-1][1] == "void"


@pytest.mark.parametrize("verdict", ["fail", "inconclusive"])
def test_what_the_checks_do_not_pass_is_not_promoted_whatever_its_tags_say(house: House, verdict: str) -> None:
    """Trap 4: the registry would promote it without a word."""
    version = house.train(tags={"validation_status": "passed", "gate.result": "pass"})
    house.verdicts[version] = verdict
    with pytest.raises(ToolFailed, match=f"the checks say {verdict}"):
        house.promote(version)
    assert house.told() == []


def test_no_tag_travels_to_the_next_environment(house: House) -> None:
    """Trap 5: a copy would bring `validation_status` and a `prev_champion` that means another model's version."""
    version = house.train(tags={"validation_status": "failed", "prev_champion": "1"})
    house.promote(version)
    made = house.promoter().mover.registry.version(f"prod.{house.model}", 1, deadline())
    assert made is not None
    assert dict(made.tags) == {
        "opswarden.source": f"development/dev.{house.model}/{version}",
        "opswarden.checks": "d" * 64,
    }


def test_a_stage_of_the_old_kind_is_seen(house: House) -> None:
    """Trap 6: stages still work, and go past every alias."""
    house.promote(house.train())
    move = {"name": f"prod.{house.model}", "version": "1", "stage": "Production", "archive_existing_versions": False}
    house.peer.post("model-versions/transition-stage", move)
    (only,) = house.promoter().mover.registry.versions(f"prod.{house.model}", deadline())
    assert only.stage == "Production"


def test_a_rollback_goes_only_to_what_was_approved_and_can_still_be_fed(house: House) -> None:
    house.promote(house.train(signature=[*SIGNATURE, {"type": "double", "name": "device_age", "required": True}]))
    house.promote(house.train())
    with pytest.raises(ToolFailed, match="device_age"):
        house.rollback()
    stranger = house.peer.train(f"prod.{house.model}")
    with pytest.raises(ToolFailed, match="never approved"):
        house.rollback(to=stranger)
    house.promote(house.train())
    assert house.rollback() == house.at == 2
    house.promote(house.train())
    assert 3 not in house.promoter().mover.look(house.model, deadline()).approved


def test_only_champions_of_staging_go_to_production(house: House) -> None:
    version = house.train()
    closed = house.promoter()
    closed.origin = Origin(server(house.peer, "development"), Names("dev."), is_open=False)
    with pytest.raises(ToolFailed, match="never made champion"):
        closed.promote(house.model, version, "", "k", "run_1", NOW, deadline())
    assert house.checked == []


def test_a_call_that_is_made_again_moves_once(house: House) -> None:
    first, second = house.train(), house.train()
    house.promote(first, key="a")
    house.promote(second, key="b")
    assert house.promote(first, key="a") == 1
    assert house.at == 2
    assert len(house.told()) == 2


def test_the_registry_goes_down_before_the_move_and_after_it(house: House) -> None:
    first, second, third = house.train(), house.train(), house.train()
    house.promote(first)

    def down_at(wanted: str, nth: int) -> Callable[[str], None]:
        left = [nth]

        def before(name: str) -> None:
            if name == wanted:
                left[0] -= 1
                if left[0] == 0:
                    house.peer.stop()

        return before

    for version, (name, nth) in ((second, ("point", 1)), (third, ("model", 4))):
        key = f"down-{version}"
        with pytest.raises((BackendError, ToolFailed)):
            house.promote(version, key=key, promoter=house.promoter(down_at(name, nth)))
        house.peer.start()
        outcome = house.promoter().mover.outcome(house.model, key, "run_9", deadline())
        assert outcome is not None
        assert outcome.state in ("done", "void")
        assert (house.at == outcome.version_after) is (outcome.state == "done")
    seen = house.promoter().mover.look(house.model, deadline())
    assert seen.at == seen.booked
    assert all(state in ("done", "void") for _, state, _, _ in house.told())


def race(house: House, seed: int) -> None:
    """Two promoters and a rollback at once, with pauses drawn by chance; some versions do not pass."""
    chance = random.Random(seed)
    versions = [house.train() for _ in range(3)]
    house.promote(versions[0])
    house.verdicts[versions[1]] = chance.choice(["pass", "fail"])
    failures: list[BaseException] = []
    champions: list[int | None] = []
    pauses = {name: [chance.random() * 0.01 for _ in range(40)] for name in ("a", "b", "c")}

    def run(name: str, act: Callable[[Promoter], int]) -> None:
        left = iter(pauses[name])

        def before(_: str) -> None:
            threading.Event().wait(next(left, 0.0))
            champions.append(house.at)

        try:
            act(house.promoter(before))
        except (ToolFailed, BackendError):
            pass  # a registry that is too slow for its deadline leaves an open move, which is settled below
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [
        threading.Thread(target=run, args=("a", lambda there: house.promote(versions[1], promoter=there))),
        threading.Thread(target=run, args=("b", lambda there: house.promote(versions[2], promoter=there))),
        threading.Thread(target=run, args=("c", lambda there: house.rollback(there))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    house.promoter().mover.outcome(house.model, "", "run_9", deadline())
    assert_sound(house, champions)


def assert_sound(house: House, champions: list[int | None] = []) -> None:  # noqa: B006 - never changed
    """Nothing in production that did not pass, and the book says where everything is and was."""
    registry = house.promoter().mover.registry
    moves = house.book.of("production", house.model, "champion")
    at = None
    for move in moves:
        if move.state == "done":
            assert move.version_before == at, "each move begins where the last one ended"
            at = move.version_after
    assert at == house.at
    assert all(move.state in ("done", "void") for move in moves)
    booked = {move.version_after for move in moves} | {None}
    assert set(champions) <= booked
    for version in booked - {None}:
        found = registry.version(f"prod.{house.model}", version or 0, deadline())
        assert found is not None
        source = int(found.tags["opswarden.source"].rpartition("/")[2])
        assert house.verdicts.get(source, "pass") == "pass"


def test_a_promoter_that_stood_still_for_too_long_gives_way(house: House) -> None:
    """Between its last look and its move its lease runs out, and a rollback comes and goes."""
    first, second, third = house.train(), house.train(), house.train()
    house.promote(first)
    house.promote(second)

    def before(name: str) -> None:
        if name == "point" and house.at == 2:
            with house.database.transaction() as connection:
                connection.execute("UPDATE model_locks SET until = '2020-01-01T00:00:00.000Z'")
            assert house.rollback() == 1

    with pytest.raises(ToolFailed, match="took so long"):
        house.promote(third, promoter=house.promoter(before))
    assert house.at == 1
    assert house.told()[-3:] == [
        ("promote", "overtaken", 2, 3),
        ("rollback", "done", 2, 1),
        ("rollback", "done", 3, 1),
    ]


@dataclass
class Kept:
    registry: MlflowServer
    name: str
    versions: tuple[int, int]
    break_it: Callable[[], None]


class TestMlflow(RegistryConformance):
    """MLflow's registry."""

    @pytest.fixture
    def kept(self, mlflow: MlflowPeer) -> Iterator[Kept]:
        name = f"kept{next(_names)}"
        tags = {"validation_status": "failed"}
        versions = mlflow.train(name, tags=tags), mlflow.train(name, tags=tags)
        is_down: list[bool] = []

        def break_it() -> None:
            mlflow.stop()
            is_down.append(True)

        yield Kept(server(mlflow, "production"), name, versions, break_it)
        if is_down:
            mlflow.start()


@pytest.mark.parametrize("seed", range(2))
def test_two_promoters_and_a_rollback_at_once(house: House, seed: int) -> None:
    race(house, seed)


def killed(house: House, points: list[str]) -> None:
    house.promote(house.train())
    for _ in points:
        house.train()
    worker = Path(__file__).with_name("move_worker.py")
    moves = house.database_path
    command = [sys.executable, str(worker), str(moves), house.peer.url, str(house.peer.artifacts), house.model, *points]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    ends = json.loads(done.stdout)
    assert set(ends.values()) == {signal.SIGKILL}, ends
    for version, point in enumerate(points, start=2):
        outcome = house.promoter().mover.outcome(house.model, f"kill-{version}", "run_9", deadline())
        if point in ("after:point:1", "before:model:4"):
            assert outcome is not None
            assert outcome.state == "done", point
        else:
            assert outcome is None or outcome.state == "void", point
    assert_sound(house)
    last = house.train()
    assert house.promote(last) == house.at
    assert_sound(house)
    made = house.promoter().mover.registry.versions(f"prod.{house.model}", deadline())
    sources = [one.tags["opswarden.source"] for one in made]
    assert len(set(sources)) == len(sources), "no version is made twice"


def test_a_promoter_that_is_killed_leaves_nothing_unexplained(house: House) -> None:
    killed(house, ["after:point:1", "before:point:1", "after:admit:1"])


@pytest.mark.soak
def test_killed_at_every_question(house: House) -> None:
    names = ["before:model:1", "before:model:2", "before:admit:1", "after:admit:1", "before:model:3", "before:point:1"]
    killed(house, [*names, "after:point:1", "before:model:4"])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 220))
def test_many_races(house: House, seed: int) -> None:
    race(house, seed)
