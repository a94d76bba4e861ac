"""Dates and places of birth in ISO 20022 messages."""

from __future__ import annotations

from ..definition import Definition, Keyed

ISO20022_BIRTH = Definition(
    "DATE_OF_BIRTH",
    (
        Keyed(
            frozenset({"birth_dt", "city_of_birth", "prvc_of_birth"}),
            bare=r"[^\s\"'<>,;]{2,60}",
            whole=True,
            score=0.85,
        ),
    ),
    name="iso20022_birth",
)
