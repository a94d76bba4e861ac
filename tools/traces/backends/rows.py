"""Spans that a live system hands over, as rows of the table `spans` of a snapshot."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa

from ...snapshots.schema import TABLES
from ..spans import RESEND_ATTRIBUTES

SHOWN_ATTRIBUTES = (
    "peer.service",
    "db.namespace",
    "db.name",
    "db.system",
    "db.system.name",
    "messaging.destination.name",
    "messaging.destination",
    "rpc.service",
    "server.address",
    "net.peer.name",
    "k8s.node.name",
    "host.name",
)
"""What is read of a span's attributes, and of its resource's: whom it called, and where it ran."""
KEPT_ATTRIBUTES = frozenset((*SHOWN_ATTRIBUTES, *RESEND_ATTRIBUTES))
"""What is kept of whole spans: also which attempt it was."""

_HEX = re.compile(r"[0-9a-fA-F]{1,32}")
_TEXT_LIMIT = 1_024
_COLUMNS = TABLES["spans"]
_LATEST_US = 253_402_300_799_000_000
"""The end of the year 9999: later moments are broken clocks, and no calendar knows them."""


class SpanRow(NamedTuple):
    """One span, in the order of the columns; `start_us` is counted from the epoch."""

    trace_id: str
    span_id: str
    parent_id: str | None
    entity: str
    name: str
    start_us: int
    duration_us: int
    status: str
    attributes: Sequence[tuple[str, str]]


def table_of(rows: Iterable[SpanRow]) -> pa.Table:
    """Rows of the table `spans`; those whose time no calendar knows are left out."""
    kept = [row for row in rows if 0 <= row.start_us < _LATEST_US and -(2**63) <= row.duration_us < 2**63]
    columns = zip(*kept, strict=True) if kept else [[] for _ in _COLUMNS]
    arrays = []
    for column, field in zip(columns, _COLUMNS, strict=True):
        try:
            arrays.append(pa.array(list(column), pa.int64() if field.name == "start" else field.type))
        except UnicodeEncodeError:
            arrays.append(pa.array([_cleaned(value) for value in column], field.type))
    arrays[_COLUMNS.get_field_index("start")] = arrays[_COLUMNS.get_field_index("start")].cast(
        pa.timestamp("us", "UTC")
    )
    return pa.table(arrays, schema=_COLUMNS)


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return [(_cleaned(name), _cleaned(text)) for name, text in value] if isinstance(value, list | tuple) else value


def hexadecimal(text: object, digits: int) -> str:
    """An id in lower-case hexadecimal digits with its leading zeros, whether it came as that or as base64.

    Args:
        text: as written; Tempo drops zeros in one place and writes base64 in another.
        digits: 32 of a trace, 16 of a span.

    Returns:
        Empty where there is no id, or only zeros.
    """
    written = text if isinstance(text, str) else ""
    if len(written) == (24 if digits == 32 else 12) and written.endswith("="):
        try:
            written = base64.b64decode(written, validate=True).hex()
        except binascii.Error:
            return ""
    if not _HEX.fullmatch(written) or len(written) > digits:
        return ""
    return written.lower().zfill(digits) if written.strip("0") else ""


def short(text: object) -> str:
    """At most a thousand characters; empty of what is no text."""
    return text[:_TEXT_LIMIT] if isinstance(text, str) else ""
