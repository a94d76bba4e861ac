"""Lines of log files in a folder: a JSON object on each, or plain ones that begin with their time.

A plain line without a time belongs to the one before it, as the frames of a stack trace do. Files are read from the
place where a stretch of time begins: lines of one file are in order, give or take a minute.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError
from ...entity_patterns import entity_by_pattern
from ...listed_files import listed, opened
from ...windows import to_us
from .rows import BODY_LIMIT, Row, fingerprint
from .settings import FilesSettings
from .streamed import Allowance

_LINE_LIMIT = 262_144
_DISORDER_US = 60_000_000
_SEARCHED_BYTES = 1_000_000
"""A file is searched for the beginning of a stretch of time down to that much."""
_PROBED_LINES = 200
_ATTRIBUTES = 40
_ID = re.compile(r"(.{1,1000}):([0-9]{1,15}):([0-9a-f]{16})", re.DOTALL | re.ASCII)
_TIME = re.compile(
    r"[\[(<]?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)
_LEVEL = re.compile(
    r"(?:^|[\s\[|(<])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|PANIC)(?:[\s\]|:,)>]|$)"
)


class FileLines:
    """Implements `LineSource`. The id of a line is its file, its place there and a fingerprint of it.

    Args:
        name: what people call the source, for errors.
        settings: of the source.

    Raises:
        ConfigError: there is no such folder.
    """

    def __init__(self, name: str, settings: FilesSettings) -> None:
        self._name = name
        self._settings = settings
        if not settings.path.is_dir():
            raise ConfigError(f"{settings.path} is no folder", remedy=f"`path` of {name} names a folder of log files")

    @property
    def environment(self) -> str:
        """Where the lines come from."""
        return self._settings.environment

    def lines(self, start_us: int, end_us: int, deadline: Deadline) -> Iterator[Row]:
        """The lines of a stretch of time, file by file."""
        allowance = Allowance(self._name, self._settings.most_mb, deadline)
        for path in self._files():
            with opened(path) as file:
                # What was last written before the stretch begins holds nothing of it.
                if file is None or os.fstat(file.fileno()).st_mtime * 1e6 < start_us:
                    continue
                yield from self._of_file(path, file, start_us, end_us, allowance)

    def find(self, ids: Sequence[str], deadline: Deadline) -> Iterable[Row]:
        """The lines that still stand where they stood."""
        allowance = Allowance(self._name, self._settings.most_mb, deadline)
        files = {str(path.relative_to(self._settings.path)): path for path in self._files()}
        for name in ids:
            match = _ID.fullmatch(name)
            path = files.get(match[1]) if match else None
            if match is None or path is None:
                continue
            with opened(path) as file:
                if file is None:
                    continue
                file.seek(int(match[2]))
                found = next(self._records(path, file, allowance), None)
                if found is not None and found.id == name:
                    yield found

    def _files(self) -> list[Path]:
        settings = self._settings
        return listed(self._name, settings.path, settings.pattern, settings.most_files)

    def _of_file(self, path: Path, file: BinaryIO, start_us: int, end_us: int, allowance: Allowance) -> Iterator[Row]:
        file.seek(_beginning(file, start_us - _DISORDER_US, lambda line: self._time_of(line), allowance))
        if file.tell():
            file.readline(_LINE_LIMIT)  # the rest of a line that begins before
        size, any_known = file.tell(), False
        for row in self._records(path, file, allowance):
            any_known = True
            if row.ts_us >= end_us + _DISORDER_US:
                return
            if start_us <= row.ts_us < end_us:
                yield row
        if not any_known and not size and os.fstat(file.fileno()).st_size:
            raise BackendError(
                f"{self._name} has a file in which no line has a time that we know",
                remedy="write times as ISO 8601, name `time_keys`, or leave the file out of `pattern`",
            )

    def _records(self, path: Path, file: BinaryIO, allowance: Allowance) -> Iterator[Row]:
        """Lines with a time, each with the ones after it that have none."""
        name = str(path.relative_to(self._settings.path))
        begun: tuple[int, str, int, Any, list[str]] | None = None
        while True:
            place = file.tell()
            raw = file.readline(_LINE_LIMIT)
            allowance.spend(len(raw))
            if not raw:
                break
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            found = _json(text)
            ts_us = _time(found, self._settings.time_keys) if found is not None else _plain_time(text)
            if ts_us is not None:
                if begun is not None:
                    yield self._row(name, begun)
                begun = (place, text, ts_us, found, [])
            elif begun is not None and begun[3] is None and sum(map(len, begun[4])) < BODY_LIMIT:
                begun[4].append(text)
        if begun is not None:
            yield self._row(name, begun)

    def _row(self, name: str, begun: tuple[int, str, int, Any, list[str]]) -> Row:
        place, text, ts_us, found, more = begun
        id = f"{name}:{place}:{fingerprint(text)}"
        if found is None:
            level = _LEVEL.search(text[:100])
            body = "\n".join([text, *more])[:BODY_LIMIT]
            return Row(id, ts_us, self._entity(name), level[1] if level else None, body, (), None, None)
        settings = self._settings

        def first(keys: Sequence[str]) -> str | None:
            return next((str(found[key]) for key in keys if found.get(key) not in (None, "")), None)

        used = {*settings.entity_keys, *settings.time_keys, *settings.level_keys, *settings.body_keys, *_OF_TRACE}
        attributes = [
            (key, value if isinstance(value, str) else json.dumps(value))
            for key, value in sorted(found.items())
            if key not in used and value is not None
        ]
        return Row(
            id,
            ts_us,
            first(settings.entity_keys) or self._entity(name),
            first(settings.level_keys),
            (first(settings.body_keys) or text)[:BODY_LIMIT],
            attributes[:_ATTRIBUTES],
            first(("trace_id", "trace.id")),
            first(("span_id", "span.id")),
        )

    def _time_of(self, text: str) -> int | None:
        found = _json(text)
        return _time(found, self._settings.time_keys) if found is not None else _plain_time(text)

    def _entity(self, name: str) -> str:
        said = entity_by_pattern(name, self._settings.entities)
        return name.rpartition("/")[2].partition(".")[0] if said is None else said


_OF_TRACE = ("trace_id", "trace.id", "span_id", "span.id")


def _beginning(file: BinaryIO, start_us: int, time_of: Any, allowance: Allowance) -> int:
    """A place before which everything is earlier than a moment; found by halving."""
    low, high = 0, os.fstat(file.fileno()).st_size
    while high - low > _SEARCHED_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline(_LINE_LIMIT)
        found = None
        for _ in range(_PROBED_LINES):
            raw = file.readline(_LINE_LIMIT)
            allowance.spend(len(raw))
            found = time_of(raw.decode("utf-8", "replace")) if raw else None
            if found is not None or not raw:
                break
        if found is not None and found < start_us:
            low = middle
        else:
            high = middle
    return low


def _json(text: str) -> dict[str, Any] | None:
    """The object of a JSON line."""
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _time(found: dict[str, Any], keys: Sequence[str]) -> int | None:
    value = next((found[key] for key in keys if found.get(key) is not None), None)
    if isinstance(value, str):
        return _plain_time(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e20:
        return None
    # Seconds, milliseconds, microseconds or nanoseconds since the epoch: their sizes lie far apart.
    for factor, most in ((1e6, 1e11), (1e3, 1e14), (1, 1e17)):
        if value < most:
            return round(value * factor)
    return int(value) // 1_000


def _plain_time(text: str) -> int | None:
    match = _TIME.match(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in (None, "Z", "UTC") else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6].ljust(6, '0')}{zone}")
        return to_us(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
