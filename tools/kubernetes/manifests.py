"""Reading the JSON of a cluster's objects: whatever is in it, a part has the expected type or is absent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_LONGEST = 1_024
_QUANTITY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?)(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei|e[0-9]{1,2})?")
_FACTORS = {
    "": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def part(value: Any, *path: str) -> Any:
    """What lies under these keys; `None` where something else than an object is on the way."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def text(value: Any, *path: str) -> str:
    """A text, up to 1,024 characters; empty if there is none."""
    found = part(value, *path)
    return found[:_LONGEST] if isinstance(found, str) else ""


def number(value: Any, *path: str) -> int:
    """A whole number; 0 if there is none."""
    found = part(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 2**53 else 0


def listed(value: Any, *path: str) -> Iterator[Mapping[str, Any]]:
    """The objects in a list."""
    found = part(value, *path)
    yield from (item for item in found if isinstance(item, Mapping)) if isinstance(found, list) else ()


def texts(value: Any, *path: str) -> dict[str, str]:
    """An object of texts, such as labels."""
    found = part(value, *path)
    if not isinstance(found, Mapping):
        return {}
    return {key: item[:_LONGEST] for key, item in found.items() if isinstance(key, str) and isinstance(item, str)}


def moment(value: Any, *path: str) -> datetime | None:
    """A time (RFC 3339)."""
    found = part(value, *path)
    try:
        read = datetime.fromisoformat(found)
    except (TypeError, ValueError):
        return None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def quantity(value: Any) -> float:
    """A quantity (`500m`, `2Gi`) in cores, bytes or pieces; 0 if it is none.

    Source: Kubernetes API conventions, "Quantity".
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return 0.0
    unit = found[2] or ""
    return float(found[1]) * (10.0 ** int(unit[1:]) if unit.startswith("e") else _FACTORS[unit])
