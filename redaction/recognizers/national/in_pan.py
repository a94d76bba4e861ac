"""PAN, India: five letters, four digits, a letter (Income Tax Department, "PAN"); the fourth says who holds it.

Its last letter is a check letter whose rule is not published.
"""

from __future__ import annotations

from stdnum.in_ import pan

from ...evidence.identifiers import identifier

IN_PAN = identifier(
    "IN_PAN",
    country="IN",
    keys="pan_no pan_number pan_card pan_card_no pan_card_number pan_id permanent_account_number income_tax_pan "
    "pancard customer_pan holder_pan पैन पैन_नंबर पैन_कार्ड स्थायी_खाता_संख्या",
    # `pan` alone is a card number more often.
    shared_keys="pan tax_id kyc_id document_number document_no id_number id_no",
    bare=("A{5}0{4}A",),
    length=(10, 10),
    valid=pan.is_valid,
    words="pan",
    # Of random words of ten capitals and digits one of 2,800 looks like this; nothing else that payments write does.
    one_in=50,
)
