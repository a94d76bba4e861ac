"""JSON web tokens, signed (three parts) or encrypted (five), by the brace that every header begins with."""

from __future__ import annotations

from ..definition import Anchored, Definition

JSON_WEB_TOKEN = Definition(
    "SECRET",
    (
        Anchored(
            ("eyj",), after=r"eyJ[A-Za-z0-9_\-]{8,2048}+\.[A-Za-z0-9_\-]{6,}+(?:\.[A-Za-z0-9_\-]*+){0,3}", score=1.0
        ),
        # Encrypted with a shared key: the second part is empty (RFC 7516, 5.1, step 10).
        Anchored(("eyj",), after=r"eyJ[A-Za-z0-9_\-]{8,2048}+\.(?:\.[A-Za-z0-9_\-]{6,}+){2,3}", score=1.0),
        # Signed with the payload elsewhere (RFC 7515, appendix F).
        Anchored(("eyj",), after=r"eyJ[A-Za-z0-9_\-]{8,2048}+\.\.[A-Za-z0-9_\-]{20,}+", score=1.0),
        # Signed by Python's itsdangerous: payload, time, signature; compressed when it begins with a dot.
        Anchored((".ej",), after=r"\.eJ[A-Za-z0-9_\-]{10,4096}+\.[A-Za-z0-9_\-]{5,8}\.[A-Za-z0-9_\-]{27,64}+"),
    ),
    restorable=False,
    name="json_web_token",
)
