"""Many answers put together into the tables of a snapshot, each moment of each series once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..arrow import compute as pc
from ..metrics.series import Floats, SeriesKey, Times
from ..traces.spans import Spans
from .pieces import Piece, keys_of


@dataclass(frozen=True)
class Told:
    """What there is to say about the rows of a table.

    Args:
        note: in a few words.
        is_cut: whether more was there.
    """

    note: str = ""
    is_cut: bool = False


_ANSWER = tuple[float, int, int, Times, Floats]
"""Samples per second (the densest answer counts first), the stretch it covers, and its samples."""


def series_in(pieces: Sequence[Piece]) -> dict[SeriesKey, tuple[Times, Floats]]:
    """The samples of every series that any answer held, in order of time.

    Where two answers cover the same stretch of a series, the denser one stands: the same series is read as it was
    scraped over an hour and at wide steps over a month.
    """
    answers: dict[SeriesKey, list[_ANSWER]] = {}
    for piece in pieces:
        owner = piece.rows["series"].to_numpy()
        times, values = piece.rows["ts_us"].to_numpy(), piece.rows["value"].to_numpy()
        keys = keys_of(piece)
        bounds = np.searchsorted(owner, np.arange(len(keys) + 1))
        length = max(piece.end_us - piece.start_us, 1)
        for place, key in enumerate(keys):
            part = slice(int(bounds[place]), int(bounds[place + 1]))
            density = (part.stop - part.start) / length
            answers.setdefault(key, []).append((density, piece.start_us, piece.end_us, times[part], values[part]))
    order = sorted(answers, key=lambda key: (key.entity, key.metric, key.labels, key.kind, key.unit or ""))
    return {key: _united(answers[key]) for key in order}


def _united(answers: list[_ANSWER]) -> tuple[Times, Floats]:
    if len(answers) == 1:
        return answers[0][3], answers[0][4]
    covered: list[tuple[int, int]] = []
    parts: list[tuple[Times, Floats]] = []
    for _, start, end, times, values in sorted(answers, key=lambda answer: (-answer[0], answer[1] - answer[2])):
        kept = np.ones(len(times), np.bool_)
        for from_us, to_us in covered:
            kept &= (times < from_us) | (times >= to_us)
        parts.append((times[kept], values[kept]))
        covered.append((start, end))
    times = np.concatenate([times for times, _ in parts])
    values = np.concatenate([values for _, values in parts])
    order = np.argsort(times, kind="stable")
    return times[order], values[order]


_TRACE_ID, _SPAN_ID = "trace-{}", "span-{}"


def written_lines(found: Spans) -> pa.Table:
    """The lines that were written within spans, with the ids that `spans_in` gives these; `LINE_COLUMNS` of logs.

    Args:
        found: spans with the lines themselves.
    """
    owner = found.lines["span"]
    lines = pc.take(found.written, found.lines["line"])
    traces = [_TRACE_ID.format(trace) for trace in pc.take(found.rows["trace"], owner).to_pylist()]
    spans = [_SPAN_ID.format(span) for span in owner.to_pylist()]
    for name, ids in (("trace_id", traces), ("span_id", spans)):
        lines = lines.set_column(lines.column_names.index(name), name, pa.array(ids, pa.string()))
    return lines


def spans_in(pieces: Sequence[Piece], most: int) -> tuple[pa.Table | None, Told]:
    """Spans of the widest answer: ids are numbers of ours.

    Returns:
        Columns of the table `spans`; `None` if no spans were read. And what there is to say about them.
    """
    if not pieces:
        return None, Told("only counts of spans were read, which are no spans", is_cut=True)
    widest = max(pieces, key=lambda piece: (piece.end_us - piece.start_us, piece.rows.num_rows))
    rows = widest.rows
    notes = [f"of very many traces every {widest.facts['every']}th"] if widest.facts["every"] > 1 else []
    if rows.num_rows > most:
        traces = rows["trace"].to_numpy()
        # Whole traces or none: half of one misleads.
        rows = rows.slice(0, int(np.searchsorted(traces, traces[most])))
        notes.append(f"{widest.rows.num_rows - rows.num_rows} spans were left out")
    begin, end = rows["begin_us"].to_numpy(), rows["end_us"].to_numpy()
    parents = rows["parent"].to_pylist()
    orphans, failed = rows["is_orphan"].to_pylist(), rows["failed"].to_pylist()
    return (
        pa.table(
            {
                "trace_id": [_TRACE_ID.format(trace) for trace in rows["trace"].to_pylist()],
                "span_id": [_SPAN_ID.format(place) for place in range(rows.num_rows)],
                "parent_id": [
                    "missing" if is_orphan else (_SPAN_ID.format(parent) if parent >= 0 else None)
                    for parent, is_orphan in zip(parents, orphans, strict=True)
                ],
                "entity": rows["entity"].cast(pa.string()),
                "name": rows["name"].cast(pa.string()),
                "start": pa.array(begin, pa.timestamp("us", tz="UTC")),
                "duration_us": pa.array(end - begin),
                "status": ["ERROR" if is_failed else "OK" for is_failed in failed],
            }
        ),
        Told("; ".join(notes), is_cut=bool(notes)),
    )


def rows_in(pieces: Sequence[Piece], most: int) -> tuple[list[dict[str, Any]], Told]:
    """Rows of changes, notices, alerts or edges, each once, in the order in which they were first read."""
    found: dict[str, dict[str, Any]] = {}
    for piece in pieces:
        for row in piece.rows.to_pylist():
            found.setdefault(repr(sorted(row.items())), row)
    cut = max((piece.cut for piece in pieces), default=0)
    notes = [f"{cut} or more were not answered"] if cut else []
    if len(found) > most:
        notes.append(f"{len(found) - most} were left out")
    return list(found.values())[:most], Told("; ".join(notes), is_cut=bool(notes))
