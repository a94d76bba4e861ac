"""NID, Bangladesh: 10 digits on smart cards, 13 before, 17 with the year of birth in front (Election Commission).

None has a check digit, so a key or a word has to say what it is.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

BD_NID = identifier(
    "BD_NID",
    country="BD",
    keys="nid nid_no nid_number nid_num nid_card nid_card_no bd_nid national_id_bd smart_nid voter_nid এনআইডি "
    "জাতীয়_পরিচয়পত্র",
    bare=("0{10}", "0{13}", "0{17}"),
    length=(10, 17),
    written=("0{3}[ \\-]0{3}[ \\-]0{4}",),
)
