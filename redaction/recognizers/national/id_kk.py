"""Number of the family card (KK), Indonesia: district, date of issue, four digits (Permendagri 108/2019).

It looks like a NIK, so its word or key has to say that it is one.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

ID_KK = identifier(
    "ID_KK",
    country="ID",
    keys="no_kk nomor_kk kk_no kk_number nomer_kk nokk kartu_keluarga no_kartu_keluarga nomor_kartu_keluarga "
    "family_card_no family_card_number",
    bare=("0{16}",),
    length=(16, 16),
    words="kk",
)
