"""Card numbers: an issuer's range, the right length and the check digit; the check digit alone makes no card.

What stands over a number or right in front of it decides between a card and an order: under a key that nobody knows a
number that could be a card is one, under `order_id` or after `pedido nº` it is not.
"""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Digits, Hit, Keyed, alphanumeric
from ..evidence.timestamps import is_timestamp
from ..payments.card_words import CARD_KEYS, spoken_of_card
from ..payments.iso8583 import PAN_FIELDS, read
from ..payments.number_of import is_of_something_else
from ..payments.truncated_pan import COVERED, SHOWN_AFTER, overexposed
from .card_ranges import in_range, luhn, may_lack_check_digit

_TOKEN = re.compile(r"[0-9A-Za-z]{0,128}")
_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_HASH_LENGTHS = frozenset({16, 24, 32, 40, 48, 56, 64, 96, 128})
_UUID_PART = re.compile(r"[0-9a-fA-F\-]{0,36}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def _in_hash(text: str, start: int, end: int) -> bool:
    """Whether the digits are part of a hash of a usual length, or of a UUID."""
    first, last = _stretch(_TOKEN, text, start, end)
    if last - first > end - start and last - first in _HASH_LENGTHS and _HEX.match(text[first:last]):
        return True
    first, last = _stretch(_UUID_PART, text, start, end)
    return any(match.start() < end and match.end() > start for match in _UUID.finditer(text, first, last))


def _stretch(part: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """How far to both sides the characters of a token go."""
    left, right = part.match(text[max(0, start - 128) : start][::-1]), part.match(text, end)
    return start - (left.end() if left else 0), right.end() if right else end


def _is_card(digits: str, text: str, start: int) -> bool:
    """The check digit fits, and an issuer's range or a word in front says that it is a card."""
    if luhn(digits):
        return in_range(digits) or spoken_of_card(text, start)
    return may_lack_check_digit(digits) and spoken_of_card(text, start)


def _backwards(text: str, start: int, end: int) -> Hit | None:
    """A card's number written from its end, where nothing says that it is an order or a time."""
    digits = text[start:end]
    if not (in_range(digits[::-1]) and luhn(digits[::-1])) or is_timestamp(digits) or _is_fraction(text, start):
        return None
    if is_of_something_else(text, start, len(digits)) or _in_hash(text, start, end):
        return None
    return start, end, 0.75


def _is_fraction(text: str, start: int) -> bool:
    """Whether the digits follow a decimal point, as in `0.4539578763621486`."""
    return start > 1 and text[start - 1] == "." and text[start - 2].isdigit()


def _bare(text: str, start: int, end: int) -> Hit | None:
    digits = text[start:end]
    if not _is_card(digits, text, start) or _is_fraction(text, start):
        return None
    if is_of_something_else(text, start, len(digits)) or _in_hash(text, start, end):
        return None
    return start, end, 1.0


def _grouped(text: str, start: int, end: int) -> Hit | None:
    digits = "".join(part for part in text[start:end] if part.isdigit())
    if not _is_card(digits, text, start) or _in_hash(text, start, end):
        return None
    return start, end, 1.0


def _in_pairs(text: str, start: int, end: int) -> Hit | None:
    """Two figures each: columns of figures look so too, unless a card is spoken of or the separator is no space."""
    return _grouped(text, start, end) if text[start + 2] not in " \t" or spoken_of_card(text, start) else None


def _wrapped(text: str, start: int, end: int) -> Hit | None:
    """Broken at the end of a line, with nothing else beside it."""
    beside = text[start - 1 : start] if start else "", text[end : end + 1]
    if any(each and not each.isspace() and each not in "\"'=:,;()[]{}<>" for each in beside):
        return None
    return _grouped(text, start, end)


_EXPONENT = re.compile(r"[eE]\+?(1[1-8])(?![0-9])")


def _scientific(text: str, start: int, end: int) -> Hit | None:
    """`4.111111111111111E15`, as languages print a large number without being asked."""
    exponent = _EXPONENT.match(text, end)
    if exponent is None:
        return None
    digits = text[start:end].replace(".", "").ljust(int(exponent[1]) + 1, "0")
    if len(digits) != int(exponent[1]) + 1 or not in_range(digits) or not luhn(digits):
        return None
    return None if is_of_something_else(text, start, len(digits)) else (start, exponent.end(), 0.9)


def _keyed(text: str, start: int, end: int) -> Hit | None:
    """Under a card's key any number of that length goes, mistyped ones too."""
    count = sum(part.isdigit() for part in text[start:end])
    return (start, end, 0.9) if 12 <= count <= 19 else None


def _in_message(text: str, start: int, end: int) -> Hit | None:
    """Inside an ISO 8583 message, where other figures touch the number."""
    for field in read(text, start, end):
        if field.name in PAN_FIELDS:
            return field.start, field.end, 1.0
    return None


_HEX_OF_DIGITS = re.compile(r"(?<!3[0-9])(?:3[0-9]){12,19}+(?!3[0-9])")


def _as_hex(text: str, start: int, end: int) -> Hit | None:
    """`34313131…`: the characters of the number as hex digits."""
    for match in _HEX_OF_DIGITS.finditer(text, start, end):
        digits = match.group()[1::2]
        if in_range(digits) and luhn(digits):
            return *match.span(), 0.95
    return None


_SEPARATOR = r"([ \t.\-/_]|\r?\n)"
# A line may end where a separator would be.
_AGAIN = r"(?:\2|\r?\n)"
_ALONE_BEFORE, _ALONE_AFTER = r"(?<![0-9][ \t.\-/_])", r"(?!\2[0-9])"
# As cards are printed, the same separator throughout. Other groupings are columns of figures, unless a key says more.
_GROUPINGS = (
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_AGAIN}[0-9]{{4}}{_AGAIN}[0-9]{{4}}{_AGAIN}[0-9]{{1,3}}",
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_AGAIN}[0-9]{{4}}{_AGAIN}[0-9]{{1,4}}",
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{6}}{_AGAIN}[0-9]{{4,5}}",
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_AGAIN}[0-9]{{5}}",
    rf"{_ALONE_BEFORE}[0-9]{{6}}{_SEPARATOR}[0-9]{{10,13}}{_ALONE_AFTER}",
    rf"{_ALONE_BEFORE}[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}\2[0-9]{{4}}{_ALONE_AFTER}",
    # Digit by digit, and nothing but the card.
    rf"{_ALONE_BEFORE}[0-9]{_SEPARATOR}[0-9](?:\2[0-9]){{10,17}}{_ALONE_AFTER}",
)
_PAIRS = rf"{_ALONE_BEFORE}[0-9]{{2}}([ \t.\-/_])[0-9]{{2}}(?:\2[0-9]{{2}}){{5}}\2[0-9]{{1,2}}{_ALONE_AFTER}"

CREDIT_CARD = Definition(
    "CREDIT_CARD",
    (
        Digits(r"(?<![0-9])[0-9]{12,19}(?![0-9])", least=12, check=_bare),
        Digits(r"(?<![0-9])[0-9]{15,16}(?![0-9])", least=15, check=_backwards),
        *(Digits(rf"(?<![0-9]){grouping}(?![0-9])", least=14, check=_grouped) for grouping in _GROUPINGS),
        Digits(rf"(?<![0-9]){_PAIRS}(?![0-9])", least=22, check=_in_pairs),
        Digits(r"(?<![0-9])[0-9]{4,12}\r?\n[0-9]{4,12}(?![0-9])", least=14, check=_wrapped),
        Digits(r"(?<![0-9])[0-9]\.[0-9]{8,18}(?![0-9])", least=10, check=_scientific),
        Digits(r"(?<![0-9])[0-9]{28,}+", least=28, check=_in_message),
        Digits(r"(?<![0-9])[0-9]{24,}+", least=24, check=_as_hex),
        Anchored(
            ("**", "xx", "##", "••", "●●", "..."),
            after=rf"{COVERED}(?:{SHOWN_AFTER})?+",
            before=r"[ \-]?[0-9](?:[ \-]?[0-9]){5,13}+",
            check=overexposed,
        ),
        Anchored(
            ("**", "xx", "##", "••", "●●"),
            after=rf"(?<![0-9*xX#•●])(?<![0-9*xX#•●][ \-]){COVERED}{SHOWN_AFTER}",
            check=overexposed,
        ),
        Keyed(CARD_KEYS, bare=r"[0-9](?:[ \t.\-/_]{0,2}[0-9]){11,18}+(?![0-9])", check=_keyed),
    ),
    restorable=False,
    identity=alphanumeric,
)
