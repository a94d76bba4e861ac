"""NIC, Sri Lanka: year and day of birth (500 more for women) and a serial (Department for Registration of Persons).

Until 2016 nine digits and V or X, since then twelve digits. The rule of the check digit is not published.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier
from ...evidence.twelve_digits import unless_others

_LAST_YEAR = 2016  # the cards are for people of 15 and more


def _valid(number: str) -> bool:
    if len(number) == 12:
        year, day = number[:4], number[4:7]
        if not number.isdigit() or not 1900 <= int(year) <= _LAST_YEAR:
            return False
    else:
        day = number[2:5]
        if number[-1] not in "VX" or not number[:-1].isdigit():
            return False
    return 1 <= int(day) <= 366 or 501 <= int(day) <= 866


LK_NIC = unless_others(
    identifier(
        "LK_NIC",
        country="LK",
        keys="nic_no nic_number nic_num national_identity_card national_identity_card_no lk_nic sl_nic new_nic old_nic "
        "customer_nic holder_nic හැඳුනුම්පත_අංකය தேசிய_அடையாள_அட்டை",
        # `nic` alone is a network card too.
        shared_keys="nic national_id id_card id_number id_no identity_number document_number document_no kyc_id",
        bare=("0{12}", "0{9}A"),
        length=(10, 12),
        valid=_valid,
        words="nic",
        one_in=17,
    )
)
