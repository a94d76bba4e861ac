"""The Feast adapter on a repository of 5,000 cards that the test makes once: SQLite online, files offline."""

from __future__ import annotations

import shutil
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import ConfigError
from opswarden.evals.suites.feature_files import write_files
from opswarden.evals.suites.feature_worlds import NOW, FeatureWorld, clean_world
from opswarden.tools.backfills.book import BackfillBook
from opswarden.tools.backfills.tools import BackfillPlace, backfill_tools
from opswarden.tools.features.backends.feast_repository import FeastStore
from opswarden.tools.features.backends.files import FileStore
from opswarden.tools.features.backends.store import FeatureStore, Share
from opswarden.tools.features.store_tools import StorePlace, store_tools
from opswarden.tools.spec import ToolContext
from opswarden.tools.windows import to_us

pytestmark = pytest.mark.filterwarnings("ignore")
KEYS = 5_000
YAML = """\
project: bakery
provider: local
registry: {folder}/registry.db
online_store: {{type: sqlite, path: {folder}/online.db}}
offline_store: {{type: file}}
entity_key_serialization_version: 3
"""


@pytest.fixture(scope="module")
def world() -> FeatureWorld:
    return clean_world(21, keys=KEYS)


@pytest.fixture(scope="module")
def applied(world: FeatureWorld, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one view of which the last two days were materialized."""
    folder = tmp_path_factory.mktemp("feast")
    write_files(world, folder, unit="us")
    (folder / "feature_store.yaml").write_text(YAML.format(folder=folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from feast import Entity, FeatureView, Field, FileSource, ValueType
        from feast import FeatureStore as Feast
        from feast.types import Bool, Float32, Float64, Int64, String

        source = FileSource(
            path=str(folder / "offline.parquet"), timestamp_field="event_time", created_timestamp_column="written_at"
        )
        card = Entity(name="card", join_keys=["card"], value_type=ValueType.STRING)
        kinds = {"spend_7d": Float32, "orders": Int64, "home": String, "risk": Float64, "is_new": Bool}
        view = FeatureView(
            name="card",
            entities=[card],
            ttl=timedelta(days=2),
            schema=[Field(name=name, dtype=kind) for name, kind in kinds.items()],
            source=source,
            online=True,
            tags={"refresh_s": "86400"},
        )
        feast = Feast(repo_path=str(folder))
        feast.apply([card, view])
        feast.materialize(NOW - timedelta(days=2), NOW, feature_views=["card"])
    return folder


@pytest.fixture
def repository(applied: Path) -> Iterator[Path]:
    """The repository, whose online store and sources are put back afterwards."""
    kept = applied.parent / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(applied, kept)
    yield applied
    for path in kept.iterdir():
        shutil.copy2(path, applied / path.name)


def ask(repository: Path, name: str, now: datetime = NOW) -> Any:
    store = FeastStore.open(repository, "bakery")
    tool = {each.name: each for each in store_tools(StorePlace("bakery", lambda: store))}[f"features.{name}"]
    clock = FixedClock(now)
    asked = tool.args.model_validate({"view": "card"})
    return tool.run(asked, ToolContext("run", "team", clock, Deadline(clock, 60), None)).summary  # type: ignore[arg-type]


def test_a_repository_that_is_well_is_left_alone(repository: Path) -> None:
    for name in ("parity", "freshness"):
        found = ask(repository, name)
        assert (found.found, found.sampled.looked_at, found.sampled.is_whole) == (0, KEYS, True), found


def test_deleted_and_altered_rows_are_found_and_told_apart(repository: Path) -> None:
    from feast.protos.feast.types.Value_pb2 import Value

    with sqlite3.connect(repository / "online.db") as connection:
        keys = [row[0] for row in connection.execute("SELECT DISTINCT entity_key FROM bakery_card ORDER BY entity_key")]
        connection.executemany("DELETE FROM bakery_card WHERE entity_key = ?", [(key,) for key in keys[:60]])
        altered = 0
        for key in keys[60:]:
            where = (key, "spend_7d")
            sql = "SELECT value FROM bakery_card WHERE entity_key = ? AND feature_name = ?"
            value = Value.FromString(connection.execute(sql, where).fetchone()[0])
            if altered < 150 and value.WhichOneof("val"):
                value.float_val *= 1.5
                altered += 1
                sql = "UPDATE bakery_card SET value = ? WHERE entity_key = ? AND feature_name = ?"
                connection.execute(sql, (value.SerializeToString(), *where))
    found = ask(repository, "parity")
    told = [(each.fault, each.feature, each.keys, each.cause) for each in found.differences]
    assert told == [
        ("value", "spend_7d", 150, "1.5 times the offline value"),
        ("missing_online", None, 60, "not online, though offline has it"),
    ]
    assert (found.agrees, found.differing) == (False, 210)


def test_rows_past_their_time_to_live_and_a_view_nobody_materializes_are_named(repository: Path) -> None:
    # Feast calls every one of these rows present.
    found = ask(repository, "freshness", NOW + timedelta(days=4))
    told = {each.trouble: each.rows for each in found.troubles}
    assert told == {"expired": KEYS, "not_materialized": KEYS}
    (late,) = (each.cause for each in found.troubles if each.trouble == "not_materialized")
    assert late.startswith("last materialized 96 h ago, usually every 24 h; the offline source has nothing newer")


def test_another_time_zone_and_another_schema_upstream_are_named(repository: Path, world: FeatureWorld) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    path = repository / "offline.parquet"
    rows = pq.read_table(path)
    hours: Any = pc
    moved = hours.add(rows["event_time"], timedelta(hours=-3))
    pq.write_table(rows.set_column(rows.column_names.index("event_time"), "event_time", moved), path)
    (found,) = ask(repository, "parity").differences
    assert (found.fault, found.keys, found.cause) == (
        "event_time", KEYS, "another time zone: online is +3 h against offline",
    )  # fmt: skip
    text = hours.cast(rows["orders"], "string")
    pq.write_table(rows.set_column(rows.column_names.index("orders"), "orders", text), path)
    (found,) = ask(repository, "parity").differences
    assert (found.fault, found.feature, found.cause) == ("type", "orders", "declared integer, offline has text")


def test_a_folder_that_is_no_repository_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no `feature_store"):
        FeastStore.open(tmp_path, "bakery")


def of_feast(folder: Path, _world: FeatureWorld) -> FeatureStore:
    return FeastStore.open(folder, "bakery")


def of_files(folder: Path, world: FeatureWorld) -> FeatureStore:
    return FileStore({"card": write_files(world, folder.parent / "plain")}, "bakery")


def of_sqlite(folder: Path, world: FeatureWorld) -> FeatureStore:
    settings = write_files(world, folder.parent / "plain")
    store = FileStore(
        {"card": settings.model_copy(update={"online": folder.parent / "plain" / "online.sqlite"})}, "bakery"
    )
    deadline = Deadline(FixedClock(NOW), 60)
    (view,) = store.views(deadline)
    store.materialize(view, world.view.intervals[0][0], world.at_us, deadline)
    return store


@pytest.mark.parametrize("make", [of_feast, of_files, of_sqlite])
def test_every_store_keeps_the_protocol(
    make: Callable[[Path, FeatureWorld], FeatureStore], repository: Path, world: FeatureWorld
) -> None:
    store, deadline = make(repository, world), Deadline(FixedClock(NOW), 60)
    (view,) = store.views(deadline)
    assert (view.keys, view.features, view.offline) == (("card",), world.view.features, world.view.offline)
    assert (view.ttl_s, view.has_created, view.intervals[-1][1]) == (2 * 86_400, True, world.at_us)
    assert store.count(view, deadline) == pytest.approx(KEYS, rel=0.1)
    share = Share(0.1, 3)
    history = store.offline(view, share, world.at_us, deadline)
    keys = sorted(set(history["key"].to_pylist()))
    assert 300 < len(keys) < 700
    assert history["event_us"].to_numpy().max() <= world.at_us
    online = store.online(view, share, keys, deadline)
    assert (sorted(online.rows["key"].to_pylist()), online.is_whole) == (keys, True)
    assert store.online(view, share, ["nobody"], deadline).rows.num_rows in (0, len(keys))
    start, end = view.intervals[-1]
    written = []
    for _ in range(2):
        rows = store.materialize(view, start, end, deadline)
        written.append((rows, store.online(view, share, keys, deadline).rows.sort_by("key").to_pylist()))
    assert written[0] == written[1]
    assert written[0][0] == sum(store.days(view, start, end, 3_600_000_000, deadline))
    assert datetime.fromtimestamp(view.intervals[-1][1] / 1e6, UTC) == NOW


@pytest.mark.soak
def test_a_past_interval_alone_leaves_older_rows_online_so_a_backfill_goes_on_to_the_newest(
    repository: Path, database: Database
) -> None:
    store, clock = FeastStore.open(repository, "bakery"), FixedClock(NOW)
    deadline = Deadline(clock, 3_600)
    (view,) = store.views(deadline)
    start, last = NOW - timedelta(days=3), NOW - timedelta(days=2)
    # What Feast does by itself: the row of the past interval takes the place of the newer one.
    store.materialize(view, to_us(start), to_us(last), deadline)
    faults = {each.fault: each.keys for each in ask(repository, "parity").differences}
    assert set(faults) == {"stale"}
    assert faults["stale"] > 500
    book = BackfillBook(database, clock)
    place = BackfillPlace(StorePlace("bakery", lambda: store), lambda: book)
    tools = {each.name: each for each in backfill_tools(place)}
    window = {"views": ["card"], "start": start - timedelta(days=1), "end": last, "chunk_s": 5 * 86_400}
    context = ToolContext("run", "team", clock, deadline, None, "key")  # type: ignore[arg-type]
    tool = tools["backfills.plan"]
    planned = tool.run(tool.args.model_validate(window), context).summary
    assert planned is not None
    assert (planned.chunks, planned.views[0].again) == (2, 1)
    tool = tools["backfills.run"]
    done = tool.run(tool.args.model_validate({**window, "digest": planned.digest}), context).summary
    assert done is not None
    assert (done.state, done.done, done.verified[0].differing) == ("done", 2, 0)
