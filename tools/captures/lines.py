"""Log lines of a capture: those that were read, and as many more of each kind as were counted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from ..logs.backends.types import LINE_COLUMNS
from ..logs.counting import BLOCK_NAMES, LineCounter
from ..logs.grouped import TOTAL_COLUMNS
from ..windows import ComparedWindows
from .assembled import Told
from .pieces import Piece

_COUNTS = (*BLOCK_NAMES, "after")
_EPOCH = datetime.fromtimestamp(0, UTC)

_Line = tuple[int, str, str]
"""When, of what, and what: the same line is read by several questions."""
_Kind = tuple[str, str, str]
"""Entity, level and masked text."""


def lines_in(pieces: Sequence[Piece], most: int) -> tuple[list[dict[str, Any]], Told]:
    """Log lines: those that were read, and as many as were counted of each kind of line.

    A live system counts lines and shows some of them. Of each kind so many lines are written as there were in each
    stretch of time: those that were read as they are, the rest with the text of one of them, or with the masked text.

    Returns:
        Rows of the table `logs` without order, and what there is to say about them.
    """
    read: dict[_Line, dict[str, Any]] = {}
    bodies: dict[str, str] = {}
    # What names a span comes first: the same line read as an example has ids that no span of the capture has.
    for form in ("written", "lines"):
        for row in (row for piece in pieces if piece.form == form for row in piece.rows.to_pylist()):
            bodies[row["id"]] = row["body"] or ""
            read.setdefault((row["ts_us"], row["entity"] or "", row["body"] or ""), row)
    groups = [piece for piece in pieces if piece.form == "groups"]
    if not groups:
        rows = [_written(row) for row in read.values()][:most]
        return rows, Told("only the lines that were read", is_cut=True) if rows else Told()
    widest = max(groups, key=lambda piece: piece.end_us - piece.start_us)
    counted = widest.rows.to_pylist()
    every = max(1, math.ceil(sum(row["weight"] * row[name] for row in counted for name in _COUNTS) / most))
    if every > 1:
        read = {}  # beside a thinned count they would weigh too much
    there = _counted(list(read.values()), widest)
    for row in counted:
        body = bodies.get(row["example_id"], row["masked"]) or ""
        kind = (row["entity"] or "", row["level"] or "", row["masked"] or "")
        for moment in _moments(row, there.get(kind, {}), widest, every):
            line = {"ts_us": moment, "entity": row["entity"], "level": row["level"], "body": body}
            key = (moment, row["entity"] or "", body)
            # Two lines at the very same moment are two lines.
            while key in read:
                key = (key[0] + 1, key[1], key[2])
            read[key] = {**line, "ts_us": key[0]}
    note = "lines as they were counted, with the text of one of each kind"
    if every > 1:
        note = f"{note}; of very many every {every}th"
    return [_written(row) for row in read.values()], Told(note, is_cut=every > 1)


def _written(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in LINE_COLUMNS.names if name != "id"}


def _counted(read: Sequence[Mapping[str, Any]], piece: Piece) -> dict[_Kind, Mapping[str, int]]:
    """How many of the lines that were read are among the counted ones, by kind and stretch of time."""
    windows = ComparedWindows(
        start=_moment(piece.facts["start_us"]),
        end=_moment(piece.end_us),
        baseline_start=_moment(piece.start_us),
        baseline_end=_moment(piece.facts["baseline_end_us"]),
    )
    within = [
        row
        for row in read
        if piece.start_us <= row["ts_us"] < piece.facts["baseline_end_us"]
        or piece.facts["start_us"] <= row["ts_us"] < piece.end_us
    ]
    with LineCounter(windows) as counter:
        counter.add(pa.Table.from_pylist(within, schema=LINE_COLUMNS))
        found, _ = counter.grouped(TOTAL_COLUMNS.empty_table(), dict.fromkeys(counter.seen(), 1))
    return {
        (row["entity"] or "", row["level"] or "", row["masked"] or ""): {name: row[name] for name in _COUNTS}
        for row in found.rows.to_pylist()
    }


def _moments(row: Mapping[str, Any], there: Mapping[str, int], piece: Piece, every: int) -> list[int]:
    """When the missing lines of a kind are written: evenly within the stretch they were counted in.

    Args:
        row: the kind, with its counts.
        there: those of them that were read.
        piece: the answer.
        every: every how manieth line is written.
    """
    start, quiet_end = piece.facts["start_us"], piece.facts["baseline_end_us"]
    block_us = max((quiet_end - piece.start_us) // len(BLOCK_NAMES), 1)
    stretches = [(name, piece.start_us + block * block_us, block_us) for block, name in enumerate(BLOCK_NAMES)]
    onset = row["onset_us"] if row["onset_us"] is not None else start
    last = max(row["last_us"] or onset, onset)
    stretches.append(("after", onset, max(last - onset + 1, 1)))
    moments: list[int] = []
    for name, begin, length in stretches:
        if row[name]:
            wanted = max(1, round(row[name] * row["weight"] / every)) - there.get(name, 0)
            moments += [begin + length * number // wanted for number in range(wanted)]
    return moments


def _moment(since_epoch_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=since_epoch_us)
