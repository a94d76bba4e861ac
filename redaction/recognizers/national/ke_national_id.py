"""Kenyan identity numbers: 7 or 8 digits of the identity card, 9 of Maisha Namba; no check digit.

Source: National Registration Bureau, Kenya.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

KE_NATIONAL_ID = identifier(
    "KE_NATIONAL_ID",
    country="KE",
    keys=(
        "kenya_id kenyan_id ke_national_id ke_id kenya_national_id maisha_namba maisha_number maisha_card "
        "huduma_namba huduma_number kitambulisho nambari_ya_kitambulisho namba_ya_kitambulisho"
    ),
    words="maisha huduma kenyan_national_id kenyan_identity_card",
    bare=("0{7,9}",),
    length=(7, 9),
)
