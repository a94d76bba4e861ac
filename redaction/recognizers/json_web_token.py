"""JSON web tokens, signed (three parts) or encrypted (five), by the brace that every header begins with."""

from __future__ import annotations

from ..definition import Anchored, Definition

JSON_WEB_TOKEN = Definition(
    "SECRET",
    (
        Anchored(
            ("eyj",), after=r"eyJ[A-Za-z0-9_\-]{8,2048}+\.[A-Za-z0-9_\-]{6,}+(?:\.[A-Za-z0-9_\-]*+){0,3}", score=1.0
        ),
    ),
    restorable=False,
    name="json_web_token",
)
