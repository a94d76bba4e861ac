"""Polish taxpayer numbers (NIP), of people in business too: 10 digits, the last of them a check digit."""

from __future__ import annotations

from stdnum.pl import nip

from ...evidence.identifiers import identifier

PL_NIP = identifier(
    "PL_NIP",
    country="PL",
    keys="nip nip_no nip_number nr_nip numer_nip pl_nip",
    shared_keys="tax_id taxpayer_id vat vat_number vat_id vat_no",
    bare=("0{10}",),
    length=(10, 10),
    written=("0{3}-0{3}-0{2}-0{2}", "0{3}-0{2}-0{2}-0{3}"),
    valid=nip.is_valid,
    one_in=9,
)
