"""Names and addresses of ordering customers and beneficiaries in SWIFT MT messages."""

from __future__ import annotations

from ..definition import Anchored, Definition
from ..payments.located import each
from ..payments.swift_mt import PARTY, read_people

SWIFT_PARTY = Definition(
    "PERSON",
    tuple(Anchored((":50", ":59"), after=PARTY, check=check) for check in each(read_people, 1, 0.85)),
    name="swift_party",
)
