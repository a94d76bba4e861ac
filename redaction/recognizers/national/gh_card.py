"""Ghana Card numbers: GHA, nine digits and a check digit whose rule is not published.

Source: National Identification Authority, Ghana. Cards of foreigners begin with the code of their country; those need
the word.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

GH_CARD = identifier(
    "GH_CARD",
    country="GH",
    keys=(
        "ghana_card ghana_card_no ghana_card_number ghana_card_pin ghanacard ghanacard_number gh_card gh_card_number "
        "nia_number nia_pin ghana_id"
    ),
    shared_keys="national_id national_id_number id_number identity_number document_number tax_id tin card_pin",
    words="nia",
    bare=("A{3}0{10}",),
    written=("A{3}[ -]0{9}[ -]0",),
    length=(13, 13),
    valid=lambda number: number.startswith("GHA") and number[3:].isdigit(),
    one_in=17_576,
)
