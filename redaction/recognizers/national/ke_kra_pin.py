"""Kenyan taxpayer numbers (KRA PIN): A for people or P for others, nine digits, a letter."""

from __future__ import annotations

from stdnum.ke import pin

from ...evidence.identifiers import identifier

KE_KRA_PIN = identifier(
    "KE_KRA_PIN",
    country="KE",
    keys="kra_pin kra_pin_no kra_pin_number ke_kra_pin tax_pin kra",
    shared_keys="tax_id taxpayer_id tax_number pin_number pin",
    bare=("A0{9}A",),
    length=(11, 11),
    valid=pin.is_valid,
    one_in=13,
)
