"""One release out of its records: a commit, the deployments that carried it, the step of a roll-out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ..changes.contents import Content, content_of

_RECORD_ONLY = frozenset(("commit", "merge", "push", "pull_request", "merge_request"))
"""Kinds that say that something was written, not that it runs."""
_SHORTEST_ID = 7


@dataclass(frozen=True)
class Release:
    """A change where and when it took effect.

    Args:
        entity: what it was made to; empty if that is not recorded.
        is_released: false for what was written but, as far as the record goes, runs nowhere, while the record does
            name the release of other such writings.
        content: what it alters.
        text: its description and attributes.
    """

    id: str
    kind: str
    entity: str
    at_us: int
    is_released: bool
    content: Content
    text: str


def releases_of(table: pa.Table) -> tuple[Release, ...]:
    """The changes of the artifact of `changes.recent`, records of the same change brought together.

    A record belongs to another one if it has its id or names it in an attribute (the commit of a deployment). What was
    deployed to several entities is one release on each of them.
    """
    rows = [row for row in _rows(table) if row["id"] and row["at_us"] is not None]
    known = {row["id"] for row in rows}
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[_belongs_to(row, known)].append(row)
    carried = [
        records for records in groups.values() if {row["kind"] in _RECORD_ONLY for row in records} == {True, False}
    ]
    releases: list[Release] = []
    for records in groups.values():
        content = _content(records)
        text = "\n".join(f"{row['summary']} {' '.join(row['attributes'].values())}" for row in records)
        effective = [row for row in records if row["kind"] not in _RECORD_ONLY]
        for row in effective or records[:1]:
            is_released = bool(effective) or not carried
            releases.append(Release(row["id"], row["kind"], row["entity"], row["at_us"], is_released, content, text))
    releases.sort(key=lambda release: (release.at_us, release.id, release.entity))
    return tuple(releases)


def _rows(table: pa.Table) -> Iterable[dict[str, Any]]:
    count = table.num_rows
    columns = {
        name: table[name].to_pylist() if name in table.column_names else [None] * count
        for name in ("entity", "kind", "id", "summary", "attributes")
    }
    moments = table["ts"].cast(pa.int64()).to_pylist()
    for place, at_us in enumerate(moments):
        yield {
            "at_us": at_us,
            "entity": columns["entity"][place] or "",
            "kind": (columns["kind"][place] or "change").lower(),
            "id": columns["id"][place] or "",
            "summary": columns["summary"][place] or "",
            "attributes": {key: value or "" for key, value in columns["attributes"][place] or ()},
        }


def _belongs_to(row: Mapping[str, Any], known: set[str]) -> str:
    for value in row["attributes"].values():
        if value != row["id"] and len(value) >= _SHORTEST_ID and value in known:
            return str(value)
    return str(row["id"])


def _content(records: list[dict[str, Any]]) -> Content:
    """Of several records the one that shows most: a diff, then files, then the longest description."""
    first = max(records, key=lambda row: (len(row["attributes"].get("diff", "")), row["kind"] in _RECORD_ONLY))
    attributes: dict[str, str] = {}
    for row in sorted(records, key=lambda row: row is first):
        attributes.update({key: value for key, value in row["attributes"].items() if value})
    return content_of(first["kind"], first["summary"], attributes)
