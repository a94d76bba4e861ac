"""Names in payment QR codes and links: of people, not of shops."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.payment_qr_name import PAYMENT_QR_NAME

PERSON_CODE = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano "
    "de Tal6008BRASILIA62070503***63041D3D"
)
BAR = (
    "00020126360014br.gov.bcb.pix0114+55119123456785204581253039865406123.455802BR5910BAR DA ANA6008BRASI"
    "LIA62190515RP12345678-202663048102"
)
SHOP = (
    "00020126800014br.gov.bcb.pix2558pix.example.com/qr/v2/123e4567-e12b-12d1-a456-4266554400005204541153"
    "039865802BR5906LOJA X6009SAO PAULO6304A85E"
)
RESTAURANT = "00020126470014ID.CO.QRIS.WWW01189360091400000123450303UMI5204581253033605802ID5913WARUNG MAKMUR630418B9"
NAMELESS = "00020129370016A0000006770101110113006681234567853037645802TH6304970C"

TABLE: list[tuple[str, str, list[str]]] = [
    ("a person has no category", PERSON_CODE, ["Fulano de Tal"]),
    ("a person's key in a shop's category", BAR, ["BAR DA ANA"]),
    ("a shop", SHOP, []),
    ("another shop", RESTAURANT, []),
    ("no name", NAMELESS, []),
    ("UPI", "upi://pay?pa=asha@okbank&pn=Asha%20Rao&am=10", ["Asha%20Rao"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PAYMENT_QR_NAME, text) == values
