"""International bank account numbers: country, its length and structure, and the check digits."""

from __future__ import annotations

import re

from stdnum import iban
from stdnum.iso7064 import mod_97_10

from ..definition import Definition, Hit, Keyed, Pattern, alphanumeric, starts_word

# Characters of an IBAN by country. Source: SWIFT IBAN Registry, release 100.
_LENGTHS = {
    country: length
    for length, countries in (
        (15, "NO"),
        (16, "BE"),
        (18, "DK FI FK FO GL NL SD"),
        (19, "MK SI"),
        (20, "AT BA EE KZ LT LU MN XK"),
        (21, "CH HR LI LV"),
        (22, "BG BH CR DE GB GE IE ME RS VA"),
        (23, "AE GI IL IQ OM SO TL"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
        (25, "LY PT ST"),
        (26, "IS TR"),
        (27, "BI DJ FR GR IT MC MR SM"),
        (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
        (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"),
        (31, "MT SC"),
        (32, "LC"),
        (33, "RU"),
    )
    for country in countries.split()
}
# Not in the registry, yet banks there print and check such numbers ("experimental" IBANs); all digits but for the two
# letters of a WAEMU country's bank. Source: ECBS TR 201 and the countries' bank associations.
_UNREGISTERED = {
    country: length
    for length, countries in (
        (25, "AO CV GW MZ"),
        (26, "DZ IR"),
        (27, "CM CF TD CG GA GQ KM MG"),
        (28, "BJ BF CI ML NE SN TG MA"),
    )
    for country in countries.split()
}
_UNREGISTERED_REST = re.compile(r"[A-Z0-9]{2}[0-9]+\Z")
_COUNTRIES = frozenset({*_LENGTHS, *_UNREGISTERED})


def _check(text: str, start: int, end: int) -> Hit | None:
    """As many characters as the country has, wherever the pattern stopped."""
    country = text[start : start + 2].upper()
    length = _LENGTHS.get(country) or _UNREGISTERED.get(country)
    # A word is asked for here and not in the expression, which would have to look back at every letter.
    if length is None or not starts_word(text, start):
        return None
    kept: list[str] = []
    place = start
    while len(kept) < length and place < len(text):
        character = text[place]
        if character.isascii() and character.isalnum():
            kept.append(character)
        elif character not in " -./\n" or not text[place - 1].isalnum():
            return None
        place += 1
    following = text[place : place + 1]
    if len(kept) < length or (following.isascii() and following.isalnum()):
        return None
    return (start, place, 1.0) if _is_valid("".join(kept).upper()) else None


def _is_valid(number: str) -> bool:
    if number[:2] in _LENGTHS:
        return iban.is_valid(number, check_country=False)
    return bool(_UNREGISTERED_REST.match(number, 4)) and mod_97_10.is_valid(number[4:] + number[:4])


def _keyed(text: str, start: int, end: int) -> Hit | None:
    """Under its key a mistyped one goes too; a masked one stays. Words without a figure behind it are none of it."""
    length = _LENGTHS.get(text[start : start + 2].upper(), 0)
    while (last := text.rfind(" ", start, end)) >= 0 and text[last + 1 : end].isalpha():
        if sum(map(str.isalnum, text[start:last])) < length:
            break
        end = last
    count = sum(part.isalnum() for part in text[start:end])
    return (start, end, 0.85) if 15 <= count <= 34 and text[start : start + 2].upper() in _COUNTRIES else None


IBAN_CODE = Definition(
    "IBAN_CODE",
    (
        # Beginning with the first digit makes it cheap to look for.
        Pattern(
            r"[0-9](?<=[A-Za-z]{2}.)[0-9][ .\-/]?[A-Za-z0-9]{4}[ .\-/]?[A-Za-z0-9]{4}",
            check=lambda text, start, end: _check(text, start - 2, end),
            near=("aa00", "AA00", "Aa00", "aA00"),
            reach=(0, 14),
        ),
        Keyed(
            frozenset(
                "iban iban_code iban_no iban_number iban_num cuenta_iban numero_iban iban_numarasi dbtr_iban cdtr_iban "
                "debtor_iban creditor_iban beneficiary_iban account_iban".split()
            ),
            bare=r"[A-Za-z]{2}[0-9]{2}(?:[ .\-]?[A-Za-z0-9]){11,30}+(?![A-Za-z0-9])",
            check=_keyed,
        ),
    ),
    identity=alphanumeric,
)
