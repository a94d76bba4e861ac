"""International bank account numbers: country, its length and structure, and the check digits."""

from __future__ import annotations

from stdnum import iban

from ..definition import WORD_START, Definition, Hit, Pattern, alphanumeric

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


def _check(text: str, start: int, end: int) -> Hit | None:
    """As many characters as the country has, wherever the pattern stopped."""
    length = _LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return None
    kept: list[str] = []
    place = start
    while len(kept) < length and place < len(text):
        character = text[place]
        if character.isascii() and character.isalnum():
            kept.append(character)
        elif character not in " -." or not text[place - 1].isalnum():
            return None
        place += 1
    following = text[place : place + 1]
    if len(kept) < length or (following.isascii() and following.isalnum()):
        return None
    return (start, place, 1.0) if iban.is_valid("".join(kept), check_country=False) else None


IBAN_CODE = Definition(
    "IBAN_CODE",
    (
        Pattern(
            WORD_START + r"[A-Za-z]{2}[0-9]{2}[ .\-]?[A-Za-z0-9]{4}[ .\-]?[A-Za-z0-9]{4}",
            check=_check,
        ),
    ),
    identity=alphanumeric,
)
