"""Card and authentication data in ISO 8583 messages, whole ones and dumps of their fields.

Amounts, times, trace numbers, RRN, response codes, terminals and merchants stay: they are the diagnosis.
"""

from __future__ import annotations

from ..definition import Anchored, Definition, Digits, Hit, Keyed, Pattern
from ..payments.emv_tlv import is_chip_data
from ..payments.iso8583 import read
from ..payments.iso8583_field import NUMBERS, number_before, sensitive_value
from ..payments.located import together

# Numbers at the end of a key are cut off before it is compared; `k` and what follows stand over JSON's `"52"`.
_KEYS = frozenset("de f field fld bit p iso element k fields elements bits isomsg iso8583 de_fields".split())
_COLUMN_WORDS = ("de", "field", "iso_field", "data_element")
# Track 2, track 1 and the PIN block.
_COLUMNS = (35, 45, 52)
# Figures at the start of a message touch each other: processing code, amount, time and trace number alone are 34.
_LEAST_RUN = 28
_CHIP_DATA = 55
# The check reads on from here, as far as the field goes.
_VALUE = r"(?P<value>[^\s\"'<>,;|]{4})"
_SEPARATORS = r"[\"'\])]{0,3}[ \t]{0,4}(?:[:=\-]|=>|value=)?[ \t]{0,4}[\"'\[(]{0,2}"


def _numbered(text: str, start: int, end: int) -> Hit | None:
    number = number_before(text, start)
    last = sensitive_value(text, start, number) if number is not None else None
    if last is None or (number == _CHIP_DATA and _reads_itself(text, start, last)):
        return None
    return start, last, 0.9


def _column(number: int) -> Keyed:
    """A field that is a column of a table: its number stands over the values, not in front of them."""

    def check(text: str, start: int, end: int) -> Hit | None:
        last = sensitive_value(text, start, number)
        return None if last is None else (start, last, 0.9)

    names = frozenset(f"{word}{zeros}{number}" for word in _COLUMN_WORDS for zeros in ("", "0"))
    return Keyed(names, bare=r"[^\s\"'<>,;|]{4}", check=check)


def _reads_itself(text: str, start: int, end: int) -> bool:
    """Whether the recognizer of chip data finds it and takes out only what may not stay."""
    return is_chip_data(text, start, end) and any(tag in text[start:end].upper() for tag in ("9F26", "9F02"))


def _dumped(text: str, start: int, end: int) -> Hit | None:
    """From the first field that has to go to the end of the last."""
    fields = read(text, start, end)
    return (fields[0].start, fields[-1].end, 0.95) if fields else None


ISO8583_MESSAGE = Definition(
    "CARD_AUTHENTICATION_DATA",
    (
        Digits(rf"(?<![0-9])[0-9]{{{_LEAST_RUN},}}+", least=_LEAST_RUN, several=together(read, 0.95)),
        # Hex digits in pairs or fours, as dumps have them.
        Digits(r"\A[0-9]{2,4}(?: [0-9]{2,4}){7,}+", least=24, check=_dumped),
        Keyed(_KEYS, bare=r"[^\s\"'<>,;|]{4}", check=_numbered),
        *map(_column, _COLUMNS),
        Pattern(rf"\[0{{0,2}}(?:{NUMBERS})\]{_SEPARATORS}{_VALUE}", check=_numbered),
        Pattern(
            rf"\"0{{0,2}}(?:{NUMBERS})\"(?:[ \t]{{0,2}}:|[ \t]{{1,4}}value=){_SEPARATORS}{_VALUE}", check=_numbered
        ),
        Anchored(
            ("field", "bit"),
            after=r"(?i:field|bit)(?: id=| no\.?)?[ _\-\[#\"']{1,3}0{0,2}"
            rf"(?:{NUMBERS})(?![0-9]){_SEPARATORS}{_VALUE}",
            check=_numbered,
        ),
    ),
    restorable=False,
    name="iso8583_message",
)
