"""Made-up personal values and secrets: valid by format, made by rule, belonging to nobody.

Addresses use domains and networks reserved for documentation (RFC 2606, RFC 5737), cards start like published test
cards, phones are numbers of mostly zeros, names are strung together from syllables.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import numpy as np

from .countries import COUNTRIES

_SYLLABLES = (
    "va", "lo", "mi", "tra", "ken", "zu", "ri", "ta", "no", "bel", "sha", "du", "pe", "lin", "go", "ra", "ku", "fen",
    "yo", "ma", "si", "dor", "ne", "li",
)  # fmt: skip
_CARD_PREFIXES = ("411111000", "555555000", "400000000", "222300000", "601111000")
_NETWORKS = ("203.0.113.", "198.51.100.", "192.0.2.")
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Person:
    """One made-up customer. Every field is text as it is written into a table."""

    name: str
    email: str
    phone: str
    card: str
    iban: str
    cpf: str
    ip: str
    bearer: str


def make_person(rng: np.random.Generator, number: int) -> Person:
    """The person of a number; persons of different numbers below 700 share no value."""
    first, last = _word(rng, 2), _word(rng, 3)
    return Person(
        name=f"{first} {last}",
        email=f"{first}.{last}{number}@example.{('com', 'org', 'net')[number % 3]}".lower(),
        phone=f"{COUNTRIES[number % len(COUNTRIES)].phone_prefix}{number:04d}",
        card=make_card(rng, number),
        iban=make_iban(rng, number),
        cpf=make_cpf(rng),
        ip=f"{_NETWORKS[number % 3]}{number // 3 + 10}",
        bearer=_letters(rng, _BASE62, 40),
    )


def make_reference(rng: np.random.Generator, number: int) -> Person:
    """A stand-in whose fields are opaque references, for worlds without personal values."""
    fields = [f"ref-{field}{number:04d}-{_letters(rng, '0123456789abcdef', 8)}" for field in range(8)]
    return Person(*fields)


def make_card(rng: np.random.Generator, number: int) -> str:
    """A card number of 16 or 19 digits with a valid check digit, half of them in groups of four.

    Source of the check digit: ISO/IEC 7812-1, annex B (Luhn).
    """
    length = 19 if number % 7 == 3 else 16
    body = _CARD_PREFIXES[number % len(_CARD_PREFIXES)]
    body += "".join(str(int(digit)) for digit in rng.integers(0, 10, size=length - 1 - len(body)))
    total = 0
    for place, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    digits = body + str(-total % 10)
    return " ".join(digits[at : at + 4] for at in range(0, length, 4)) if number % 2 else digits


def make_iban(rng: np.random.Generator, number: int) -> str:
    """An account number of Great Britain (bank `TEST`) or Turkey. Source of the check digits: ISO 13616-1."""
    digits = "".join(str(int(digit)) for digit in rng.integers(0, 10, size=16))
    country, account = ("GB", f"TEST{digits[:14]}") if number % 2 else ("TR", f"000990{digits}")
    as_number = int("".join(str(int(letter, 36)) for letter in account + country + "00"))
    return f"{country}{98 - as_number % 97:02d}{account}"


def make_cpf(rng: np.random.Generator) -> str:
    """A Brazilian tax number with valid check digits (Receita Federal, modulo 11)."""
    digits = [0, 0, *(int(digit) for digit in rng.integers(0, 10, size=6)), int(rng.integers(1, 10))]
    for _ in range(2):
        weighted = sum(digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
        digits.append(weighted * 10 % 11 % 10)
    text = "".join(map(str, digits))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def make_cloud_key(rng: np.random.Generator) -> str:
    """An access-key id of the form that a large cloud uses."""
    return "AKIA" + _letters(rng, _BASE32, 16)


def make_api_key(rng: np.random.Generator) -> str:
    """A key of the form that hosted language models use."""
    return "sk-" + _letters(rng, _BASE62, 44)


def make_jwt(rng: np.random.Generator, number: int) -> str:
    """A signed token in compact form (RFC 7519) with a random signature."""
    parts = [
        json.dumps({"alg": "HS256", "typ": "JWT"}, separators=(",", ":")).encode(),
        json.dumps({"sub": f"synthetic-{number}", "scope": "payments"}, separators=(",", ":")).encode(),
        rng.bytes(32),
    ]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _word(rng: np.random.Generator, syllables: int) -> str:
    picked = [_SYLLABLES[int(row)] for row in rng.choice(len(_SYLLABLES), size=syllables, replace=False)]
    return "".join(picked).capitalize()


def _letters(rng: np.random.Generator, alphabet: str, length: int) -> str:
    return "".join(alphabet[int(row)] for row in rng.integers(0, len(alphabet), size=length))
