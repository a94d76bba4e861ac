"""A summary of a tool result, in a line and in full, as plain text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .cleaning import EMPTY, clean, shown
from .moments import parse
from .numbers import finite, quantity, whole

_MOST_CHARACTERS = 12_000
_MOST_DEPTH = 12
_LINE = 64


def digest(summary: object) -> str:
    """The counts in a summary: `series compared: 480 · shifts: 12`."""
    if not isinstance(summary, Mapping):
        return shown(summary, 120) if isinstance(summary, str) else EMPTY
    parts: list[str] = []
    for name, value in summary.items():
        words = clean(str(name)).replace("_", " ")
        number = finite(value)
        if isinstance(value, list | tuple):
            parts.append(f"{words}: {len(value)}")
        elif number is not None:
            parts.append(f"{words}: {whole(value) if isinstance(value, int) else quantity(number)}")
        elif isinstance(value, str) and 0 < len(value) <= 40 and parse(value) is None:
            parts.append(f"{words}: {clean(value)}")
    return shown(" · ".join(parts[:4]), 160)


def document(summary: object) -> str:
    """A summary as indented JSON in which short lists and objects stay on one line; cut at its end when too long."""
    text = _write(_cleaned(summary, _MOST_DEPTH), "")
    if len(text) > _MOST_CHARACTERS:
        text = text[:_MOST_CHARACTERS].rstrip() + "\n… the rest is left out here; `--format json` has all of it"
    return text


def _write(value: object, indent: str) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + len(indent) <= _LINE or not isinstance(value, dict | list):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        rows = [f"{json.dumps(name, ensure_ascii=False)}: {_write(item, inner)}" for name, item in value.items()]
        return "{\n" + ",\n".join(inner + row for row in rows) + "\n" + indent + "}"
    if all(not isinstance(item, dict | list) for item in value):
        return _wrapped([json.dumps(item, ensure_ascii=False) for item in value], indent)
    return "[\n" + ",\n".join(inner + _write(item, inner) for item in value) + "\n" + indent + "]"


def _wrapped(items: list[str], indent: str) -> str:
    """A list of scalars, as many to a line as fit."""
    lines, line = [], ""
    for item in items:
        if line and len(indent) + len(line) + len(item) + 4 > _LINE:
            lines.append(line)
            line = ""
        line = f"{line}, {item}" if line else item
    lines.append(line)
    inner = indent + "  "
    return "[\n" + ",\n".join(inner + row for row in lines) + "\n" + indent + "]"


def _cleaned(value: Any, depth: int) -> Any:
    """The same JSON with clean texts; what is no JSON or lies too deep becomes a word."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if finite(value) is not None else "no number"
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {clean(str(name)): _cleaned(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item, depth - 1) for item in value]
    return clean(str(value))
