"""Names and addresses of ordering customers and beneficiaries in SWIFT MT messages."""

from __future__ import annotations

from ..definition import Anchored, Definition
from ..payments.located import each, together
from ..payments.swift_mt import PARTY, SUBFIELDS, read_people, read_statement_names

SWIFT_PARTY = Definition(
    "PERSON",
    (
        *(Anchored((":50", ":59"), after=PARTY, check=check) for check in each(read_people, 1, 0.85)),
        Anchored((":86:",), after=SUBFIELDS, several=together(read_statement_names, 0.8)),
    ),
    name="swift_party",
)
