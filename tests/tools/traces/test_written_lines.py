"""Lines that were written within the spans of a tracing system come from the log system, which is read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles.loki_server import LokiServer, entries_of
from opswarden.tests.doubles.tempo_server import TempoServer, hex_of
from opswarden.tools.captures.assembled import spans_in
from opswarden.tools.captures.lines import lines_in
from opswarden.tools.captures.pieces import Piece, unpacked
from opswarden.tools.captures.recording import SeenTraces
from opswarden.tools.logs.backends.joined import JoinedLogs
from opswarden.tools.logs.backends.loki import LokiLogs
from opswarden.tools.logs.backends.settings import LokiSettings
from opswarden.tools.traces.backends import sampled
from opswarden.tools.traces.backends.sampled import SampledTraces

from .conformance import MS, span, windows
from .test_live_traces import tempo_at


def line(at: datetime, entity: str, body: str, trace: str | None = None, span_id: str | None = None) -> dict[str, Any]:
    return {"ts": at, "entity": entity, "level": "warn", "body": body, "trace_id": trace, "span_id": span_id}


def lines(at: datetime) -> list[dict[str, Any]]:
    """Ids as logs write them: without their leading zeros, in capitals."""
    trace, one = hex_of("t", 32).lstrip("0").upper(), hex_of("a", 16)
    return [
        line(at, "oven", "order 4711 waits", trace, one),
        line(at + MS, "oven", "order 4712 waits", trace, one),
        line(at, "mill", "of another entity", trace, one),
        line(at, "oven", "of no span"),
        line(at, "oven", "of another trace", hex_of("u", 32), one),
    ]


class Kept:
    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def keep(self, piece: Piece) -> None:
        self.pieces.append(unpacked(piece.packed()))

    def failed(self, table: Any, message: str) -> None:
        raise AssertionError(table, message)


@pytest.fixture
def tempo(start: datetime) -> Iterator[TempoServer]:
    with closing(TempoServer([span(start, "b", 100, None, "shop"), span(start + MS, "a", 90, "b", "oven")])) as server:
        yield server


def loki_at(url: str, folder: Path, **more: Any) -> JoinedLogs:
    made = LokiSettings(url=url, environment="test", **more)
    return JoinedLogs([LokiLogs(SystemClient("lines", made, folder / "locks", sleep=lambda _: None), made)])


def traces_at(tempo: TempoServer, folder: Path, logs: JoinedLogs) -> SampledTraces:
    traces = SampledTraces(tempo_at(tempo.url, folder))
    traces.logs = logs
    return traces


def named(rows: Sequence[str], found: Any) -> list[tuple[str, str]]:
    return sorted((rows[row["span"]], row["masked"]) for row in found.lines.to_pylist())


def test_lines_are_found_in_the_spans_they_name_by_the_reading_that_finds_patterns(
    tempo: TempoServer, tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    with closing(LokiServer(entries_of(lines(start)))) as server:
        logs = loki_at(server.url, tmp_path, shared_s=0)
        traces = traces_at(tempo, tmp_path, logs)
        logs.grouped(windows(start), deadline)
        asked = len(server.queries)
        found = traces.spans(windows(start), deadline, with_lines=True)
        assert len(server.queries) == asked
        assert named(found.rows["entity"].to_pylist(), found) == [("oven", "order <*> waits")] * 2
        assert (found.has_lines, found.without_lines) == (True, "")
        assert not traces.spans(windows(start), deadline).has_lines


def test_a_capture_keeps_which_span_a_line_names(
    tempo: TempoServer, tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    kept = Kept()
    with closing(LokiServer(entries_of(lines(start)))) as server:
        logs = loki_at(server.url, tmp_path)
        seen = SeenTraces(traces_at(tempo, tmp_path, logs), kept)
        seen.spans(windows(start), deadline, with_lines=True)
        ids = logs.grouped(windows(start), deadline).rows["example_id"].to_pylist()
        kept.keep(Piece("lines", logs.read(ids, deadline)))
    spans, _ = spans_in([piece for piece in kept.pieces if piece.form == "spans"], 100)
    assert spans is not None
    of = {(row["trace_id"], row["span_id"]): row["entity"] for row in spans.to_pylist()}
    written, _ = lines_in(kept.pieces, 100)
    texts = sorted(row["body"] for row in written if of.get((row["trace_id"], row["span_id"])) == "oven")
    assert texts == ["order 4711 waits", "order 4712 waits"]
    assert len(written) == len(lines(start))


def test_without_its_lines_a_trace_is_still_a_trace_and_says_so(
    tempo: TempoServer, tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    found = traces_at(tempo, tmp_path, loki_at("http://127.0.0.1:9", tmp_path, timeout_s=1)).spans(
        windows(start), deadline, with_lines=True
    )
    assert (found.rows.num_rows, found.lines.num_rows, found.has_lines) == (2, 0, False)
    assert "lines cannot be reached" in found.without_lines
    many = [line(start + place * MS, "oven", f"order {place}", "t", "a") for place in range(1_000)]
    with closing(LokiServer(entries_of(many))) as server:
        logs = loki_at(server.url, tmp_path, most_lines=100, page_lines=50)
        found = traces_at(tempo, tmp_path, logs).spans(windows(start), deadline, with_lines=True)
    assert (found.lines.num_rows, found.without_lines) == (0, "without log lines, of which only some were read")


def test_a_slow_log_system_costs_no_traces(
    tempo: TempoServer, tmp_path: Path, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = Event()

    class Slow(JoinedLogs):
        def grouped(self, *_: Any) -> Any:
            may_end.wait(20)

    monkeypatch.setattr(sampled, "_PATIENCE", 0.01)
    traces = traces_at(tempo, tmp_path, Slow([]))
    found = traces.spans(windows(start), Deadline(SystemClock(), 20), with_lines=True)
    may_end.set()
    assert (found.rows.num_rows, found.has_lines) == (2, False)
    assert found.without_lines == "without log lines, which were not read in time"


def test_a_reading_that_failed_is_read_again(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    class Once(LokiLogs):
        failures = 0

        def grouped(self, *_: Any) -> Any:
            self.failures += 1
            raise BackendError("not now")

    made = LokiSettings(url="http://127.0.0.1:9", environment="test")
    backend = Once(SystemClient("lines", made, tmp_path), made)
    logs = JoinedLogs([backend])
    for _ in range(2):
        with pytest.raises(BackendError, match="not now"):
            logs.grouped(windows(start), deadline)
    assert backend.failures == 2
