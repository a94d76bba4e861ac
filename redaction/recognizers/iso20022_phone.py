"""Phone numbers of contacts in ISO 20022 messages, whatever their form."""

from __future__ import annotations

from ..definition import Definition, Keyed

ISO20022_PHONE = Definition(
    "PHONE_NUMBER",
    (Keyed(frozenset({"phne_nb", "mob_nb", "fax_nb"}), bare=r"\+?[0-9][0-9 ()\-]{3,29}(?![0-9A-Za-z])", score=0.85),),
    name="iso20022_phone",
)
