"""Traces in files: an export request of OTLP as JSON on each line, as the file exporter of a collector writes them.

Format: OpenTelemetry protocol, "OTLP file exporter" (JSON lines). The files are read twice: once for the ids of traces,
and once for the spans of those that are looked at, so that what is held does not grow with the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError
from ...listed_files import listed, opened
from ...logs.backends.streamed import Allowance
from .otlp import spans_of
from .rows import SpanRow, hexadecimal
from .sampled import Sample, Stretch
from .settings import OtlpFilesSettings

_LINE_LIMIT = 16_000_000
_FOUND = 500
_MOST_NAMES = 5_000
_SLACK_US = 60_000_000
"""A file that was last written so long before a stretch begins holds nothing of it."""


class OtlpFileReader:
    """Implements `TraceReader`.

    Args:
        name: what people call the source, for errors.
        settings: of the source.

    Raises:
        ConfigError: there is no such folder.
    """

    def __init__(self, name: str, settings: OtlpFilesSettings) -> None:
        self._name = name
        self._settings = settings
        if not settings.path.is_dir():
            raise ConfigError(f"{settings.path} is no folder", remedy=f"`path` of {name} names a folder of OTLP files")

    @property
    def environment(self) -> str:
        """Where the spans come from."""
        return self._settings.environment

    def sample(self, slices: Sequence[Stretch], deadline: Deadline) -> Sample:
        """Traces of each slice; of too many those whose hashed ids come first, which are the same whenever asked."""
        first_us = min((part.start for part in slices), default=0)
        ids: list[set[str]] = [set() for _ in slices]
        for row in self._rows(first_us, deadline):
            for part, there in zip(slices, ids, strict=True):
                if part.start <= row.start_us < part.end:
                    there.add(row.trace_id)
        most = max(1, self._settings.most_traces // max(len(slices), 1))
        is_part = any(len(there) > most for there in ids)
        chosen = {name for there in ids for name in sorted(there, key=_hashed)[:most]}
        traces: dict[str, list[SpanRow]] = {name: [] for name in sorted(chosen)}
        for row in self._rows(first_us, deadline):
            if row.trace_id in traces:
                traces[row.trace_id].append(row)
        return Sample([spans for spans in traces.values() if spans], is_part)

    def find(
        self, stretch: Stretch, deadline: Deadline, *, entity: str, name: str | None, failed: bool
    ) -> Sequence[SpanRow]:
        """The first spans that match, in order of the files."""

        def matches(row: SpanRow) -> bool:
            return (
                stretch.start <= row.start_us < stretch.end
                and row.entity == entity
                and name in (None, row.name)
                and (not failed or row.status == "ERROR")
            )

        return self._first(matches, stretch.start, _FOUND, deadline)

    def one(self, trace_id: str, deadline: Deadline) -> Sequence[SpanRow]:
        """The spans of a trace."""
        wanted = hexadecimal(trace_id, 32)
        return [row for row in self._rows(0, deadline) if row.trace_id == wanted] if wanted else ()

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The services that have spans."""
        return tuple(sorted({row.entity for row in self._rows(0, deadline)} - {""}))[:_MOST_NAMES]

    def _first(self, matches: Callable[[SpanRow], bool], first_us: int, most: int, deadline: Deadline) -> list[SpanRow]:
        found: list[SpanRow] = []
        for row in self._rows(first_us, deadline):
            if matches(row):
                found.append(row)
                if len(found) >= most:
                    break
        return found

    def _rows(self, first_us: int, deadline: Deadline) -> Iterator[SpanRow]:
        """All spans of files that were written since a moment."""
        settings = self._settings
        allowance = Allowance(self._name, settings.most_mb, deadline)
        allowance.spend(0)
        for path in listed(self._name, settings.path, settings.pattern, settings.most_files):
            with opened(path) as file:
                if file is None or path.stat().st_mtime * 1e6 < first_us - _SLACK_US:
                    continue
                while line := file.readline(_LINE_LIMIT):
                    allowance.spend(len(line))
                    yield from self._of_line(line, is_last=not line.endswith(b"\n"))

    def _of_line(self, line: bytes, *, is_last: bool) -> Sequence[SpanRow]:
        if not line.strip():
            return ()
        try:
            return [row for row in spans_of(json.loads(line)) if row.trace_id and row.span_id]
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError, OverflowError):
            if is_last:
                return ()  # somebody is still writing it
            raise BackendError(
                f"{self._name} has a file with a line that is no export of traces in OTLP as JSON",
                remedy="narrow its `pattern`; logs and metrics belong into files of their own",
            ) from None


def _hashed(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()
