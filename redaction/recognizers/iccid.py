"""Serial numbers of SIM cards (ICCID): 89, country, issuer, and a Luhn; 19 or 20 digits (ITU-T E.118)."""

from __future__ import annotations

from stdnum import luhn

from ..evidence.identifiers import identifier


def _valid(number: str) -> bool:
    return number.startswith("89") and luhn.is_valid(number)


ICCID = identifier(
    "ICCID",
    country="",
    keys="iccid iccid_no iccid_number icc_id sim_serial sim_serial_number sim_number sim_no sim_card_number eid_iccid",
    shared_keys="sim sim_id serial_number",
    words="sim_card",
    bare=("0{19,20}",),
    written=("0{4} 0{4} 0{4} 0{4} 0{3,4}", "0{5} 0{5} 0{5} 0{4,5}"),
    length=(18, 20),
    valid=_valid,
    one_in=1_000,
)
