"""Card and authentication data in chip data: TLV in hex, DE 55, dumps of single tags, consumer-presented QR codes."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed, starts_word
from ..payments.emv_tlv import is_chip_data, read
from ..payments.located import HEX_BYTES, Field, each
from .card_ranges import in_range, luhn

_KEYS = frozenset(
    "emv emv_data emvdata emv_tags emv_tlv emv_tag_data icc icc_data iccdata icc_related_data "
    "icc_system_related_data chip_data chipdata tlv tlv_data tlvdata dados_chip dados_emv datos_emv datos_chip "
    "emv_field "
    "issuer_script_data".split()
)
_MOST = 12
_BLOB = rf"(?=[0-9A-Fa-f :\-]{{20}}){HEX_BYTES}(?![0-9A-Za-z])"
# In a dump of tags: the tag, perhaps its length, then the value.
_DUMPED = (
    r"(?<![0-9A-Za-z])(?:5[fF]20|9[fF]0[bB]|9[fF]1[fF]|9[fF]20|9[fF]6[bB]|9[fF]26|9[fF]4[bB])[\"'\])]{0,2}[ \t]{0,4}"
    r"(?:[\[(]?(?:[lL]en(?:gth)?[ =:]{0,2})?[0-9A-Fa-f]{1,2}[\])]?[ \t:=\-]{1,4})?"
    rf"[:=\-> \t\"'\[(]{{1,8}}(?P<value>{HEX_BYTES})(?![0-9A-Za-z])"
)

# With nothing but blanks between tag, length and value the length has to fit: `9F26 08 A1B2C3D4E5F60718`.
_MEASURED = (
    r"(?<![0-9A-Za-z])(?:5[fF]20|9[fF](?:0[bB]|1[fF]|20|6[bB]|26|4[bB]))[ \t]{1,4}[0-9A-Fa-f]{2}[ \t]{1,4}"
    rf"(?P<value>{HEX_BYTES})(?![0-9A-Za-z])"
)


def _measured(text: str, start: int, end: int) -> Hit | None:
    length = _LENGTH_BEHIND.match(text[max(0, start - 8) : start][::-1])
    count = sum(part.isalnum() for part in text[start:end])
    return (start, end, 0.9) if length is not None and count == 2 * int(length[1][::-1], 16) else None


_LENGTH_BEHIND = re.compile(r"[ \t]{1,4}([0-9A-Fa-f]{2})")


def _unread(text: str, start: int, end: int) -> Hit | None:
    """Under its key, chip data that cannot be followed goes as a whole."""
    return (start, end, 0.9) if end - start >= 20 and not is_chip_data(text, start, end) else None


def _apart(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.9) if starts_word(text, start) else None


_WORD = re.compile(r"[0-9A-Fa-f]{20,8192}+(?![0-9A-Za-z])")


def _read_word(text: str, start: int, end: int) -> list[Field]:
    word = _WORD.match(text, start)
    return read(text, start, word.end()) if word else []


# The card number (5A) and the track (57) with their lengths, also where a log has cut the data around them, or written
# bytes apart.
_NUMBER = r"5[aA][ :\-]?0[6-9aA](?=[ :\-]?[0-9]{2})"
_TRACK = r"57[ :\-]?(?:0[b-fB-F]|1[0-3])(?=[ :\-]?[0-9]{2})"
_NUMBER_ANCHORS = tuple(f"5a{sign}0{length}" for sign in ("", " ", ":", "-") for length in "6789a")
_TRACK_ANCHORS = tuple(
    f"57{sign}{length}"
    for sign in ("", " ", ":", "-")
    for length in ("0b", "0c", "0d", "0e", "0f", "10", "11", "12", "13")
)
_BYTES = re.compile(r"(?:[ :\-]?[0-9A-Fa-f]{2}){6,19}")
_HOLDS_TRACK = re.compile(r"([0-9]{12,19})D[0-9]{2}")


def _one_element(text: str, start: int, end: int) -> Hit | None:
    """The value of one element, as far as it is there."""
    content = _BYTES.match(text, end)
    if content is None:
        return None
    first = end + (text[end] in " :-")
    width = 2 + (first > end)
    last = min(content.end(), first + width * int(text[end - 2 : end], 16) - (width - 2))
    value = "".join(part for part in text[first:last] if part.isalnum()).upper()
    if text[start] == "5" and text[start + 1] in "aA":
        number = value.rstrip("F")
    else:
        match = _HOLDS_TRACK.match(value)
        number = match[1] if match else ""
    is_card = number.isdecimal() and 12 <= len(number) <= 19 and in_range(number) and luhn(number)
    return (first, last, 0.95) if is_card else None


EMV_DATA = Definition(
    "CARD_AUTHENTICATION_DATA",
    (
        *(Keyed(_KEYS, bare=_BLOB, check=check) for check in each(read, _MOST, 0.95)),
        Keyed(_KEYS, bare=r"[0-9A-Za-z+/=]{20,4096}", whole=True, check=_unread),
        # Nearly every payment's data holds its cryptogram or its amount; the first of them finds the rest.
        *(
            Anchored(
                ("9f26", "9f02"),
                after=r"9[fF](?:26|02)(?=[0-9A-Fa-f]{2})",
                before=r"(?:(?!62[fF]9|20[fF]9)[0-9A-Fa-f]){0,1024}+(?![0-9A-Za-z])",
                reach=1025,
                check=check,
            )
            for check in each(_read_word, _MOST, 0.95)
        ),
        Anchored(("5f20", "9f26", "9f1f"), after=_DUMPED),
        Anchored(("5f20 ", "9f26 ", "9f1f ", "9f4b ", "9f6b ", "9f20 ", "9f0b "), after=_MEASURED, check=_measured),
        # The cryptogram with its bytes apart, wherever the data around it end.
        Anchored(
            ("9f 26 08 ",),
            after=r"(?<![0-9A-Za-z])9[fF] 26 08 (?P<value>[0-9A-Fa-f]{2}(?: [0-9A-Fa-f]{2}){7})(?![0-9A-Za-z])",
        ),
        Anchored(_NUMBER_ANCHORS, after=_NUMBER, check=_one_element),
        Anchored(_TRACK_ANCHORS, after=_TRACK, check=_one_element),
        # EMV consumer-presented codes begin with the tag 85 and `CPV01`, in base64 or hex.
        Anchored(("hqvdufywm",), after=r"hQVDUFYwM[0-9A-Za-z+/]{16,2048}={0,2}", check=_apart),
        Anchored(("85054350563031",), after=r"85054350563031[0-9A-Fa-f]{16,2048}", check=_apart),
    ),
    restorable=False,
    name="emv_data",
)
