"""Entries on their way to other systems, line by line, in their formats; nothing is held but a page at a time.

What is recorded is redacted already, so nothing is taken out here. The lines are ASCII: no text in an entry can steer a
terminal that they are shown on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Literal, TypeAlias

from ...core.canonical import JsonValue
from .exported import Context
from .ocsf import ocsf_event
from .otlp import otlp_record, otlp_request
from .read import as_json
from .sqlite import SqliteLedger
from .types import StoredEntry

ExportFormat: TypeAlias = Literal["jsonl", "ocsf", "otlp"]

_RECORDS = 100
"""Log records of one OTLP request; collectors take a few megabytes at once."""


def export_lines(
    ledger: SqliteLedger,
    style: ExportFormat,
    version: str,
    *,
    since: datetime | None = None,
    run_id: str | None = None,
) -> Iterator[str]:
    """The lines of an export, each with its line break.

    Args:
        ledger: read up to its newest entry at the start; every entry is checked against its hash.
        style: `jsonl` is one entry a line, as `audit show` gives it; `ocsf` one event a line; `otlp` one request of up
            to 100 log records a line.
        version: of opswarden, which the formats name as the source.
        since: leave out what the ledger took down before.
        run_id: only this run.

    Raises:
        LedgerError: an entry was altered, or the ledger cannot be read. Lines before it have been handed out.
    """
    entries = _chosen(ledger, since, run_id)
    if style == "jsonl":
        return (_line(as_json(entry)) for entry in entries)
    context = Context(_start_of(ledger))
    if style == "ocsf":
        return (_line(ocsf_event(context.of(entry), ledger.origin, version)) for entry in entries)
    records = (otlp_record(context.of(entry)) for entry in entries)
    return (_line(otlp_request(batch, ledger.origin, version)) for batch in _batches(records))


def _chosen(ledger: SqliteLedger, since: datetime | None, run_id: str | None) -> Iterator[StoredEntry]:
    head = ledger.head()
    end = 0 if head is None else head.size
    for entry in ledger.entries() if run_id is None else ledger.of_run(run_id):
        if entry.seq >= end:
            return  # recorded meanwhile: a busy ledger would never end
        if since is None or entry.ts >= since:
            yield entry


def _start_of(ledger: SqliteLedger) -> Callable[[str], StoredEntry | None]:
    return lambda run_id: next(ledger.of_run(run_id), None)


def _batches(records: Iterator[dict[str, JsonValue]]) -> Iterator[list[dict[str, JsonValue]]]:
    while batch := list(islice(records, _RECORDS)):
        yield batch


def _line(found: dict[str, JsonValue]) -> str:
    return json.dumps(found, separators=(",", ":")) + "\n"
