"""Names and local numbers in the messages of mobile money."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

REDACTION = Redaction()

TABLE: list[tuple[str, str, str]] = [
    (
        "sent",
        "QFT4XYZ123 Confirmed. Ksh2,000.00 sent to ANA WANJIKU 0722123456 on 30/11/26 at 10:00 AM.",
        "QFT4XYZ123 Confirmed. Ksh2,000.00 sent to <PERSON> <PHONE_NUMBER> on 30/11/26 at 10:00 AM.",
    ),
    (
        "received",
        "You have received Ksh500.00 from JOHN KAMAU 254722123456 on 1/2/26",
        "You have received Ksh500.00 from <PERSON> <PHONE_NUMBER> on 1/2/26",
    ),
    (
        "in Swahili",
        "Umepokea Tsh5,000.00 kutoka kwa ASHA MUSHI, 0755123456",
        "Umepokea Tsh5,000.00 kutoka kwa <PERSON>, <PHONE_NUMBER>",
    ),
    (
        "number first",
        "You sent UGX 5,000 to 0772123456, OKELLO JAMES.",
        "You sent UGX 5,000 to <PHONE_NUMBER>, <PERSON>",
    ),
    (
        "number alone",
        "You have received Tk 500.00 from 01712345678.",
        "You have received Tk 500.00 from <PHONE_NUMBER>.",
    ),
    (
        "a shop is no person",
        "Ksh100.00 paid to Payments Api 0722123456",
        "Ksh100.00 paid to Payments Api <PHONE_NUMBER>",
    ),
    ("no money", "moved from 0722123456 to 0722123457", "moved from 0722123456 to 0722123457"),
    ("an id", "ksh settled from order 0722123456", "ksh settled from order 0722123456"),
]


@pytest.mark.parametrize(("text", "leaves"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_mobile_money(text: str, leaves: str) -> None:
    assert REDACTION.scrub(text) == leaves
