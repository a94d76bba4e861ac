"""The world that the gate's tests happen in."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opswarden.core.postgres import PostgresDatabase


def _load(name: str) -> ModuleType:
    """A module beside this file, under its bare name, as `crash_worker.py` imports it in its own process."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


for _name in ("worlds", "undoing", "wreckage"):
    _load(_name)


@pytest.fixture
def gate_database(request: pytest.FixtureRequest) -> Callable[[], Any]:
    """Opens the world's database once more; SQLite in its folder unless the test is marked `worlds_on_both`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return lambda: None
    peer = request.getfixturevalue("postgres")
    url = peer.url(peer.new_database())
    return lambda: PostgresDatabase(url)


_BOTH_WAYS = ("TestReads", "TestWrites", "TestFailures", "TestAtOnce", "TestStreams", "test_tells")
"""Classes and a module whose tests see the gate here and over a socket: what it gives has to be the same."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    name = metafunc.cls.__name__ if metafunc.cls else metafunc.module.__name__.rpartition(".")[2]
    if name in _BOTH_WAYS and "make_world" in metafunc.fixturenames:
        metafunc.parametrize("gate_way", ["here", "apart"], indirect=True)


@pytest.fixture
def gate_way(request: pytest.FixtureRequest) -> Iterator[Callable[[Any], Any]]:
    """Hands a gate on as it is, or over a socket."""
    if getattr(request, "param", "here") == "here":
        yield lambda gate: gate
        return
    from opswarden.tests.policies.over_a_socket import Sockets

    with Sockets() as sockets:
        yield sockets.through


@pytest.fixture
def make_world(
    tmp_path: Path, gate_database: Callable[[], Any], gate_way: Callable[[Any], Any]
) -> Iterator[Callable[..., Any]]:
    """Builds worlds on one folder; each call is another process coming up on the same state."""
    from worlds import World

    made: list[Any] = []

    def make(**options: Any) -> Any:
        options.setdefault("database", gate_database())
        world = World(tmp_path / "world", **options)
        world.through = gate_way
        made.append(world)
        return world

    yield make
    for world in made:
        world.database.close()


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    """An installation in which every write is at stage `act`."""
    from worlds import ACT

    return make_world(stages=ACT)
