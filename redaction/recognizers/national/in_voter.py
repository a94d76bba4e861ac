"""Voter's card (EPIC), India: three letters and seven digits (Election Commission of India).

The last digit follows Luhn on newer cards only. Tickets and changes (`INC0012345`) have the same shape, so a bare one
needs its word.
"""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier

_SHAPE = re.compile(r"[A-Z]{3}[0-9]{7}")


def _valid(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None


IN_VOTER = identifier(
    "IN_VOTER",
    country="IN",
    keys="voter_id voter_no voter_number voter_card voter_card_no voter_id_no voter_id_number voter_id_card epic_no "
    "epic_number epic_id electoral_photo_identity_card election_card_no मतदाता_पहचान_पत्र",
    shared_keys="epic document_number document_no id_number id_no",
    bare=("A{3}0{7}",),
    length=(10, 10),
    valid=_valid,
    words="voter epic",
)
