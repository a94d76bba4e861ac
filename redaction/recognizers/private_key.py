"""Private keys in PEM and PGP armour, whole, cut off, or with their line breaks escaped."""

from __future__ import annotations

from ..definition import Anchored, Definition

_GAP = r"(?:\\[nrt]|[\s\"',+])*+"
# Lines of base64 and headers such as Proc-Type; words of prose are too short to be taken for one.
_LINES = rf"(?:{_GAP}(?:(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]{{0,100}}+|[A-Za-z0-9+/=]{{16,}}+))*+"

PRIVATE_KEY = Definition(
    "SECRET",
    (
        Anchored(
            ("-----begin",),
            after=rf"-----BEGIN [A-Z0-9 ]{{0,40}}PRIVATE KEY(?: BLOCK)?-----{_LINES}"
            rf"(?:{_GAP}[A-Za-z0-9+/=]{{1,64}}+(?={_GAP}-----END))?(?:{_GAP}-----END[A-Z0-9 ]{{0,60}}-----)?",
            score=1.0,
        ),
    ),
    restorable=False,
    name="private_key",
)
