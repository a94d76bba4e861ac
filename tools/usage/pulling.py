"""Pull usage from systems and files into a fleet folder, day by day: what is there is not asked for again.

A day appears in the folder when all of it was read. Interrupted, the next pull goes on with the days that are missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...core.clock import Clock, Deadline
from ...core.errors import BackendError, InputError
from ..fleets.manifest import FLEET_MANIFEST, FleetManifest
from ..fleets.schema import FLEET_TABLES, FleetTable, fleet_rows
from ..fleets.store import read_fleet_manifest
from .backends.types import MOST_SAMPLES_A_DAY, UsageBackend

_DAY_US = 86_400_000_000
_DAYS_AT_ONCE = 92
_PULLED: tuple[FleetTable, ...] = ("sizes", "happenings", "usage")
"""Tables in parts by day. Usage comes last: a day whose usage is there is complete."""


@dataclass(frozen=True)
class Pulled:
    """What a pull did.

    Args:
        read: days that were read, with their samples.
        kept: days that were there already.
        notes: what could not be had.
    """

    read: dict[date, int]
    kept: tuple[date, ...]
    notes: tuple[str, ...]


@dataclass
class Pull:
    """One fleet folder that grows.

    Args:
        folder: made if it is not there; its parent must.
        title, environment, currency: of the fleet.
        backends: what is asked.
        clock: for deadlines.
        seconds: how long one question to a backend may take.
        tell: is told each day that is complete, and its samples.
    """

    folder: Path
    title: str
    environment: str
    currency: str
    backends: Sequence[UsageBackend]
    clock: Clock
    seconds: float = 3_600.0
    tell: Callable[[date, int], None] = field(default=lambda day, samples: None)

    def run(self, first: date, last: date) -> Pulled:
        """Read the days from `first` to `last`, both included, that are not there.

        Raises:
            InputError: the folder is another fleet, or the days are out of order.
            BackendError: a backend did not answer; complete days stay.
        """
        if last < first:
            raise InputError("a pull ends after it begins", remedy="check --from and --to")
        self._check_folder()
        wanted = [first + timedelta(days=place) for place in range((last - first).days + 1)]
        kept = tuple(day for day in wanted if self._part("usage", day).is_file())
        missing = [day for day in wanted if day not in set(kept)]
        at_once = min(_DAYS_AT_ONCE, *(backend.days_at_once for backend in self.backends))
        read: dict[date, int] = {}
        for days in _pieces(missing, at_once):
            read |= self._read(days)
            self._write_manifest(days)
        notes = dict.fromkeys(note for backend in self.backends for note in backend.notes())
        return Pulled(read, kept, tuple(notes))

    def _check_folder(self) -> None:
        if not self.folder.exists():
            return
        others = {path.name for path in self.folder.iterdir()} - {*_PULLED, "workloads.parquet", ".workloads.draft"}
        if not (self.folder / FLEET_MANIFEST).is_file() and others:
            raise InputError(f"{self.folder.name!r} is no fleet folder", remedy="give a folder that is not there yet")
        if (self.folder / "usage.parquet").exists():
            raise InputError(
                f"fleet {self.folder.name!r} keeps its usage in one file", remedy="pull into a folder of its own"
            )
        if (self.folder / FLEET_MANIFEST).is_file():
            there = read_fleet_manifest(self.folder)
            if (there.environment, there.currency) != (self.environment, self.currency):
                raise InputError(
                    f"fleet {self.folder.name!r} is of another environment or currency",
                    remedy="pull into a folder of its own",
                )

    def _part(self, table: FleetTable, day: date) -> Path:
        return self.folder / table / f"{day.isoformat()}.parquet"

    def _read(self, days: Sequence[date]) -> dict[date, int]:
        """Days in a row."""
        start, end = _midnight(days[0]), _midnight(days[-1] + timedelta(days=1))
        for table in _PULLED:
            (self.folder / table).mkdir(parents=True, exist_ok=True)
        with _Parts(self.folder / "usage", days) as parts:
            for backend in self.backends:
                for table in backend.usage(start, end, self._deadline()):
                    parts.write(table)
            for name in ("sizes", "happenings"):
                rows = [self._asked(backend, name, start, end) for backend in self.backends]
                self._write_days(name, pa.concat_tables(rows), days)
            self._write_workloads(start, end)
            parts.publish()
        for day in days:
            self.tell(day, parts.samples[day])
        return dict(parts.samples)

    def _asked(self, backend: UsageBackend, name: str, start: datetime, end: datetime) -> pa.Table:
        ask = backend.sizes if name == "sizes" else backend.happenings
        return ask(start, end, self._deadline())

    def _write_days(self, name: FleetTable, rows: pa.Table, days: Sequence[date]) -> None:
        for day, some in _by_day(rows, days, clip=True):
            _replace(self._part(name, day), some)

    def _write_workloads(self, start: datetime, end: datetime) -> None:
        """Workloads of before and now; what is known now stands."""
        path = self.folder / "workloads.parquet"
        found: dict[str, dict[str, object]] = {}
        if path.is_file():
            found = {row["workload"]: row for row in pq.read_table(path).to_pylist()}
        for backend in self.backends:
            for row in backend.workloads(start, end, self._deadline()).to_pylist():
                known = {name: value for name, value in row.items() if value is not None}
                found[row["workload"]] = {**found.get(row["workload"], {}), **known}
        _replace(path, fleet_rows("workloads", [found[name] for name in sorted(found)]))

    def _write_manifest(self, days: Sequence[date]) -> None:
        start, end = _midnight(days[0]), _midnight(days[-1] + timedelta(days=1))
        path = self.folder / FLEET_MANIFEST
        if path.is_file():
            there = read_fleet_manifest(self.folder)
            start, end = min(start, there.start), max(end, there.end)
        manifest = FleetManifest(
            title=self.title,
            environment=self.environment,
            start=start,
            end=end,
            currency=self.currency,
            source="opswarden finops pull",
        )
        draft = path.with_suffix(".draft")
        draft.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        draft.replace(path)

    def _deadline(self) -> Deadline:
        return Deadline(self.clock, self.seconds)


class _Parts:
    """Parts of usage, one a day, that appear together when all of them are complete."""

    def __init__(self, folder: Path, days: Sequence[date]) -> None:
        self._folder = folder
        self._days = days
        self._writers: dict[date, pq.ParquetWriter] = {}
        self.samples: dict[date, int] = dict.fromkeys(days, 0)

    def __enter__(self) -> _Parts:
        for day in self._days:
            self._writers[day] = pq.ParquetWriter(self._draft(day), FLEET_TABLES["usage"], compression="zstd")
        return self

    def _draft(self, day: date) -> Path:
        return self._folder / f".{day.isoformat()}.draft"

    def write(self, rows: pa.Table) -> None:
        for day, some in _by_day(rows, self._days):
            if not some.num_rows:
                continue
            self.samples[day] += some.num_rows
            if self.samples[day] > MOST_SAMPLES_A_DAY:
                raise BackendError(
                    f"{day.isoformat()} has more than {MOST_SAMPLES_A_DAY} samples",
                    remedy="take a longer step, or split the fleet",
                )
            self._writers[day].write_table(some)

    def publish(self) -> None:
        for day, writer in self._writers.items():
            writer.close()
            self._draft(day).replace(self._folder / f"{day.isoformat()}.parquet")

    def __exit__(self, *_: object) -> None:
        for day, writer in self._writers.items():
            writer.close()
            with contextlib.suppress(OSError):
                self._draft(day).unlink()


def _by_day(rows: pa.Table, days: Sequence[date], *, clip: bool = False) -> Iterator[tuple[date, pa.Table]]:
    """The rows of each day; with `clip` those of before belong to the first one."""
    first = (days[0] - date(1970, 1, 1)).days
    at = rows["ts"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).fill_null(-1).to_numpy()
    day = at // _DAY_US - first
    if clip:
        day = np.maximum(day, 0)
    for place, one in enumerate(days):
        where = np.flatnonzero(day == place)
        yield one, rows if len(where) == rows.num_rows else rows.take(pa.array(where))


def _pieces(days: Sequence[date], at_once: int) -> Iterator[list[date]]:
    """Days in a row, at most so many at once."""
    piece: list[date] = []
    for day in days:
        if piece and (len(piece) == at_once or day != piece[-1] + timedelta(days=1)):
            yield piece
            piece = []
        piece.append(day)
    if piece:
        yield piece


def _replace(path: Path, rows: pa.Table) -> None:
    draft = path.with_name(f".{path.stem}.draft")
    pq.write_table(rows, draft, compression="zstd")
    draft.replace(path)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
