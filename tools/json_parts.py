"""Parts of JSON that came from outside: whatever is in it, a part has the expected type or is absent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

_LONGEST = 1_024


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
