"""Card numbers and order ids for the tests, made with a fixed seed."""

from __future__ import annotations

import random

from stdnum import luhn as luhn_digit

SCHEMES: list[tuple[str, str, tuple[int, ...]]] = [
    ("Visa", "4", (13, 16, 19)),
    ("Mastercard", "53", (16,)),
    ("Mastercard 2-series", "2221", (16,)),
    ("Mastercard 2-series, the end", "2720", (16,)),
    ("American Express", "37", (15,)),
    ("Diners Club", "36", (14, 16, 19)),
    ("Diners Club 305", "305", (14,)),
    ("Discover", "6011", (16, 19)),
    ("Discover 644", "644", (16,)),
    ("JCB", "3528", (16, 19)),
    ("JCB 1800", "1800", (15,)),
    ("UnionPay", "62", (16, 17, 18, 19)),
    ("UnionPay 81", "810", (16,)),
    ("RuPay 508", "508", (16,)),
    ("RuPay 82", "82", (16,)),
    ("Maestro", "5018", (12, 13, 16, 18, 19)),
    ("Maestro 6304", "6304", (12, 16, 19)),
    ("Maestro 67", "6759", (12, 15, 19)),
    ("Elo", "636297", (16,)),
    ("Elo 5067", "506707", (16,)),
    ("Elo 6504", "650485", (16,)),
    ("Hipercard", "606282", (13, 16, 19)),
    ("Hipercard 637", "637095", (16,)),
    ("Verve", "506099", (16, 18, 19)),
    ("Verve 5078", "507865", (16, 19)),
    ("Mir", "2200", (16, 19)),
    ("Troy", "9792", (16,)),
    ("UzCard", "8600", (16,)),
    ("Humo", "9860", (16,)),
    ("Napas", "9704", (16, 19)),
    ("GPN", "1946", (16,)),
    ("Shetab", "610433", (16,)),
    ("Naranja", "589562", (16,)),
    ("Cabal", "604201", (16,)),
    ("Tarjeta Shopping", "27995", (13,)),
    ("Carnet", "286900", (16,)),
    ("Carnet 506", "506393", (16,)),
    ("mada", "968201", (16,)),
    ("mada 588", "588845", (16,)),
    ("Meeza", "507803", (16,)),
    ("Banescard", "603182", (16,)),
    ("Dankort", "5019", (16,)),
    ("Bancontact", "6703", (17,)),
    ("InterPayment", "636100", (16, 19)),
    ("InstaPayment", "638", (16,)),
    ("DinaCard", "9891", (16,)),
    ("Belkart", "9112", (16,)),
    ("LankaPay", "357111", (16,)),
    ("UkrCard", "604001", (16,)),
]


def numbered(prefix: str, length: int, dice: random.Random) -> str:
    """A number that begins so, is so long and has the right check digit."""
    body = prefix + "".join(dice.choice("0123456789") for _ in range(length - 1 - len(prefix)))
    return body + luhn_digit.calc_check_digit(body)


def cards(seed: int) -> list[str]:
    """A card of each scheme and length."""
    dice = random.Random(seed)
    return [numbered(prefix, length, dice) for _, prefix, lengths in SCHEMES for length in lengths]


def order_ids(seed: int, count: int) -> list[str]:
    """Numbers of 12 to 19 digits that pass the check, most of them in the range of a scheme."""
    dice = random.Random(seed)
    found: list[str] = []
    while len(found) < count:
        if len(found) % 4:
            _, prefix, lengths = dice.choice(SCHEMES)
            found.append(numbered(prefix, dice.choice(lengths), dice))
        else:
            found.append(numbered(dice.choice("123456789"), dice.randint(12, 19), dice))
    return found
