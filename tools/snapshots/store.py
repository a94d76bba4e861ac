"""Read a snapshot folder through DuckDB: checked when it is opened, queried with parameters only.

Everything in a snapshot is input from outside: a folder that is none, a missing column, a wrong type, a truncated file
or an unusable manifest ends in an `InputError` that names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...core.clock import Deadline
from ...core.errors import InputError
from ..plain_files import read_plain_text
from ..table_folder import Span, TableFolder, read_manifest_of, refuse_link
from .manifest import MANIFEST_NAME, Manifest, Window
from .schema import OPTIONAL_COLUMNS, REQUIRED_TABLES, TABLES, TIME_COLUMN, TableName

_RUNBOOK_LIMIT_BYTES = 256_000
_RUNBOOK_LIMIT_COUNT = 2_000
_SHOWN_WARNINGS = 20
_STEADY_TABLES: frozenset[TableName] = frozenset(("metrics", "logs", "spans"))
"""Tables that a running platform never stops to fill."""
_NUMBERED_TABLES: frozenset[TableName] = frozenset(("logs", "spans"))
"""Tables that also carry the number of each row in its file, which tells apart what has no id of its own."""


class SnapshotStore:
    """One snapshot, open for reading. Safe to use from several threads.

    Args:
        folder: the snapshot folder.
        memory_limit_mb: what DuckDB may hold; it spills to a private folder beyond.
        threads: how many cores a query may use.
        elsewhere: tables whose content lives in systems that are asked instead; they are not missing here.

    Raises:
        InputError: it is no snapshot, or a part of it cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        memory_limit_mb: int = 400,
        threads: int = 2,
        elsewhere: frozenset[TableName] = frozenset(),
    ) -> None:
        self._elsewhere = elsewhere
        self.asked = tuple(sorted(elsewhere))
        self.manifest = read_manifest(folder)
        self.folder = folder.resolve()
        self.missing: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()
        self._tables = TableFolder(folder, "snapshot", memory_limit_mb=memory_limit_mb, threads=threads)
        self._spans: dict[TableName, Span] = {}
        try:
            self._open_tables()
        except InputError:
            self.close()
            raise

    @property
    def is_live(self) -> bool:
        """Whether systems are asked for some of the tables, so that this is an incident and no recording."""
        return bool(self._elsewhere)

    def _open_tables(self) -> None:
        missing: list[str] = []
        warnings: list[str] = []
        for name in TABLES:
            path = self.folder / f"{name}.parquet"
            refuse_link(path, "snapshot")
            if not path.is_file():
                if name in REQUIRED_TABLES and name not in self._elsewhere:
                    missing.append(name)
                continue
            self._spans[name] = self._check_table(name, path, warnings)
        if set(missing) >= _STEADY_TABLES and "objects" not in self._spans and not self._elsewhere:
            raise InputError(
                f"snapshot {self.folder.name!r} holds no metrics, no logs and no spans",
                remedy="a snapshot needs one of metrics.parquet, logs.parquet, spans.parquet, objects.parquet",
            )
        self.missing = tuple(missing)
        self.warnings = tuple(warnings[:_SHOWN_WARNINGS])

    def _check_table(self, name: TableName, path: Path, warnings: list[str]) -> Span:
        span = self._tables.add(
            name,
            [path],
            TABLES[name],
            optional=frozenset(column for table, column in OPTIONAL_COLUMNS if table == name),
            time_column=TIME_COLUMN.get(name),
            extra=("file_row_number",) if name in _NUMBERED_TABLES else (),
        )
        window = self.manifest.window
        # A platform on which nothing was changed and nothing fired is a quiet one, not an incomplete snapshot.
        if (
            name in _STEADY_TABLES
            and span.rows
            and span.first
            and span.last
            and (span.last < window.start or span.first >= window.end)
        ):
            warnings.append(f"{name}: no row lies in the incident window")
        return span

    @property
    def environment(self) -> str:
        """The environment the snapshot was taken in."""
        return self.manifest.environment

    def has(self, table: TableName) -> bool:
        """Whether the table is there and holds a row."""
        span = self._spans.get(table)
        return span is not None and span.rows > 0

    def span(self, table: TableName) -> Span:
        """Rows and time range of a table; zero rows if it is missing."""
        return self._spans.get(table, Span(0, None, None))

    def baseline(self) -> Window | None:
        """The quiet time to compare with: declared, or all data before the incident window; `None` if there is none."""
        if self.manifest.baseline is not None:
            return self.manifest.baseline
        firsts = [span.first for span in self._spans.values() if span.first is not None]
        if not firsts or min(firsts) >= self.manifest.window.start - timedelta(seconds=1):
            return None
        return Window(start=min(firsts), end=self.manifest.window.start)

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table:
        """Run a query of ours and return all its rows; values only ever travel as parameters.

        Bytes that are no UTF-8 come back as `?`, one for each.

        Raises:
            BackendError: DuckDB could not run it (memory, a damaged row group), or not before the deadline.
        """
        return self._tables.query(sql, parameters, deadline)

    def batches(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> Iterator[pa.RecordBatch]:
        """`query` whose rows come in parts, so that they never lie in memory all at once."""
        return self._tables.batches(sql, parameters, deadline)

    def runbooks(self) -> list[tuple[str, str]]:
        """Name and text of every runbook in the folder, in the order of their names; oversized ones are left out."""
        folder = self.folder / "runbooks"
        if folder.is_symlink() or not folder.is_dir():
            return []
        paths = sorted(folder.glob("*.md"))[:_RUNBOOK_LIMIT_COUNT]
        texts = ((path.name, read_plain_text(str(path), _RUNBOOK_LIMIT_BYTES)) for path in paths)
        return [(name, text) for name, text in texts if text is not None and name.isprintable()]

    def close(self) -> None:
        """Let go of the files and of what was spilled."""
        self._tables.close()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot folder.

    Raises:
        InputError: it is no snapshot, or its manifest cannot be used.
    """
    return read_manifest_of(
        folder,
        MANIFEST_NAME,
        Manifest,
        noun="snapshot",
        made_by="`opswarden import` or `opswarden demo`",
        page="docs/snapshots.md",
    )
