"""A repository of Feast 0.67 with Parquet sources; keys of a SQLite online store are listed, of others only asked for.

Feast does not drop rows past their time to live online, and its SQLite store overwrites a newer row with an older one
when a past interval is materialized: so `keeps_newest` is false, and whoever fills a gap goes on up to the present.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError
from ...windows import to_us
from .parquet_source import ParquetSource, in_share
from .store import EVENT, KEY, SEPARATOR, Kind, Online, Share, View

_BATCH = 500
_DUMMY = "__dummy_id"
_MOST_KEYS = 5_000_000
_KINDS: dict[str, Kind] = {
    "INT32": "integer",
    "INT64": "integer",
    "FLOAT": "float",
    "DOUBLE": "float",
    "STRING": "text",
    "BOOL": "boolean",
    "UNIX_TIMESTAMP": "time",
}
_ARROW = {
    "integer": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us", "UTC"),
}


class FeastStore:
    """The feature views of a repository; implements `FeatureStore`.

    Args:
        feast: an open `feast.FeatureStore`.
        environment: that it serves.
    """

    def __init__(self, feast: Any, environment: str) -> None:
        self._feast = feast
        self._environment = environment

    @classmethod
    def open(cls, repository: Path, environment: str) -> FeastStore:
        """The store of a repository on this machine.

        Raises:
            BackendError: its registry cannot be read.
            ConfigError: Feast is not installed, or the folder is no repository.
        """
        if not (repository / "feature_store.yaml").is_file():
            raise ConfigError("the Feast repository has no `feature_store.yaml`", remedy="correct `repository`")
        try:
            from feast import FeatureStore  # noqa: PLC0415 - eight seconds of imports, of an extra
        except ImportError as error:
            raise ConfigError("Feast is not installed", remedy="install the extra `feast`") from error
        try:
            return cls(FeatureStore(repo_path=str(repository)), environment)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise BackendError("the Feast repository cannot be opened", remedy="look at its configuration") from error

    @property
    def environment(self) -> str:
        """The environment that the repository serves."""
        return self._environment

    @property
    def keeps_newest(self) -> bool:
        """Feast writes what it is told to, older or not."""
        return False

    def views(self, deadline: Deadline) -> tuple[View, ...]:
        """The views that have an entity and a Parquet source, in order of their names."""
        if deadline.passed:
            raise BackendError("the registry was not read in time", remedy="try again")
        found = [each for each in self._feast.list_feature_views() if _is_ours(each)]
        return tuple(self._view(each) for each in sorted(found, key=lambda each: str(each.name)))

    def count(self, view: View, deadline: Deadline) -> int:
        """About how many keys the offline side has."""
        return self._source(self._named(view)).count(deadline)

    def offline(self, view: View, share: Share, upto_us: int, deadline: Deadline) -> pa.Table:
        """The newest rows of each key of a sample up to a moment, read where they lie."""
        both = [name for name in view.features if name in view.offline]
        return self._source(self._named(view)).newest(share, both, upto_us, deadline)

    def online(self, view: View, share: Share, keys: Sequence[str], deadline: Deadline) -> Online:
        """What Feast's online read answers, with the event time of each feature."""
        named = self._named(view)
        kinds: list[Kind] = [_KINDS.get(field.dtype.to_value_type().name, "text") for field in named.entity_columns]
        listed = self._listed(named)
        wanted = list(dict.fromkeys([*keys, *in_share(listed or [], share)]))
        columns: dict[str, list[Any]] = {name: [] for name in (KEY, EVENT, *view.features)}
        events: dict[str, list[int | None]] = {name: [] for name in view.features}
        for start in range(0, len(wanted), _BATCH):
            if deadline.passed:
                raise BackendError("the online store was not read in time", remedy="ask for a smaller sample")
            batch = wanted[start : start + _BATCH]
            for key, values, moments in self._read(view, batch, [_entity(view.keys, kinds, key) for key in batch]):
                known = [moment for moment in moments.values() if moment]
                if not known:
                    continue
                columns[KEY].append(key)
                columns[EVENT].append(max(known))
                for name in view.features:
                    columns[name].append(values[name])
                    events[name].append(moments[name])
        types = {KEY: pa.string(), EVENT: pa.int64(), **{name: _ARROW.get(k) for name, k in view.features.items()}}
        rows = pa.table({name: pa.array(column, types[name]) for name, column in columns.items()})
        own = {name: pa.chunked_array([pa.array(column, pa.int64())]) for name, column in events.items()}
        return Online(rows, own, is_whole=listed is not None, step_us=1_000_000)

    def days(self, view: View, start_us: int, end_us: int, step_us: int, deadline: Deadline) -> tuple[int, ...]:
        """Offline rows in each step of an interval."""
        return self._source(self._named(view)).steps(start_us, end_us, step_us, deadline)

    def materialize(self, view: View, start_us: int, end_us: int, deadline: Deadline) -> int:
        """Have Feast materialize an interval."""
        if deadline.passed:
            raise BackendError("no time is left to materialize", remedy="run the backfill on")
        start, end = (datetime.fromtimestamp(each / 1e6, UTC) for each in (start_us, end_us))
        try:
            with redirect_stdout(io.StringIO()):  # it draws bars
                self._feast.materialize(start, end, feature_views=[view.name])
        except (OSError, ValueError, KeyError, RuntimeError, sqlite3.Error) as error:
            raise BackendError("Feast could not materialize the interval", remedy="look at its log") from error
        self._feast.refresh_registry()
        (rows,) = self.days(view, start_us, end_us, end_us - start_us, deadline)
        return rows

    def _read(
        self, view: View, keys: Sequence[str], entities: Sequence[dict[str, Any]]
    ) -> Iterator[tuple[str, dict[str, Any], dict[str, int | None]]]:
        try:
            answer = self._feast.get_online_features(
                features=[f"{view.name}:{name}" for name in view.features], entity_rows=list(entities)
            )
        except (OSError, ValueError, KeyError, sqlite3.Error) as error:
            raise BackendError("the online store did not answer", remedy="look at the online store") from error
        values = answer.to_dict()
        names = list(answer.proto.metadata.feature_names.val)
        moments = {name: answer.proto.results[names.index(name)].event_timestamps for name in view.features}
        for place, key in enumerate(keys):
            of_row = {name: moments[name][place] for name in view.features}
            yield (
                key,
                {name: values[name][place] for name in view.features},
                # A key that is not there comes back with the first second of 1970.
                {name: each.seconds * 1_000_000 + each.nanos // 1000 or None for name, each in of_row.items()},
            )

    def _listed(self, named: Any) -> list[str] | None:
        """Every key of the online table, where the store is SQLite."""
        settings = self._feast.config
        if getattr(settings.online_store, "type", "") != "sqlite":
            return None
        from feast.infra.key_encoding_utils import deserialize_entity_key  # noqa: PLC0415 - as in `open`
        from feast.infra.online_stores.helpers import compute_table_id  # noqa: PLC0415 - the same
        from feast.type_map import feast_value_type_to_python_type  # noqa: PLC0415 - the same

        table = compute_table_id(settings.project, named, settings.registry.enable_online_feature_view_versioning)
        path = Path(settings.online_store.path)
        path = path if path.is_absolute() or settings.repo_path is None else Path(settings.repo_path) / path
        quoted = '"' + table.replace('"', '""') + '"'
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
                rows = connection.execute(f"SELECT DISTINCT entity_key FROM {quoted} LIMIT {_MOST_KEYS}").fetchall()  # noqa: S608 - quoted
        except sqlite3.Error as error:
            raise BackendError("the online table cannot be read", remedy="was the repository applied?") from error
        found = []
        for (blob,) in rows:
            key = deserialize_entity_key(blob, settings.entity_key_serialization_version)
            of = dict(zip(key.join_keys, map(feast_value_type_to_python_type, key.entity_values), strict=True))
            found.append(SEPARATOR.join(str(of[name]) for name in named.join_keys))
        return found

    def _view(self, named: Any) -> View:
        features: dict[str, Kind] = {
            field.name: _KINDS.get(field.dtype.to_value_type().name, "other") for field in named.features
        }
        tags = dict(named.tags)
        return View(
            name=str(named.name),
            keys=tuple(named.join_keys),
            features=features,
            offline=self._source(named).kinds(),
            ttl_s=named.ttl.total_seconds() or None if named.ttl is not None else None,
            intervals=tuple(sorted((_us(start), _us(end)) for start, end in named.materialization_intervals)),
            has_created=bool(named.batch_source.created_timestamp_column),
            depends_on=tuple(part.strip() for part in tags.get("depends_on", "").split(",") if part.strip()),
            refresh_s=_number(tags.get("refresh_s")),
            sources=tuple(filter(None, (str(named.batch_source.name or ""), str(named.batch_source.path)))),
        )

    def _named(self, view: View) -> Any:
        return next(each for each in self._feast.list_feature_views() if each.name == view.name)

    def _source(self, named: Any) -> ParquetSource:
        source = named.batch_source
        path = Path(source.path)
        if not path.is_absolute() and self._feast.config.repo_path is not None:
            path = Path(self._feast.config.repo_path) / path
        return ParquetSource((path,), named.join_keys, source.timestamp_field, source.created_timestamp_column or None)


def _is_ours(named: Any) -> bool:
    source = named.batch_source
    return (
        type(source).__name__ == "FileSource"
        and not source.field_mapping
        and "://" not in source.path
        and list(named.join_keys) != [_DUMMY]
    )


def _entity(keys: Sequence[str], kinds: Sequence[Kind], key: str) -> dict[str, Any]:
    parts = key.split(SEPARATOR)
    return {name: int(part) if kind == "integer" else part for name, kind, part in zip(keys, kinds, parts, strict=True)}


def _us(moment: datetime) -> int:
    return to_us(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
