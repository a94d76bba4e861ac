"""Which digits begin a card number, by scheme, and how many follow.

Source: the schemes' published issuer ranges as of 2026 (ISO/IEC 7812 assigns the first digits): Visa, Mastercard
(51-55 and 2221-2720), American Express, Diners Club, Discover, JCB, UnionPay, RuPay, Maestro, Elo, Hipercard, Verve,
Mir, Troy, UzCard, Humo, LankaPay.
"""

from __future__ import annotations

_ANY = range(12, 20)
_LONG = range(16, 20)

# first digits from, to (same length), numbers of digits
_RANGES: tuple[tuple[str, str, frozenset[int]], ...] = tuple(
    (low, high, frozenset(lengths))
    for low, high, lengths in (
        ("4", "4", (13, 16, 19)),  # Visa, with Elo's and Dankort's shares of it
        ("51", "55", (16,)),  # Mastercard
        ("2221", "2720", (16,)),  # Mastercard
        ("34", "34", (15,)),  # American Express
        ("37", "37", (15,)),
        ("300", "305", range(14, 20)),  # Diners Club
        ("3095", "3095", range(14, 20)),
        ("36", "36", range(14, 20)),
        ("38", "39", range(14, 20)),
        ("3528", "3589", _LONG),  # JCB, with RuPay's 353 and 356 and LankaPay's 357111
        ("2131", "2131", (15,)),  # JCB
        ("1800", "1800", (15,)),
        ("60", "60", _LONG),  # Discover, RuPay, Hipercard 606282
        ("606282", "606282", (13, 16, 19)),
        ("62", "62", _LONG),  # UnionPay, Elo 627780
        ("636", "639", _LONG),  # Elo, Hipercard 637, InstaPayment
        ("64", "65", _LONG),  # Discover, RuPay, Elo, Verve, Troy
        ("81", "82", _LONG),  # UnionPay, RuPay
        ("50", "50", _ANY),  # Maestro, Elo 504175 and 5067, Verve 5060 and 5078, RuPay 508
        ("56", "58", _ANY),  # Maestro, Naranja 589562
        ("6304", "6304", _ANY),  # Maestro
        ("6390", "6390", _ANY),
        ("67", "67", _ANY),
        ("2200", "2205", _LONG),  # Mir, Belkart
        ("9792", "9792", (16,)),  # Troy
        ("8600", "8600", (16,)),  # UzCard
        ("9860", "9860", (16,)),  # Humo
    )
)
_BY_FIRST_DIGIT: dict[str, tuple[tuple[str, str, frozenset[int]], ...]] = {
    digit: tuple(entry for entry in _RANGES if entry[0][0] <= digit <= entry[1][0]) for digit in "0123456789"
}

# Digits 5 to 9 in the doubled places of the Luhn sum count as their digits added.
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))


def in_range(digits: str) -> bool:
    """Whether a scheme issues numbers that begin like this and are this long."""
    return any(
        len(digits) in lengths and low <= digits[: len(low)] <= high
        for low, high, lengths in _BY_FIRST_DIGIT.get(digits[0], ())
    )


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1 annex B; one of ten random numbers passes."""
    backwards = digits[::-1].encode("ascii")
    return (sum(backwards[::2].translate(_PLAIN)) + sum(backwards[1::2].translate(_DOUBLED))) % 10 == 0
