"""The faults of a Nezha day: what was injected into which pod, and when.

The label of a day is `DATE-fault_list.json` in its folder (or beside it): `{hour: [{inject_time, inject_timestamp,
inject_pod, inject_type}]}`. Reduced copies of the set replace it by a `labels.json` in the set's folder or next to it,
with entries `DATE|INJECT_TIME|SERVICE|TYPE` somewhere in it; it is used for days without a fault list.

`inject_time` is UTC. `inject_timestamp` should be the same moment, but on some published days it is hours off, so it
is used only where `inject_time` lies outside of the day's metrics and it does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from .collector import parse_time, service_of
from .folders import ancestors
from .publish import DamagedCase, Notes
from .series import MINUTE_US, SECOND_US

_LABELS_NAME = "labels.json"
_LABEL_PARTS = 4
_AGREES_US = 2 * MINUTE_US


@dataclass(frozen=True)
class Fault:
    """An injected fault: its time (microseconds, UTC), service, kind, and what tells it apart in the raw set."""

    at_us: int
    service: str
    kind: str
    source_id: str


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    inject_time: str
    inject_timestamp: str | None = None
    inject_pod: str
    inject_type: str


_ENTRIES = TypeAdapter(tuple[_Entry, ...])
_INDICATORS = TypeAdapter(dict[str, dict[str, str]])


def read_faults(src: Path, day: Path, first_us: int, last_us: int, notes: Notes) -> list[Fault]:
    """The faults of a day, in the order of their times; empty when neither file tells of any.

    Args:
        src: the folder of the whole set.
        day: the folder of the day.
        first_us: time of the day's first metric sample.
        last_us: time of its last one.
        notes: takes what is odd about the times.

    Raises:
        DamagedCase: the fault list cannot be understood.
    """
    lists = sorted(day.glob("*fault_list*.json")) or sorted(day.parent.glob(f"{day.name}*fault_list*.json"))
    if lists:
        faults = [_listed(day.name, entry, first_us, last_us, notes) for entry in _entries(lists[0])]
    else:
        faults = list(_labelled(src, day.name))
    return sorted(faults, key=lambda fault: (fault.at_us, fault.source_id))


def _entries(path: Path) -> tuple[_Entry, ...]:
    try:
        content = json.loads(path.read_bytes())
        if isinstance(content, dict):
            content = [entry for hour in content.values() for entry in hour]
        return _ENTRIES.validate_python(content)
    except (ValueError, TypeError) as error:
        raise DamagedCase("the fault list of the day cannot be understood") from error


def _listed(day: str, entry: _Entry, first_us: int, last_us: int, notes: Notes) -> Fault:
    written = parse_time(entry.inject_time)
    try:
        stamp = round(float(entry.inject_timestamp) * SECOND_US) if entry.inject_timestamp else None
    except ValueError:
        stamp = None
    chosen = written if written is not None else stamp
    if chosen is None:
        raise DamagedCase("the fault list of the day has a fault without a time")
    if written is not None and stamp is not None and abs(written - stamp) > _AGREES_US:
        fits = [moment for moment in (written, stamp) if first_us <= moment <= last_us]
        chosen = fits[0] if fits else written
        used = "inject_time" if chosen == written else "inject_timestamp"
        notes.add(f"inject_time and inject_timestamp of a fault contradict each other; {used} fits the metrics")
    return Fault(
        at_us=chosen,
        service=service_of(entry.inject_pod),
        kind=entry.inject_type,
        source_id=f"{day}|{entry.inject_time}|{entry.inject_pod}|{entry.inject_type}",
    )


def _labelled(src: Path, day: str) -> Iterator[Fault]:
    for folder in (src, src.parent):
        path = folder / _LABELS_NAME
        if not path.is_file():
            continue
        try:
            content = json.loads(path.read_bytes())
        except ValueError as error:
            raise DamagedCase(f"{_LABELS_NAME} is no JSON") from error
        for text in dict.fromkeys(_texts(content)):
            parts = text.split("|")
            if len(parts) != _LABEL_PARTS or parts[0] != day:
                continue
            at_us = parse_time(parts[1])
            if at_us is not None:
                yield Fault(at_us=at_us, service=parts[2], kind=parts[3], source_id=text)
        return


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def read_indicators(src: Path, day: Path) -> dict[tuple[str, str], str]:
    """What `root_cause*.json` of the fault-free part names as (service, fault) → metric heading or log lines."""
    found: dict[tuple[str, str], str] = {}
    for folder in ancestors(src, day):
        for path in sorted((folder / "construct_data").glob("root_cause*.json")):
            content = _INDICATORS.validate_json(path.read_bytes())
            for service, kinds in content.items():
                found |= {(service, kind): heading for kind, heading in kinds.items()}
    return found
