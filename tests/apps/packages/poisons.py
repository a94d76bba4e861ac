"""A package with a recognizer that fails wherever it meets its word."""

from __future__ import annotations

import os

from opswarden.apps.packages import Registry
from opswarden.redaction.definition import Definition, Hit, Pattern

WORD = "zqpoison"
HOW_VARIABLE = "POISON_HOW"


def _check(text: str, start: int, end: int) -> Hit | None:
    if os.environ.get(HOW_VARIABLE) == "astray":
        return start, len(text) + 7, 1.0
    raise ValueError(f"cannot read {text[start - 40 : end + 40]}")


def register(registry: Registry) -> None:
    registry.add_recognizer(Definition("BADGE", (Pattern(WORD, check=_check),)))
