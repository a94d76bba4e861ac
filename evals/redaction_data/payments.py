"""Cards, what authenticates them, and accounts.

Card numbers follow the schemes' published issuer ranges and the check digit of ISO/IEC 7812-1; IBANs the lengths of
the SWIFT registry and ISO 13616-1; track data ISO/IEC 7813.
"""

# ruff: noqa: E501 - tables read better with one thing a line
from __future__ import annotations

from .check_digits import iban_digits, luhn_digit
from .draw import DIGITS, HEX, UPPER, Draw
from .generator import Generator, Made, split

# Name, first digits, numbers of digits.
_SCHEMES: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...] = (
    ("Visa", ("4",), (16, 19, 13)),
    ("Mastercard", ("51", "53", "55"), (16,)),
    ("Mastercard 2-series", ("2221", "2300", "2720"), (16,)),
    ("American Express", ("34", "37"), (15,)),
    ("JCB", ("3528", "3589"), (16, 19)),
    ("UnionPay", ("6212", "6225", "6250"), (16, 17, 18, 19)),
    ("RuPay", ("6521", "6081", "8172"), (16,)),
    ("Elo", ("636368", "504175", "5067", "6509"), (16,)),
    ("Hipercard", ("606282",), (16, 19)),
    ("Verve", ("506105", "650005"), (16, 19)),
    ("Maestro", ("5018", "6759", "6304"), (12, 13, 16, 19)),
    ("Diners Club", ("36", "3005", "38"), (14, 16)),
    ("Discover", ("6011", "6445"), (16,)),
    ("Troy", ("9792",), (16,)),
    ("Mir", ("2200", "2204"), (16,)),
    ("Uzcard", ("8600",), (16,)),
)
_CARD_KEYS = (
    "pan card_number cardNumber cc_number numero_cartao numero_tarjeta tarjeta_numero carte_numero kart_numarasi "
    "nomor_kartu so_the primaryAccountNumber"
).split()
_CARD_WORDS = split("card_number card cartão tarjeta carte kartu")
_IBANS: tuple[tuple[str, int, int, str], ...] = (
    # Country, letters of the bank, digits, what ends it. Ivory Coast and Senegal use IBANs outside of the registry.
    ("BR", 0, 23, "C1"), ("CR", 0, 18, ""), ("DO", 4, 20, ""), ("GT", 4, 20, ""), ("SV", 4, 20, ""), ("TR", 0, 22, ""),
    ("PK", 4, 16, ""), ("EG", 0, 25, ""), ("TN", 0, 20, ""), ("SA", 0, 20, ""), ("AE", 0, 19, ""), ("DE", 0, 18, ""),
    ("GB", 4, 14, ""), ("FR", 0, 23, ""), ("ES", 0, 20, ""), ("PL", 0, 24, ""), ("KZ", 0, 16, ""), ("MU", 4, 19, "MUR"),
    ("JO", 4, 22, ""), ("CI", 2, 22, ""), ("SN", 2, 22, ""),
)  # fmt: skip
_IBAN_KEYS = tuple("iban account_iban conta_iban creditor_account debtorAccount iban_no".split())


def _card_of(draw: Draw, first: tuple[str, ...], lengths: tuple[int, ...]) -> str:
    start = draw.pick(first)
    body = start + draw.text(DIGITS, draw.pick(lengths) - 1 - len(start))
    return body + luhn_digit(body)


def _grouped(digits: str, sign: str) -> str:
    """As cards are printed: fours, or 4-6-5 for fifteen digits and 4-6-4 for fourteen."""
    if len(digits) in (14, 15):
        return sign.join((digits[:4], digits[4:10], digits[10:]))
    return sign.join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _cards(name: str, first: tuple[str, ...], lengths: tuple[int, ...]) -> Generator:
    def make(draw: Draw) -> str:
        digits = _card_of(draw, first, lengths)
        return _grouped(digits, draw.pick(" -")) if draw.share() < 0.4 else digits

    return Generator(f"CREDIT_CARD {name}", ("CREDIT_CARD",), "cards", make, tuple(_CARD_KEYS), _CARD_WORDS)


def _iban(draw: Draw) -> str:
    country, letters, digits, tail = draw.pick(_IBANS)
    # Banks of the West African union are numbered with their country's letters in front.
    bank = country if country in {"CI", "SN"} else draw.text(UPPER, letters)
    account = bank + draw.text(DIGITS, digits) + tail
    return country + iban_digits(country, account) + account


def _iban_printed(draw: Draw) -> str:
    found = _iban(draw)
    return " ".join(found[at : at + 4] for at in range(0, len(found), 4))


def _track_2(draw: Draw) -> str:
    return f";{_card_of(draw, ('4', '53'), (16,))}={draw.number(27, 35)}{draw.number(1, 12):02d}201{draw.digits(13)}?"


def _track_1(draw: Draw) -> str:
    holder = f"{draw.text(UPPER, 6)}/{draw.text(UPPER, 5)}"
    return (
        f"%B{_card_of(draw, ('4',), (16,))}^{holder}^{draw.number(27, 35)}{draw.number(1, 12):02d}201{draw.digits(12)}?"
    )


def _emv_track_2(draw: Draw) -> Made:
    """EMV tag 57, track 2 equivalent data: 16 digits, D, expiry, service code; padded with F."""
    value = f"{_card_of(draw, ('4', '55'), (16,))}D{draw.number(27, 35)}{draw.number(1, 12):02d}201{draw.digits(13)}F"
    return Made(f"9F2608{draw.text(HEX, 16).upper()}57{len(value) // 2:02X}", value, "9F3602003A")


PAYMENTS: tuple[Generator, ...] = (
    *(_cards(*scheme) for scheme in _SCHEMES),
    Generator("IBAN_CODE", ("IBAN_CODE",), "iban", _iban, _IBAN_KEYS, split("IBAN account")),
    Generator("IBAN_CODE (written)", ("IBAN_CODE",), "iban", _iban_printed, _IBAN_KEYS, split("IBAN")),
    Generator(
        "CARD_SECURITY_CODE",
        ("CARD_SECURITY_CODE", "CVV"),
        "authentication",
        lambda draw: draw.digits(3),
        tuple("cvv cvc cvv2 security_code codigo_seguridad cvc2 cardVerificationValue".split()),
        split("CVV CVC security_code"),
        ("telling keys", "prose"),
    ),
    Generator(
        "CARD_TRACK 2", ("CARD_TRACK",), "authentication", _track_2, ("track2", "track2_data"), split("track_2"), is_wide=True
    ),
    Generator(
        "CARD_TRACK 1", ("CARD_TRACK",), "authentication", _track_1, ("track1", "track1_data"), split("track_1"), is_wide=True
    ),
    Generator(
        "CARD_TRACK in EMV",
        ("CARD_TRACK", "CARD_AUTHENTICATION_DATA"),
        "authentication",
        _emv_track_2,
        ("emv", "icc_data", "de55", "tlv"),
        split("EMV_data DE55"),
        is_wide=True,
    ),
    Generator(
        "PIN_BLOCK",
        ("CARD_AUTHENTICATION_DATA", "PIN_BLOCK"),
        "authentication",
        lambda draw: draw.text(HEX, 16).upper(),
        ("pin_block", "pinBlock", "de52"),
        split("PIN_block"),
        ("telling keys",),
    ),
    Generator(
        "CARD_EXPIRY",
        ("CARD_EXPIRY",),
        "authentication",
        lambda draw: f"{draw.number(1, 12):02d}/{draw.number(27, 35)}",
        tuple("card_expiry card_exp_date validade_cartao cc_exp".split()),
        split("expiry"),
        ("telling keys",),
    ),
)  # fmt: skip
