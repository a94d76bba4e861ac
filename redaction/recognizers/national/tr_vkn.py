"""Tax number of Turkey (VKN): ten digits, the last a check digit (Gelir İdaresi Başkanlığı)."""

from __future__ import annotations

from stdnum.tr import vkn

from ...evidence.identifiers import identifier

TR_VKN = identifier(
    "TR_VKN",
    country="TR",
    keys="vkn vkn_no vergi_no vergi_numarasi vergi_numarası vergi_kimlik_no vergi_kimlik_numarasi "
    "vergi_kimlik_numarası vergino vergikimlikno",
    shared_keys="vkn_tckn tckn_vkn tax_id tax_number tax_no taxpayer_id",
    bare=("0{10}",),
    length=(10, 10),
    valid=vkn.is_valid,
    one_in=10,
    zeros=10,
)
