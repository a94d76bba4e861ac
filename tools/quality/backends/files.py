"""Tables in Parquet or CSV files, a file or a folder for each day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, InputError, ToolRetry
from ...parquet_tables import refuse_more_rows
from ...plain_files import read_plain_text
from ..book import MOST_BYTES, RolesRecord, read_book, read_past
from ..naming import findings
from ..profile import MOST_ROWS, PartitionProfile, Roles, profile
from .types import Watched

_MOST_FILE_BYTES = 4_000_000_000
PAST_ENDING = ".past.json"


@dataclass(frozen=True)
class WatchedFiles:
    """Where a table is.

    Args:
        book: the quality file.
        day: the day to judge; or, where it `has_days`, a folder of days whose last by name is judged.
        has_days: whether `day` is a folder with a file or a folder for each day.
        due_s: how long ago the newest day may have been written, in seconds; `None` if that does not matter.
    """

    book: Path
    day: Path
    has_days: bool = False
    due_s: float | None = None


class FileTables:
    """Reads days from files; implements `QualityBackend`.

    Args:
        files: by table.
        environment: whose tables.
        now: the time, for days that are due.
    """

    def __init__(
        self,
        files: Mapping[str, WatchedFiles],
        environment: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._files = dict(files)
        self._environment = environment
        self._now = now

    @property
    def environment(self) -> str:
        """The environment that the files are of."""
        return self._environment

    def tables(self) -> tuple[str, ...]:
        """The tables that are watched."""
        return tuple(sorted(self._files))

    def watched(self, table: str, deadline: Deadline) -> Watched | None:
        """A table with its newest day."""
        files = self._files.get(table)
        if files is None:
            raise ToolRetry("no table of this name is watched", remedy=f"tables: {', '.join(self.tables())}")
        book = read_book(_text(files.book))
        past = read_past(_text(files.book.with_suffix(PAST_ENDING)))
        before, path = last_days(files.day) if files.has_days else (None, files.day)
        if files.due_s is not None and self._now().timestamp() - _written(path) > files.due_s:
            raise InputError(
                f"no day was written in the last {files.due_s / 3_600:g} h",
                remedy="see why the table stopped, or allow more in `due_hours`",
            )
        day = read_day(path, book.roles, files.book.parent)
        if before is not None and not deadline.passed:
            # The book knows the days that it was learned from; that nothing new was computed shows beside yesterday.
            yesterday = read_day(before, book.roles, files.book.parent)
            if yesterday.rows and not findings(book.rules, past, yesterday):
                past = (*past, yesterday)
        if deadline.passed:
            raise BackendError("the day was not read in time", remedy="give a sample of its rows")
        return Watched(book.rules, past, day) if day.rows else None


def last_days(folder: Path) -> tuple[Path | None, Path]:
    """The last day but one in a folder, if there is one, and the last, by the order of names.

    Raises:
        InputError: it holds no day.
    """
    try:
        inside = [each for each in folder.iterdir() if not each.is_symlink() and not each.name.startswith(".")]
    except OSError as error:
        raise InputError("the folder of days cannot be read", remedy="name a folder that exists") from error
    days = in_order([each for each in inside if each.is_dir() or each.suffix in (".parquet", ".csv")])
    if not days:
        raise InputError("the folder holds no day", remedy="put a file or a folder for each day there")
    return (days[-2] if len(days) > 1 else None), days[-1]


def read_day(path: Path, roles: RolesRecord, folder: Path) -> PartitionProfile:
    """The profile of the rows in a file or a folder of files, named after it.

    Args:
        path: Parquet or CSV.
        roles: of the columns.
        folder: where files of references lie.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    return profile(path.name.split(".")[0], read_rows(path), _roles(roles, folder))


def read_rows(path: Path) -> pa.Table:
    """The rows of a day.

    Raises:
        InputError: there are none, they cannot be read, or there are too many.
    """
    import pyarrow.csv as csv  # noqa: PLC0415 - only where files are read
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    inside = sorted([*path.glob("*.parquet"), *path.glob("*.csv")]) if path.is_dir() else [path]
    files = [each for each in inside if each.is_file() and not each.is_symlink()]
    if not files:
        raise InputError("there is no file of rows", remedy="name Parquet or CSV files that exist")
    if sum(each.stat().st_size for each in files) > _MOST_FILE_BYTES:
        raise InputError("a day has more than 4 GB", remedy="give a sample of its rows")
    try:
        for each in files:
            if each.suffix != ".csv":
                refuse_more_rows(each, MOST_ROWS)
        tables = [csv.read_csv(each) if each.suffix == ".csv" else pq.read_table(each) for each in files]
        table = pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
        raise InputError(f"{path.name} cannot be read", remedy="give Parquet, or CSV with a header") from error
    if table.num_rows > MOST_ROWS:
        raise InputError(f"a day has more than {MOST_ROWS} rows", remedy="give a sample of its rows")
    return table


def _roles(roles: RolesRecord, folder: Path) -> Roles:
    return Roles(roles.key, roles.event, roles.arrival, roles.label, _references(roles.references, folder))


def _references(references: Mapping[str, str], folder: Path) -> dict[str, pa.Array]:
    found: dict[str, pa.Array] = {}
    for column, name in references.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise InputError("a reference lies outside of the folder of the quality file", remedy="copy it there")
        found[column] = read_rows(path)[0].combine_chunks()
    return found


def _written(path: Path) -> float:
    """When a day was written, in seconds since 1970."""
    try:
        inside = path.iterdir() if path.is_dir() else iter([path])
        return max(float(each.stat().st_mtime) for each in inside if each.is_file())
    except (OSError, ValueError) as error:
        raise InputError("there is no file of rows", remedy="name Parquet or CSV files that exist") from error


def _text(path: Path) -> str:
    text = read_plain_text(str(path), MOST_BYTES)
    if text is None:
        raise InputError(f"{path.name} is not there or cannot be read", remedy="`opswarden platform quality learn`")
    return text


def in_order(paths: Sequence[Path]) -> list[Path]:
    """Days by their names."""
    return sorted(paths, key=lambda path: path.name)
