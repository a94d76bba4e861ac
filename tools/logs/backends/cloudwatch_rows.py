"""Lines as CloudWatch Logs hands them over: a time, a group, a stream, and a text that may be JSON.

JSON is read as Insights discovers it: nested objects by dotted names, the first field that is there wins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...entity_patterns import entity_by_pattern
from .cloudwatch_settings import CloudwatchLogsSettings
from .rows import BODY_LIMIT, Row, fingerprint

_DEPTH = 8
_MOST_FIELDS = 200
_MOST_ATTRIBUTES = 40
_PARSED_LIMIT = 262_144
"""CloudWatch takes no longer line."""


class CloudwatchRows:
    """Makes rows. The id of one is its time in milliseconds and a fingerprint of group, stream and text.

    Args:
        settings: which fields say what.
    """

    def __init__(self, settings: CloudwatchLogsSettings) -> None:
        self._settings = settings
        self._own = {
            *settings.scope,
            *settings.entity_fields,
            *settings.level_fields,
            *settings.body_fields,
            *settings.trace_fields,
            *settings.span_fields,
        }
        self._of_group = {group: self._entity_of(group) for group in settings.log_groups}

    def row(self, at_ms: int, group: str, stream: str, text: str) -> Row | None:
        """A line; `None` of one that is out of scope."""
        fields = fields_of(text)
        settings = self._settings
        if any(fields.get(name) != value for name, value in settings.scope.items()):
            return None

        def first(names: Sequence[str]) -> str | None:
            return next((fields[name] for name in names if fields.get(name)), None)

        attributes = [(name, value) for name, value in sorted(fields.items()) if name not in self._own]
        return Row(
            f"{at_ms}-{fingerprint(group, stream, text)}",
            at_ms * 1_000,
            first(settings.entity_fields) or self.of_group(group),
            first(settings.level_fields),
            (first(settings.body_fields) or text)[:BODY_LIMIT],
            attributes[:_MOST_ATTRIBUTES],
            first(settings.trace_fields),
            first(settings.span_fields),
        )

    def of_group(self, group: str) -> str:
        """Whose lines are that do not say it themselves."""
        return self._of_group.get(group) or self._entity_of(group)

    def groups_of(self, entity: str) -> list[str]:
        """Groups whose lines are an entity's unless they say something else."""
        return [group for group, named in self._of_group.items() if named == entity]

    def _entity_of(self, group: str) -> str:
        named = entity_by_pattern(group, self._settings.entities)
        return group.rstrip("/").rpartition("/")[2] if named is None else named


def fields_of(text: str) -> dict[str, str]:
    """The fields of a JSON line; none of any other."""
    if not text.startswith("{") or len(text) > _PARSED_LIMIT:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    fields: dict[str, str] = {}
    for name, value in _flat(found):
        if len(fields) >= _MOST_FIELDS:  # as Insights, which discovers 200
            break
        fields.setdefault(name, value)
    return fields


def _flat(found: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict) and depth < _DEPTH:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, bool):
            yield f"{prefix}{name}", str(value).lower()
        elif isinstance(value, str | int | float):
            yield f"{prefix}{name}", str(value)
