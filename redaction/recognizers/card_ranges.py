"""Which digits begin a card number, by scheme, and how many follow.

Sources: ISO/IEC 7812 for the first digits; the table "Issuer identification number" of Wikipedia's "Payment card
number" (2024 to 2026); for schemes of one country the open lists of Brazilian gateways (Elo, Hipercard, Cabal,
Banescard, GoodCard), of Mercado Pago (Naranja, Cabal, Tarjeta Shopping, Carnet) and of Moyasar (mada). Vouchers
(Alelo, Sodexo, Ticket, VR) lie in Elo's and Hipercard's ranges. Co-branded cards begin as their international scheme
does. Left out are schemes whose first digits tell nothing: UATP (1, 15 digits) and BC Card (94); those need a word or a
key.
"""

from __future__ import annotations

_ANY = range(12, 20)
_LONG = range(16, 20)

# first digits from, to (same length), numbers of digits
_RANGES: tuple[tuple[str, str, frozenset[int]], ...] = tuple(
    (low, high, frozenset(lengths))
    for low, high, lengths in (
        ("4", "4", (13, 16, 19)),  # Visa, with Elo's, Dankort's and mada's shares of it
        ("51", "55", (16,)),  # Mastercard
        ("2221", "2720", (16,)),  # Mastercard
        ("34", "34", (15,)),  # American Express
        ("37", "37", (15,)),
        ("300", "305", range(14, 20)),  # Diners Club
        ("309", "309", range(14, 20)),
        ("36", "36", range(14, 20)),
        ("38", "39", range(14, 20)),  # and Hipercard's 3841
        ("3528", "3589", _LONG),  # JCB, with RuPay's 353 and 356 and LankaPay's 357111
        ("2131", "2131", (15,)),  # JCB
        ("1800", "1800", (15,)),
        ("31", "31", (19,)),  # China T-Union
        ("60", "60", _LONG),  # Discover, RuPay, Cabal, Banescard, GoodCard, UkrCard, GPN, Shetab, Ticket
        ("606282", "606282", (13, 16, 19)),  # Hipercard
        ("61", "61", _LONG),  # GPN, Shetab
        ("62", "62", _LONG),  # UnionPay, Elo 627780, Shetab
        ("63", "63", _LONG),  # GPN, Elo, Hipercard 637, InterPayment 636, InstaPayment 637-639, Shetab
        ("64", "65", _LONG),  # Discover, RuPay, Elo, Verve 650002-650027, Troy, DinaCard
        ("81", "82", _LONG),  # UnionPay, RuPay
        ("50", "50", _ANY),  # Maestro, Dankort 5019, Carnet and Elo 506, Verve 506 and 507, Meeza 5078, RuPay 508
        ("56", "58", _ANY),  # Maestro, UzCard 5614, mada 588, Naranja 589562, Cabal 589657
        ("6304", "6304", _ANY),  # Maestro
        ("6390", "6390", _ANY),
        ("67", "67", _ANY),  # Maestro, Bancontact 6703
        ("2200", "2205", _LONG),  # Mir, Borica and PayPak 2205
        ("2869", "2869", (16,)),  # Carnet
        ("27995", "27995", (13,)),  # Tarjeta Shopping
        ("1946", "1946", (16, 18)),  # GPN; its 19 digits are nanoseconds of the year 2031
        ("9112", "9112", (16,)),  # Belkart
        ("9682", "9682", (16,)),  # mada
        ("9704", "9704", (16, 19)),  # Napas
        ("9792", "9792", (16,)),  # Troy
        ("8600", "8600", (16,)),  # UzCard
        ("9860", "9860", (16,)),  # Humo
        ("9891", "9891", (16,)),  # DinaCard
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


def begins_like_card(digits: str) -> bool:
    """Whether a scheme issues numbers that begin like this, however long they are; `digits` has 6 or more."""
    return any(low <= digits[: len(low)] <= high for low, high, _ in _BY_FIRST_DIGIT.get(digits[:1], ()))


def luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1 annex B; one of ten random numbers passes."""
    backwards = digits[::-1].encode("ascii")
    return (sum(backwards[::2].translate(_PLAIN)) + sum(backwards[1::2].translate(_DOUBLED))) % 10 == 0


def may_lack_check_digit(digits: str) -> bool:
    """UnionPay lets issuers leave the check digit out."""
    return digits.startswith(("62", "81")) and in_range(digits)
