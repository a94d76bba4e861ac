"""A feature store of plain files: offline in Parquet, online in Parquet or SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from ....core.clock import Deadline, from_iso, to_iso
from ....core.errors import BackendError, ConfigError, InputError
from ...arrow import compute as pc
from ...plain_files import read_plain_text
from ...windows import to_us
from .parquet_source import ParquetSource
from .settings import ViewSettings
from .store import EVENT, KEY, SEPARATOR, Online, Share, View

_MOST_SQLITE_ROWS = 2_000_000
_MOST_BYTES = 10_000_000
_FOREVER_US = 2**62
_SQLITE = (".sqlite", ".sqlite3", ".db")


class FileStore:
    """Views in files; implements `FeatureStore`.

    Args:
        files: by view.
        environment: that they serve.
    """

    def __init__(self, files: Mapping[str, ViewSettings], environment: str) -> None:
        self._files = dict(files)
        self._environment = environment

    @property
    def environment(self) -> str:
        """The environment that the files serve."""
        return self._environment

    @property
    def keeps_newest(self) -> bool:
        """An older row never takes the place of a newer one."""
        return True

    def views(self, deadline: Deadline) -> tuple[View, ...]:
        """The views, in order of their names."""
        if deadline.passed:
            raise BackendError("the views were not read in time", remedy="try again")
        return tuple(self._view(name, files) for name, files in sorted(self._files.items()))

    def count(self, view: View, deadline: Deadline) -> int:
        """About how many keys the offline side has."""
        return self._source(view.name).count(deadline)

    def offline(self, view: View, share: Share, upto_us: int, deadline: Deadline) -> pa.Table:
        """The newest rows of each key of a sample up to a moment."""
        return self._source(view.name).newest(share, self._both(view), upto_us, deadline)

    def online(self, view: View, share: Share, keys: Sequence[str], deadline: Deadline) -> Online:
        """What is served for the keys of a sample; the files know all of them."""
        files = self._files[view.name]
        if files.online.suffix in _SQLITE:
            return Online(_within(self._from_sqlite(view, files), share))
        if not files.online.exists():
            return Online(pa.table({KEY: pa.array([], pa.string()), EVENT: pa.array([], pa.int64())}))
        source = ParquetSource((files.online,), files.keys, files.event, None)
        found = [name for name in view.features if name in source.kinds()]
        return Online(source.newest(share, found, _FOREVER_US, deadline))

    def days(self, view: View, start_us: int, end_us: int, step_us: int, deadline: Deadline) -> tuple[int, ...]:
        """Offline rows in each step of an interval."""
        return self._source(view.name).steps(start_us, end_us, step_us, deadline)

    def materialize(self, view: View, start_us: int, end_us: int, deadline: Deadline) -> int:
        """Write the newest row of each key within an interval, where online has none that is newer."""
        files = self._files[view.name]
        rows = self._source(view.name).between(self._both(view), start_us, end_us, deadline)
        written = int(pc.sum(rows["rows"]).as_py() or 0)
        rows = rows.drop_columns(["rows"])
        if files.online.suffix in _SQLITE:
            _into_sqlite(files, view, rows)
        else:
            _into_parquet(files, rows)
        if files.materialized is not None:
            _note(files.materialized, [*view.intervals, (start_us, end_us)])
        return written

    def _view(self, name: str, files: ViewSettings) -> View:
        offline = self._source(name).kinds()
        return View(
            name=name,
            keys=files.keys,
            features={**files.features} or offline,
            offline=offline,
            ttl_s=files.ttl_s,
            intervals=_intervals(files.materialized),
            has_created=files.created is not None,
            depends_on=files.depends_on,
            refresh_s=files.refresh_s,
            sources=tuple(map(str, files.offline)),
        )

    def _source(self, name: str) -> ParquetSource:
        files = self._files[name]
        return ParquetSource(files.offline, files.keys, files.event, files.created)

    def _both(self, view: View) -> list[str]:
        return [name for name in view.features if name in view.offline]

    def _from_sqlite(self, view: View, files: ViewSettings) -> pa.Table:
        if not files.online.exists():
            return pa.table({KEY: pa.array([], pa.string()), EVENT: pa.array([], pa.int64())})
        try:
            with closing(sqlite3.connect(f"file:{files.online}?mode=ro", uri=True)) as connection:
                cursor = connection.execute(f"SELECT * FROM {_quoted(view.name)} LIMIT {_MOST_SQLITE_ROWS + 1}")  # noqa: S608 - quoted
                names = [column[0] for column in cursor.description]
                rows = cursor.fetchall()
        except sqlite3.Error as error:
            raise BackendError("the online table cannot be read", remedy="look at the SQLite file") from error
        if len(rows) > _MOST_SQLITE_ROWS:
            raise BackendError(f"the online table has more than {_MOST_SQLITE_ROWS} rows", remedy="keep it in Parquet")
        columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
        missing = [name for name in (*files.keys, files.event) if name not in columns]
        if missing:
            raise InputError(f"the online table has no column {missing[0]!r}", remedy="correct the view's columns")
        keys = [SEPARATOR.join(map(str, each)) for each in zip(*(columns[name] for name in files.keys), strict=True)]
        found = {
            KEY: pa.array(keys, pa.string()),
            EVENT: pa.array([_moment(each) for each in columns[files.event]], pa.int64()),
        }
        for name, kind in view.features.items():
            if name in columns:
                found[name] = _typed(columns[name], is_boolean=kind == "boolean")
        return pa.table(found)


def _typed(values: Sequence[object], *, is_boolean: bool) -> pa.Array:
    """Values as SQLite has them, which knows no truth values."""
    if is_boolean:
        return pa.array([None if each is None else bool(each) for each in values], pa.bool_())
    kinds = {type(each) for each in values if each is not None}
    if kinds == {int, float}:
        return pa.array([None if each is None else float(str(each)) for each in values], pa.float64())
    if len(kinds) > 1:
        return pa.array([None if each is None else str(each) for each in values], pa.string())
    return pa.array(values)


def _moment(value: object) -> int | None:
    if isinstance(value, int):
        return value
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _within(rows: pa.Table, share: Share) -> pa.Table:
    from .parquet_source import in_share  # noqa: PLC0415 - DuckDB, which a whole table does not need

    if share.fraction >= 1:
        return rows
    chosen = in_share(rows[KEY].to_pylist(), share)
    return rows.filter(pc.is_in(rows[KEY], value_set=pa.array(chosen, pa.string())))


def _into_parquet(files: ViewSettings, rows: pa.Table) -> None:
    """Replace the online file by itself with newer rows, in one step."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only where files are written

    moments = pc.cast(rows[EVENT], pa.timestamp("us", "UTC"))
    rows = rows.drop_columns([EVENT]).append_column(files.event, moments)
    if files.online.exists():
        there = pq.read_table(files.online)
        there = there.set_column(
            there.column_names.index(files.event), files.event, pc.cast(there[files.event], pa.timestamp("us", "UTC"))
        )
        both = pa.concat_tables([there, rows], promote_options="permissive")
        # Of equal events the later one comes last and stays.
        both = both.append_column("place", pa.array(range(both.num_rows), pa.int64()))
        both = both.sort_by(
            [*((name, "ascending") for name in files.keys), (files.event, "ascending"), ("place", "ascending")]
        )
        last = both.group_by(list(files.keys), use_threads=False).aggregate([("place", "last")])
        rows = both.filter(pc.is_in(both["place"], value_set=last["place_last"].combine_chunks())).drop_columns(
            ["place"]
        )
    files.online.parent.mkdir(parents=True, exist_ok=True)
    beside = files.online.with_suffix(".part")
    pq.write_table(rows, beside)
    beside.replace(files.online)


def _into_sqlite(files: ViewSettings, view: View, rows: pa.Table) -> None:
    names = [*files.keys, files.event, *(name for name in view.features if name in rows.column_names)]
    table, event = _quoted(view.name), _quoted(files.event)
    keys = ", ".join(_quoted(name) for name in files.keys)
    kept = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names if name not in files.keys)
    marks = ", ".join("?" * len(names))
    values = [rows[EVENT if name == files.event else name].to_pylist() for name in names]
    files.online.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(files.online)) as connection, connection:
            columns = ", ".join(_quoted(name) for name in names)
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns}, PRIMARY KEY ({keys}))")
            connection.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({keys}) DO UPDATE SET {kept} "  # noqa: S608 - quoted
                f"WHERE excluded.{event} >= {table}.{event}",
                zip(*values, strict=True),
            )
    except sqlite3.Error as error:
        raise BackendError("the online table cannot be written", remedy="look at the SQLite file") from error


def _intervals(path: Path | None) -> tuple[tuple[int, int], ...]:
    if path is None or not path.exists():
        return ()
    text = read_plain_text(str(path), _MOST_BYTES)
    try:
        return tuple(sorted((to_us(from_iso(start)), to_us(from_iso(end))) for start, end in json.loads(text or "")))
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{path.name} holds no intervals", remedy="it is a JSON list of pairs of times with time zones"
        ) from error


def _note(path: Path, intervals: Sequence[tuple[int, int]]) -> None:
    merged: list[list[int]] = []
    for start, end in sorted(intervals):
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    plain = [[to_iso(datetime.fromtimestamp(moment / 1e6, UTC)) for moment in pair] for pair in merged]
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(plain, indent=1), encoding="utf-8")
    beside.replace(path)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
