"""The world that the gate's tests happen in."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


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
def make_world(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Builds worlds on one folder; each call is another process coming up on the same state."""
    from worlds import World

    made: list[Any] = []

    def make(**options: Any) -> Any:
        world = World(tmp_path / "world", **options)
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
