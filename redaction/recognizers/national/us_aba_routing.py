"""Routing numbers of banks in the United States (ABA): nine digits, the last one a check digit."""

from __future__ import annotations

from stdnum.us import rtn

from ...evidence.identifiers import identifier

# Federal Reserve banks, thrifts, electronic, government, and traveller's cheques (ABA, Key to Routing Numbers).
_FIRST = frozenset(f"{number:02}" for number in (*range(13), *range(21, 33), *range(61, 73), 80))


def _valid(number: str) -> bool:
    return number[:2] in _FIRST and bool(rtn.is_valid(number))


US_ABA_ROUTING = identifier(
    "ABA_ROUTING_NUMBER",
    country="US",
    keys=(
        "aba aba_number aba_no aba_code aba_routing aba_routing_number routing_number routing_no routing_num "
        "routing_transit_number bank_routing bank_routing_number ach_routing ach_routing_number wire_routing_number"
    ),
    shared_keys="rtn routing bank_code bank_id",
    bare=("0{9}", "0{4}-0{4}-0"),
    length=(9, 9),
    valid=_valid,
    one_in=25,
    zeros=9,
    name="us_aba_routing",
)
