"""The suite `features`: parity and freshness of invented views, written as files and read through the store.

Beside it, what is usually compared between two sides: how many keys there are, the share of nulls, and means.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...core.clock import Deadline, FixedClock
from ...tools.arrow import compute as pc
from ...tools.features.backends.files import FileStore
from ...tools.features.freshness import ages
from ...tools.features.store_tools import StorePlace, store_tools
from ...tools.spec import ToolContext
from ..scoring.features import SUITE
from ..suite import CaseScore, SuiteResult
from ..summary import summarise
from .feature_files import write_files
from .feature_worlds import FAULTS, NOW, FeatureWorld, clean_world, newest, planted
from .invented import Progress, in_turn, scored

KEYS = 5_000
_SEED = 60_000
_ONLY_BY_FEATURE = "one_feature_behind"
"""Files have one time for a row; stores that keep one for each feature are asked as rows in memory."""
_KEYS_OFF, _NULLS_OFF, _MEAN_OFF = 0.001, 0.01, 0.01


def run_features(
    count: int, *, seed: int = 0, limit: int | None = None, progress: Progress | None = None
) -> SuiteResult:
    """Ask both checks about each mistake in the same number of views, and about clean ones.

    Args:
        count: of views of each mistake; of clean ones four times as many.
        seed: of the views and the intervals.
        limit: at most so many of each.
        progress: called with (views done, views).

    Raises:
        NothingScored: every view broke.
    """
    with tempfile.TemporaryDirectory(prefix="opswarden-features-") as folder:

        def score(place: int, fault: str, number: int) -> CaseScore:
            at = _SEED + 10_000 * seed + place
            world = planted(fault, at, KEYS) if fault else clean_world(at, KEYS)
            return _score(f"{fault or 'clean'}-{number:03d}-{place:04d}", world, Path(folder) / f"{place:04d}")

        scores = scored(in_turn(tuple(FAULTS), count, limit, good=4), score, progress)
    return summarise(SUITE, scores, seed=seed)


def _score(name: str, world: FeatureWorld, folder: Path) -> CaseScore:
    found = _found(world, folder)
    is_off = counts_differ(world)
    if not world.fault:
        figures, beside = {"false_alarm": float(bool(found))}, {"false_alarm": float(is_off)}
    else:
        mine = [each for each in found if each[0] == world.check]
        first = mine[0] if mine else None
        is_named = first is not None and (first[1], first[2]) == world.expected
        figures = {"named": float(is_named), "noticed": float(bool(mine))}
        if is_named and first is not None:
            figures["reach"] = float(abs(first[3] - world.reach) <= max(0.01 * world.reach, 1))
        beside = {"noticed": float(is_off)}
    return CaseScore(
        id=name,
        set_name="invented",
        group=world.fault or "clean",
        metrics=figures,
        baseline={"counts_nulls_means": beside},
        details={"found": found[:4], "expected": [world.expected, world.reach]},
    )


def _found(world: FeatureWorld, folder: Path) -> list[tuple[str, str, str | None, int]]:
    """Check, fault, feature and keys of everything that both checks say."""
    if world.fault == _ONLY_BY_FEATURE:
        told = ages(world.view, world.history, world.online, world.now_us).found
        return [("freshness", each.trouble, each.feature, each.count) for each in told]
    settings = write_files(world, folder)
    clock = FixedClock(NOW)
    found: list[tuple[str, str, str | None, int]] = []
    for tool in store_tools(StorePlace("invented", lambda: FileStore({"card": settings}, "invented"))):
        check = tool.name.partition(".")[2]
        if check not in ("parity", "freshness"):
            continue
        context = ToolContext("run", "team", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # not read
        summary: Any = tool.run(tool.args.model_validate({"view": "card"}), context).summary
        if summary is None:
            continue
        if check == "parity":
            found += [(check, each.fault, each.feature, each.reach) for each in summary.differences]
        else:
            found += [(check, each.trouble, each.feature, each.rows) for each in summary.troubles]
    return found


def counts_differ(world: FeatureWorld) -> bool:
    """Whether both sides differ in how many keys they have, in a share of nulls, or in a mean."""
    there = newest(world.history, world.at_us)
    if abs(there.num_rows - world.served.num_rows) > _KEYS_OFF * there.num_rows:
        return True
    for name, kind in world.view.features.items():
        if name not in there.column_names or name not in world.served.column_names:
            return True
        offline, online = there[name], world.served[name]
        if abs(_nulls(offline) - _nulls(online)) > _NULLS_OFF:
            return True
        if (
            kind in ("float", "integer")
            and pa.types.is_primitive(online.type)
            and not pa.types.is_temporal(online.type)
        ):
            one, other = (float(pc.mean(each).as_py() or 0.0) for each in (offline, online))
            if abs(one - other) > _MEAN_OFF * max(abs(one), 1e-9):
                return True
    return False


def _nulls(column: pa.ChunkedArray) -> float:
    return float(column.null_count / max(len(column), 1))
