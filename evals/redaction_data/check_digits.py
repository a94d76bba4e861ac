"""Check digits from the published rules, written apart from the recognizers, so that one mistake is not made twice."""

from __future__ import annotations

from collections.abc import Sequence


def luhn_digit(body: str) -> str:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(map(int, reversed(body))):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def weighted(body: str, weights: Sequence[int]) -> int:
    """The sum of digits times weights, from the left."""
    return sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))


def cpf_digits(body: str) -> str:
    """Receita Federal: two rounds of modulo 11 over nine digits, 10 and 11 count as 0."""
    found = body
    for _ in range(2):
        found += str(weighted(found, range(len(found) + 1, 1, -1)) * 10 % 11 % 10)
    return found[len(body) :]


def verhoeff_digit(body: str) -> str:
    """Verhoeff, "Error detecting decimal codes", 1969: the dihedral group of order ten."""

    def times(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else (a + b - 5) % 5 + 5
        return (a - b) % 5 + 5 if b < 5 else (a - b) % 5

    moved = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    while len(moved) < 8:
        moved.append([moved[-1][moved[1][digit]] for digit in range(10)])
    check = 0
    for place, digit in enumerate(reversed(body), start=1):
        check = times(check, moved[place % 8][int(digit)])
    return str(next(digit for digit in range(10) if times(check, digit) == 0))


def iban_digits(country: str, account: str) -> str:
    """ISO 13616-1: 98 minus the account with its country moved to the end, letters as 10 to 35, modulo 97."""
    number = int("".join(str(int(character, 36)) for character in f"{account}{country}00"))
    return f"{98 - number % 97:02d}"


def clabe_digit(body: str) -> str:
    """Banxico: weights 3, 7, 1 over seventeen digits, each product modulo 10."""
    total = sum(int(digit) * (3, 7, 1)[place % 3] % 10 for place, digit in enumerate(body))
    return str(-total % 10)


def ci_uruguay_digit(body: str) -> str:
    """Weights 2, 9, 8, 7, 6, 3, 4 over seven digits, modulo 10."""
    return str(-weighted(body, (2, 9, 8, 7, 6, 3, 4)) % 10)


def dui_digit(body: str) -> str:
    """El Salvador: weights 9 down to 2 over eight digits, modulo 10."""
    return str(-weighted(body, range(9, 1, -1)) % 10)


def thai_digit(body: str) -> str:
    """Weights 13 down to 2 over twelve digits, modulo 11."""
    return str((11 - weighted(body, range(13, 1, -1)) % 11) % 10)


def cui_guatemala_digit(body: str) -> str:
    """Weights 2 to 9 over eight digits, modulo 11; `X` if there is no digit for it."""
    digit = weighted(body, range(2, 10)) % 11
    return "X" if digit == 10 else str(digit)
