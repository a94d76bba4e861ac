"""Freshness and parity on both sides of invented views: what was planted is named, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, ToolRetry
from opswarden.evals.suites.feature_files import write_files
from opswarden.evals.suites.feature_worlds import FAULTS, NOW, FeatureWorld, clean_world, planted
from opswarden.tools.features.backends.files import FileStore
from opswarden.tools.features.backends.store import Share
from opswarden.tools.features.cells import cells, in_common
from opswarden.tools.features.freshness import ages
from opswarden.tools.features.sampling import chance_of_none, fraction_for, most_bad_share, sample_size
from opswarden.tools.features.store_tools import StorePlace, store_tools
from opswarden.tools.spec import Output, ToolContext

Ask = Callable[..., Output[Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Writes a world as files and asks a tool about it, as the gate would."""

    def run(world: FeatureWorld, name: str, **args: Any) -> Output[Any]:
        settings = write_files(world, tmp_path / "view")
        tools = store_tools(StorePlace("bakery", lambda: FileStore({"card": settings}, "bakery")))
        tool = {each.name: each for each in tools}[f"features.{name}"]
        clock = FixedClock(NOW)
        asked = tool.args.model_validate({"view": "card", **args})
        return tool.run(asked, ToolContext("run", "team", clock, Deadline(clock, 60), None))  # type: ignore[arg-type]

    return run


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "one_feature_behind"])
def test_what_was_planted_comes_first_with_its_feature_and_reach(fault: str, ask: Ask) -> None:
    world = planted(fault, 11, keys=2_000)
    found = ask(world, world.check).summary
    assert found is not None
    first = found.differences[0] if world.check == "parity" else found.troubles[0]
    named = first.fault if world.check == "parity" else first.trouble
    assert ((named, first.feature), first.matters) == (world.expected, True), found
    counted = first.reach if world.check == "parity" else first.rows
    assert counted == pytest.approx(world.reach, abs=0.5 if world.check == "parity" else 1)
    assert not (found.agrees if world.check == "parity" else found.is_fresh)
    assert found.found == 1, found


def test_a_feature_that_is_older_than_its_row_is_named() -> None:
    """Files have one time for a row; stores that keep one for each feature show more."""
    world = planted("one_feature_behind", 3, keys=1_000)
    (found,) = ages(world.view, world.history, world.online, world.now_us).found
    assert ((found.trouble, found.feature), found.count) == (world.expected, 400)


def test_nothing_is_said_of_a_clean_view(ask: Ask) -> None:
    world = clean_world(3, keys=2_000)
    for name in ("parity", "freshness"):
        found: Any = ask(world, name).summary
        assert (found.found, found.sampled.is_whole) == (0, True), found


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_said_of_twenty_clean_views(seed: int, ask: Ask) -> None:
    world = clean_world(seed)
    results: list[Any] = [ask(world, name).summary for name in ("parity", "freshness")]
    assert [each.found for each in results] == [0, 0]


def test_a_sample_of_keys_is_the_same_on_both_sides_and_estimates_what_is_there(tmp_path: Path) -> None:
    world = planted("rows_deleted", 4, keys=30_000)
    settings = write_files(world, tmp_path, unit="us")
    store = FileStore({"card": settings}, "bakery")
    deadline = Deadline(FixedClock(NOW), 60)
    (view,) = store.views(deadline)
    assert store.count(view, deadline) == pytest.approx(30_000, rel=0.1)
    share = Share(0.2, 5)
    history = store.offline(view, share, world.at_us, deadline)
    keys = set(history["key"].to_pylist())
    served = set(store.online(view, share, sorted(keys), deadline).rows["key"].to_pylist())
    assert served <= keys
    assert len(keys) == pytest.approx(6_000, rel=0.1)
    gone = set(world.history["key"].to_pylist()) - set(world.served["key"].to_pylist())
    assert keys - served == gone & keys


def test_the_size_of_a_sample_follows_from_the_confidence() -> None:
    # Far more keys than are drawn: the rule of three says 3 / share at 95 %.
    assert sample_size(100_000_000, 0.001, 0.95) == pytest.approx(2_995, abs=3)
    assert sample_size(5_000, 0.001, 0.99) == pytest.approx(3_009, abs=5)
    for keys, share, confidence in ((50, 0.02, 0.9), (5_000, 0.01, 0.99), (10**7, 1e-4, 0.95)):
        size, bad = sample_size(keys, share, confidence), max(round(keys * share), 1)
        assert chance_of_none(keys, bad, size) <= 1 - confidence < chance_of_none(keys, bad, size - 1)
    assert fraction_for(20_000, 0.001, 0.99) == 1.0
    assert most_bad_share(100_000_000, 2_995, 0.95) == pytest.approx(0.001, rel=0.01)
    # As often as promised, in fact: 1,000 samples of 200 keys, 2 % of which are bad.
    draw = np.random.default_rng(0)
    size = sample_size(200, 0.02, 0.9)
    missed = sum(draw.choice(200, size, replace=False).min() >= 4 for _ in range(1_000))
    assert 50 <= missed <= 130


def test_what_cells_have_in_common_is_told_apart() -> None:
    draw = np.random.default_rng(2)
    values = draw.lognormal(3, 1, 400)

    def said(online: Any, offline: Any = values) -> list[tuple[str, str]]:
        sides = [cells(pa.chunked_array([pa.array(side)]), as_numbers=True) for side in (online, offline)]
        return [(each.fault, each.cause) for each in in_common(*sides)]

    assert said(np.trunc(values)) == [("precision", "cut to whole numbers")]
    assert said(values.astype(np.float16).astype(float)) == [("precision", "kept in 16 bits")]
    assert said(values * 100) == [("value", "100 times the offline value")]
    assert said(values + 7) == [("value", "+7 against the offline value")]
    assert said(np.full(400, -1.0)) == [("default", "-1 stands online for other values")]
    assert said(np.full(400, 3.0), [None] * 400) == [("default", "3 stands online where offline has nothing")]
    assert said(draw.permutation(values)) == [("value", "another value")]
    assert said(values[:2] * 2, values[:2]) == [("value", "another value")]


def test_what_is_asked_wrongly_or_too_late_is_no_answer(ask: Ask, tmp_path: Path) -> None:
    world = clean_world(1, keys=50)
    with pytest.raises(ToolRetry, match="no view"):
        ask(world, "parity", view="nobody's")
    clock = FixedClock(datetime(2031, 1, 1, tzinfo=UTC))
    late = Deadline(clock, 1)
    clock.advance(2)
    with pytest.raises(BackendError):
        FileStore({"card": write_files(world, tmp_path / "late")}, "bakery").views(late)
    (tool, _) = store_tools(StorePlace("bakery"))
    with pytest.raises(ToolRetry, match="no feature store"):
        tool.run(tool.args.model_validate({"view": "card"}), ToolContext("r", "t", clock, Deadline(clock, 9), None))  # type: ignore[arg-type]
