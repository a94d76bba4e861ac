"""Moroccan business numbers (ICE): 15 digits, two of them check digits; people in business have one as well."""

from __future__ import annotations

from stdnum.ma import ice

from ...evidence.identifiers import identifier

MA_ICE = identifier(
    "MA_ICE",
    country="MA",
    keys="ice_no ice_number numero_ice num_ice identifiant_commun_entreprise identifiant_commun_de_l_entreprise ma_ice",
    shared_keys="ice tax_id taxpayer_id identifiant_fiscal",
    words="ice",
    bare=("0{15}", "0{3} 0{3} 0{3} 0{3} 0{3}", "0{9} 0{4} 0{2}"),
    length=(15, 15),
    valid=ice.is_valid,
    one_in=97,
    zeros=15,
)
