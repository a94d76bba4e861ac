"""Accounts and proxy keys in payment QR codes and links."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.payments.emv_qr import crc_fits
from opswarden.redaction.recognizers.payment_qr import PAYMENT_QR
from opswarden.redaction.recognizers.payment_qr_name import PAYMENT_QR_NAME


def tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def code(*parts: str) -> str:
    body = tlv("00", "01") + "".join(parts) + "6304"
    check = 0xFFFF
    for byte in body.encode():
        check ^= byte << 8
        for _ in range(8):
            check = (check << 1 ^ 0x1021 if check & 0x8000 else check << 1) & 0xFFFF
    return body + f"{check:04X}"


def pix(key: str, name: str = "FULANO DE TAL", category: str = "0000", told: str = "") -> str:
    return code(
        tlv("26", tlv("00", "br.gov.bcb.pix") + tlv("01", key) + (tlv("02", told) if told else "")),
        tlv("52", category),
        tlv("53", "986"),
        tlv("54", "123.45"),
        tlv("58", "BR"),
        tlv("59", name),
        tlv("60", "BRASILIA"),
        tlv("62", tlv("05", "RP12345678-2026")),
    )


# The example of BCB's manual has an EVP key.
EVP = "123e4567-e12b-12d1-a456-426655440000"
BCB = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
DYNAMIC = code(
    tlv("26", tlv("00", "br.gov.bcb.pix") + tlv("25", f"pix.example.com/qr/v2/{EVP}")),
    tlv("52", "5411"),
    tlv("53", "986"),
    tlv("58", "BR"),
    tlv("59", "LOJA X"),
    tlv("60", "SAO PAULO"),
)
VIETQR = code(
    tlv(
        "38",
        tlv("00", "A000000727") + tlv("01", tlv("00", "970403") + tlv("01", "0011012345678")) + tlv("02", "QRIBFTTA"),
    ),
    tlv("53", "704"),
    tlv("58", "VN"),
)
PROMPTPAY = code(
    tlv("29", tlv("00", "A000000677010111") + tlv("01", "0066812345678")), tlv("53", "764"), tlv("58", "TH")
)
QRIS = code(
    tlv("26", tlv("00", "ID.CO.QRIS.WWW") + tlv("01", "936009140000012345") + tlv("03", "UMI")),
    tlv("52", "5812"),
    tlv("53", "360"),
    tlv("58", "ID"),
    tlv("59", "WARUNG MAKMUR"),
)
BHARAT = code(
    tlv("02", "4111111111111111"),
    tlv("26", tlv("00", "A000000524") + tlv("01", "asha@okbank")),
    tlv("52", "0000"),
    tlv("53", "356"),
)

TABLE: list[tuple[str, str, list[str]]] = [
    ("Pix, the manual's example", BCB, [EVP]),
    ("Pix by e-mail", pix("fulano2026@example.com"), ["fulano2026@example.com"]),
    ("Pix by phone", pix("+5511912345678"), ["+5511912345678"]),
    ("Pix by CPF", pix("52998224725"), ["52998224725"]),
    ("what the payer reads", pix(EVP, told="aluguel da Ana"), [EVP, "aluguel da Ana"]),
    ("Pix in a log line", f"qr={BCB} created in 41 ms", [EVP]),
    ("Pix in JSON", f'{{"copiaecola":"{BCB}"}}', [EVP]),
    ("Pix in a URL", f"https://x.example/?q={BCB}".replace(" ", "%20").replace("-", "%2D"), [EVP.replace("-", "%2D")]),
    ("Pix, cut off", BCB[:60], [EVP[:28]]),
    ("dynamic Pix holds a link only", DYNAMIC, []),
    ("VietQR keeps its bank", VIETQR, ["0011012345678"]),
    ("PromptPay", PROMPTPAY, ["0066812345678"]),
    ("QRIS", QRIS, ["936009140000012345"]),
    ("Bharat QR", BHARAT, ["4111111111111111", "asha@okbank"]),
    ("UPI", "upi://pay?pa=asha@okbank&pn=Asha%20Rao&am=10&tr=order77", ["asha@okbank"]),
    ("UPI, the payee later", "upi://pay?am=10&pa=asha@okbank", ["asha@okbank"]),
    ("a number that begins so", "000201 and 00020126 and seq=000201260000000000", []),
    ("a time in one piece", "20000201123045", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PAYMENT_QR, text) == values


def test_check_sum() -> None:
    assert crc_fits(BCB, 0)
    assert not crc_fits(BCB.replace("Fulano", "Fulana"), 0)
    assert crc_fits(pix("ana@example.com", "JOSÉ"), 0)


def test_names_are_looked_for_apart(finds: Callable[..., list[str]]) -> None:
    assert finds(PAYMENT_QR_NAME, BCB) == ["Fulano de Tal"]
