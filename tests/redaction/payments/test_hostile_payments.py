"""Texts made to be slow for what reads payment messages: work grows with the length and no faster."""

from __future__ import annotations

import time

import pytest

from opswarden.redaction.recognizers.built_in import BUILT_IN
from opswarden.redaction.scanning.scan import Scan, Work

OURS = frozenset(
    "credit_card card_security_code card_track card_expiry iso8583_message emv_data iban_code crypto payment_qr "
    "payment_qr_name iso20022_name iso20022_account iso20022_address iso20022_phone iso20022_birth remittance_text "
    "swift_party swift_account virtual_account".split()
)
BITMAP = "02007220000000009000"
UNITS = [
    ("digits", "4"),
    ("figures of one digit", "0"),
    ("cards", "4111111111111111"),
    ("cards in lists", "4111111111111111,"),
    ("cards on prefixes", "a-4111111111111111"),
    ("order words", "order no "),
    ("order words and cards", "order 4111111111111111 "),
    ("words without end", "pedido"),
    ("covers", "*"),
    ("covered cards", "411111****"),
    ("covered digits", "4*"),
    ("small x", "x"),
    ("dots", "."),
    ("carets", "^"),
    ("begun tracks", "4111111111111111^A^"),
    ("begun second tracks", ";4111111111111111="),
    ("messages", BITMAP),
    ("messages without an end", BITMAP + "1641111111111111110000000000000100001123194741123456"),
    ("messages apart", BITMAP + " "),
    ("hex of digits", "3034"),
    ("hex of ones", "31"),
    ("hex in pairs", "31 "),
    ("zeros in pairs", "00 "),
    ("type indicators in pairs", "02 00 72 20 "),
    ("fields", "DE052="),
    ("fields in brackets", "[052] "),
    ("fields with numbers", '"52":"'),
    ("fields in words", "field 52 "),
    ("bits", "bit[52"),
    ("chip data", "9F2608A1B2C3D4E5F60718"),
    ("tags of chip data", "9f26"),
    ("tags and spaces", "9F 26 08 "),
    ("templates", "7702"),
    ("endless templates", "7781FF"),
    ("names in chip data", "5F20 "),
    ("codes", "000201"),
    ("codes with accounts", "00020126330014br.gov.bcb.pix0111"),
    ("nested codes", "00020126990099"),
    ("codes' elements", "0002010102"),
    ("links", "upi://pay?"),
    ("links with parts", "upi://pay?a=b&c=d&"),
    ("consumers' codes", "hQVDUFYwM"),
    ("names", "<Dbtr><Nm>a"),
    ("open names", "<Nm>"),
    ("banks", "<FinInstnId><Nm>a<"),
    ("others", "<Othr><Id>"),
    ("proxies", "<Prxy><Tp>"),
    ("others in JSON", '"Othr":{"Id":"'),
    ("customers", "\n:50K:/1\nA"),
    ("customers on a line", r"\n:59:"),
    ("remittances", "\n:70:"),
    ("ibans", "GB29NWBK"),
    ("ibans' begins", "DE12"),
    ("small ibans", "de12abcd"),
    ("wallets", "1BvBMSEY"),
    ("wallets on bech32", "bc1q"),
    ("wallets in hex", "0xab"),
    ("Monero", "4A"),
    ("expiries", "exp=12/27 "),
    ("expiries in a row", "exp=12"),
    ("PINs", "pin 1"),
    ("PIN blocks", "pin block "),
    ("codes of cards", "cvv "),
    ("security codes", "security code "),
    ("exponents", "4.111111111111111E"),
]
SMALL = 4_000
FACTOR = 8


@pytest.fixture(scope="module")
def scan() -> Scan:
    return Scan(tuple(definition for definition in BUILT_IN if definition.name in OURS))


def _cpu_s(scan: Scan, text: str) -> float:
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        scan.find(text, Work(10_000_000))
        best = min(best, time.process_time() - start)
    return best


def test_none_of_ours_is_left_out() -> None:
    assert {definition.name for definition in BUILT_IN} >= OURS


@pytest.mark.parametrize("unit", [row[1] for row in UNITS], ids=[row[0] for row in UNITS])
def test_time_grows_with_the_length_and_no_faster(scan: Scan, unit: str) -> None:
    small = unit * (SMALL // len(unit))
    scan.find(small, Work(10_000_000))
    once, many = _cpu_s(scan, small), _cpu_s(scan, small * FACTOR)
    # Linear is 8; the square would be 64. The constant keeps tiny times from deciding.
    assert many < once * FACTOR * 3 + 0.05
    # The dearest takes 10 µs a character; more than twice that would be another kind of work.
    assert many < SMALL * FACTOR * 25e-6
