"""Results as tables of records, so that a value can be followed from the record it stands in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from ..core.canonical import JsonValue
from ..tools.marks import Marks, marks_of
from ..tools.spec import Trust
from .taint import normal

# More records than that are no choice that anybody's words could leave open.
_MOST_RECORDS = 2_000


@dataclass(frozen=True)
class Record:
    """One record of a result.

    Args:
        cells: per kind the values that no outsider wrote, each with the path of its field.
        handles: how people refer to it, as it is shown.
    """

    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    handles: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> Mapping[str, str]:
        """Values of this kind with their fields."""
        return self.cells.get(kind, {})


@dataclass(frozen=True)
class Table:
    """Records side by side: one of them has to be chosen."""

    records: tuple[Record, ...]


@dataclass(frozen=True)
class Lookup:
    """A result that the run has got.

    Args:
        seq: its place in the ledger.
        is_grounded: whether the call followed from a person's words.
        tables: what it returned.
        texts: its arguments that are texts, as the agent saw them; what it was looked up by.
    """

    seq: int
    is_grounded: bool
    tables: tuple[Table, ...]
    texts: tuple[str, ...] = ()


def tables_of(model: type[BaseModel], summary: JsonValue) -> Iterator[Table]:
    """The result itself as a table of one record, and each list of records in it as another."""
    if not isinstance(summary, Mapping):
        return
    marks = marks_of(model)
    yield Table((_record(summary, "", marks),))
    for name, value in summary.items():
        yield from _inner(value, name, marks)


def _inner(value: JsonValue, path: str, marks: Mapping[str, Marks]) -> Iterator[Table]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _inner(item, f"{path}.{name}", marks)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        records = [item for item in value if isinstance(item, Mapping)]
        if records and len(records) == len(value) <= _MOST_RECORDS:
            yield Table(tuple(_record(item, f"{path}[]", marks) for item in records))
        for item in records:
            for name, inner in item.items():
                yield from _inner(inner, f"{path}[].{name}", marks)


def _record(value: Mapping[str, JsonValue], path: str, marks: Mapping[str, Marks]) -> Record:
    """The record's own fields and lists of plain values; records inside it are tables of their own."""
    cells: dict[str, dict[str, str]] = {}
    handles: list[str] = []
    for name, item in value.items():
        place = f"{path}.{name}" if path else name
        for inner, text in _plain(item, place):
            found = marks.get(inner)
            if found is None:
                continue
            # Whoever named a record, people refer to it so; but only what nobody outside wrote is taken from it.
            if found.is_handle:
                handles.append(text)
            if found.trust is not Trust.OUTSIDE:
                cells.setdefault(found.kind, {})[normal(text)] = inner
    return Record(cells, tuple(handles))


def _plain(value: JsonValue, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, str(value)
    elif isinstance(value, Sequence):
        for item in value:
            if not isinstance(item, (Mapping, Sequence)) or isinstance(item, str):
                yield from _plain(item, f"{path}[]")
