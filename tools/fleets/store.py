"""Read a fleet folder through DuckDB: checked when it is opened, queried with parameters only.

Everything in a fleet is input from outside: a folder that is none, a link, a missing column, a wrong type, a truncated
file or an unusable manifest ends in an `InputError` that names it. A table is one file, `usage.parquet`, or a folder of
parts, `usage/2026-11-01.parquet`, so that a day can be added without writing the others again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ...core.clock import Deadline
from ...core.errors import InputError
from ..table_folder import Span, TableFolder, read_manifest_of, refuse_link
from .manifest import FLEET_MANIFEST, FleetManifest
from .schema import (
    BILL_FOLDER,
    FLEET_TABLES,
    REQUIRED_COLUMNS,
    REQUIRED_FLEET_TABLES,
    TIME_COLUMNS,
    FleetTable,
)

if TYPE_CHECKING:
    import duckdb

_MOST_PARTS = 4_000
"""More than ten years of days."""
_MOST_BILLS = 1_000
_BILL_ENDINGS = (".csv", ".csv.gz", ".parquet")
_MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Part:
    """A file of a table.

    Args:
        identity: its name, size and time of writing; another one once it is written again.
        first, last: the times in it, as the file itself tells; `None` if it does not.
    """

    identity: str
    first: datetime | None
    last: datetime | None

    def may_hold(self, day: date) -> bool:
        """Whether rows of a day of UTC can be in it."""
        return self.first is None or self.last is None or self.first.date() <= day <= self.last.date()


class FleetStore:
    """One fleet, open for reading. Safe to use from several threads.

    Tables that are optional and not there are empty views; `has` tells.

    Args:
        folder: the fleet folder.
        memory_limit_mb: what DuckDB may hold; it spills to a private folder beyond.
        threads: how many cores a query may use.

    Raises:
        InputError: it is no fleet, or a part of it cannot be used.
    """

    def __init__(self, folder: Path, *, memory_limit_mb: int = 600, threads: int = 2) -> None:
        self.manifest = read_fleet_manifest(folder)
        self.folder = folder.resolve()
        self._tables = TableFolder(folder, "fleet", memory_limit_mb=memory_limit_mb, threads=threads)
        self._spans: dict[FleetTable, Span] = {}
        try:
            self._open_tables()
        except InputError:
            self.close()
            raise

    def _open_tables(self) -> None:
        for name, schema in FLEET_TABLES.items():
            paths = self._files_of(name)
            if paths:
                optional = frozenset(schema.names) - REQUIRED_COLUMNS[name]
                self._spans[name] = self._tables.add(
                    name, paths, schema, optional=optional, time_column=TIME_COLUMNS.get(name)
                )
                continue
            if name in REQUIRED_FLEET_TABLES:
                raise InputError(
                    f"fleet {self.folder.name!r} has no {name}.parquet",
                    remedy=f"a fleet needs {', '.join(REQUIRED_FLEET_TABLES)}; see docs/finops-data.md",
                )
            self._tables.add_empty(name, schema)

    def _files_of(self, name: FleetTable) -> list[Path]:
        single, parts = self.folder / f"{name}.parquet", self.folder / name
        refuse_link(single, "fleet")
        refuse_link(parts, "fleet")
        if not parts.is_dir():
            return [single] if single.is_file() else []
        if single.exists():
            raise InputError(
                f"fleet {self.folder.name!r} has both {name}.parquet and a folder {name}", remedy="keep one of them"
            )
        found = sorted(parts.glob("*.parquet"))
        if len(found) > _MOST_PARTS:
            raise InputError(f"{name} has more than {_MOST_PARTS} parts", remedy="write one file a day, or a month")
        return found

    def parts(self, table: FleetTable) -> tuple[Part, ...]:
        """The files of a table, in the order of their names."""
        return tuple(_part_of(path, TIME_COLUMNS.get(table)) for path in self._files_of(table))

    @property
    def environment(self) -> str:
        """The environment the fleet runs in."""
        return self.manifest.environment

    def has(self, table: FleetTable) -> bool:
        """Whether the table is there and holds a row."""
        return self.span(table).rows > 0

    def span(self, table: FleetTable) -> Span:
        """Rows and time range of a table; zero rows if it is missing, no times where it has none."""
        return self._spans.get(table, Span(0, None, None))

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table:
        """Run a query of ours and return all its rows; values only ever travel as parameters.

        Raises:
            BackendError: DuckDB could not run it (memory, a damaged row group), or not before the deadline.
        """
        return self._tables.query(sql, parameters, deadline)

    @contextmanager
    def asking(self, deadline: Deadline | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """The cursor of this thread over the views, for queries in several steps; interrupted when the time is up.

        Raises:
            BackendError: as `query`.
        """
        with self._tables.asking(deadline) as cursor:
            yield cursor

    def rows(self, table: FleetTable, *, most: int = _MOST_ROWS, deadline: Deadline | None = None) -> pa.Table:
        """A small table as a whole, with all the columns of its schema, in the order of its files.

        Raises:
            InputError: it has more rows than that.
            BackendError: as `query`.
        """
        if self.span(table).rows > most:
            raise InputError(f"{table} has more than {most} rows", remedy="leave out what is not analysed")
        return self.query(f"SELECT * FROM {table}", (), deadline).cast(FLEET_TABLES[table])  # noqa: S608 - a name of our schema

    def bills(self) -> tuple[Path, ...]:
        """Files of the bill (CSV, CSV with gzip, Parquet), in the order of their names.

        Raises:
            InputError: one is a link, or there are too many.
        """
        folder = self.folder / BILL_FOLDER
        refuse_link(folder, "fleet")
        found = sorted(path for path in folder.glob("*") if path.name.endswith(_BILL_ENDINGS))
        if len(found) > _MOST_BILLS:
            raise InputError(f"the bill has more than {_MOST_BILLS} files", remedy="keep the months that are analysed")
        for path in found:
            refuse_link(path, "fleet")
        return tuple(path for path in found if path.is_file())

    def close(self) -> None:
        """Let go of the files and of what was spilled."""
        self._tables.close()


def _part_of(path: Path, time_column: str | None) -> Part:
    import pyarrow.parquet as pq  # noqa: PLC0415 - 100 ms that only an open fleet needs

    found = path.stat()
    identity = f"{path.name}:{found.st_size}:{found.st_mtime_ns}"
    metadata = pq.read_metadata(path)
    place = metadata.schema.to_arrow_schema().get_field_index(time_column or "")
    groups = (
        [metadata.row_group(number).column(place) for number in range(metadata.num_row_groups)] if place >= 0 else []
    )
    told = [group.statistics for group in groups if group.is_stats_set and group.statistics.has_min_max]
    if not groups or len(told) < len(groups):
        return Part(identity, None, None)
    return Part(identity, min(one.min for one in told), max(one.max for one in told))


def read_fleet_manifest(folder: Path) -> FleetManifest:
    """The manifest of a fleet folder.

    Raises:
        InputError: it is no fleet, or its manifest cannot be used.
    """
    return read_manifest_of(
        folder,
        FLEET_MANIFEST,
        FleetManifest,
        noun="fleet",
        made_by="`opswarden finops pull`",
        page="docs/finops-data.md",
    )
