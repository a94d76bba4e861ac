"""Many answers put together into the tables of a snapshot, each moment of each series once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ..logs.grouped import BLOCKS
from ..metrics.series import Floats, SeriesKey, Times
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


def lines_in(pieces: Sequence[Piece], most: int) -> tuple[list[dict[str, Any]], Told]:
    """Log lines: those that were read, and as many as were counted of each kind of line.

    A live system counts lines and shows some of them. Of each kind so many lines are written as there were in each
    stretch of time, with the text of one that was read, or with the masked text.

    Returns:
        Rows of the table `logs` without order, and what there is to say about them.
    """
    read: dict[tuple[int, str, str], dict[str, Any]] = {}
    ids: dict[tuple[int, str, str], str] = {}
    bodies: dict[str, str] = {}
    for piece in pieces:
        if piece.form == "lines":
            for row in piece.rows.to_pylist():
                name, key = row.pop("id"), (row["ts_us"], row["entity"] or "", row["body"] or "")
                bodies[name] = row["body"] or ""
                if read.setdefault(key, row) is row:
                    ids[key] = name
    groups = [piece for piece in pieces if piece.form == "groups"]
    if not groups:
        return list(read.values())[:most], Told("only the lines that were read", is_cut=True) if read else Told()
    examples = {row for piece in groups for row in piece.rows["example_id"].to_pylist()}
    read = {key: row for key, row in read.items() if ids[key] not in examples}  # those are among the counted ones
    widest = max(groups, key=lambda piece: piece.end_us - piece.start_us)
    counted = widest.rows.to_pylist()
    total = sum(
        row["weight"] * (row["after"] + sum(row[f"before_{block}"] for block in range(BLOCKS))) for row in counted
    )
    every = max(1, math.ceil(total / most))
    for row in counted:
        body = bodies.get(row["example_id"], row["masked"]) or ""
        for moment in _moments(row, widest, every):
            line = {"ts_us": moment, "entity": row["entity"], "level": row["level"], "body": body}
            key = (moment, row["entity"] or "", body)
            # Two lines at the very same moment are two lines.
            while key in read:
                key = (key[0] + 1, key[1], key[2])
            read[key] = {**line, "ts_us": key[0]}
    note = "lines as they were counted, with the text of one of each kind"
    if every > 1:
        return list(read.values()), Told(f"{note}; of very many every {every}th", is_cut=True)
    return list(read.values()), Told(note)


def _moments(row: Mapping[str, Any], piece: Piece, every: int) -> list[int]:
    """When the lines of a kind are written: evenly within the stretch they were counted in."""
    start, quiet_end = piece.facts["start_us"], piece.facts["baseline_end_us"]
    block_us = max((quiet_end - piece.start_us) // BLOCKS, 1)
    stretches = [(piece.start_us + block * block_us, block_us, row[f"before_{block}"]) for block in range(BLOCKS)]
    onset = row["onset_us"] if row["onset_us"] is not None else start
    last = max(row["last_us"] or onset, onset)
    stretches.append((onset, max(last - onset + 1, 1), row["after"]))
    moments: list[int] = []
    for begin, length, count in stretches:
        if count:
            written = max(1, round(count * row["weight"] / every))
            moments += [begin + length * number // written for number in range(written)]
    return moments


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
                "trace_id": [f"trace-{trace}" for trace in rows["trace"].to_pylist()],
                "span_id": [f"span-{place}" for place in range(rows.num_rows)],
                "parent_id": [
                    "missing" if is_orphan else (f"span-{parent}" if parent >= 0 else None)
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
