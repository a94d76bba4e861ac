"""Records of fixed width in the files that banks exchange: which columns hold whom, by the published layouts.

Sources: NACHA operating rules, appendix 3 (entry detail, 94 columns); FEBRABAN CNAB 240, payments (segments A and B)
and collection (P, Q and J-52); Bacs Standard 18 (100 and 106 columns).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pairs_found import Pair

# Where something has been hidden in a line its columns are no longer where they were.
# Name of the field as a key, first and last column from 1 on, both included, as the layouts write it.
_Layout = tuple[tuple[str, int, int], ...]

_BEGINS = re.compile(r"\n(?=[0-9]{12})")
_NACHA: _Layout = (("bank_account", 13, 29), ("full_name", 55, 76))
_NACHA_LINE = re.compile(r"6[2-5][0-9]{10}[0-9A-Z \-/]{17}[0-9]{10}[^\n\r\x1a]{39}[01][0-9]{15}(?=[ \t]*\r?(?:\n|\Z))")
_CNAB_LINE = re.compile(r"[0-9]{7}3[0-9]{5}([ABPQJ])[^\n\r\x1a]{60,226}(?=\r?\n|\Z)")
_CNAB: dict[str, _Layout] = {
    "A": (("conta", 30, 41), ("nome_favorecido", 44, 73)),
    "B": (("cpf_cnpj", 19, 32), ("logradouro", 33, 62)),
    "P": (("conta", 24, 35),),
    "Q": (("cpf_cnpj", 20, 33), ("nome_pagador", 34, 73), ("logradouro", 74, 113)),
    "J": (("cpf_cnpj", 22, 35), ("nome_pagador", 36, 75), ("cpf_cnpj", 78, 91), ("nome_beneficiario", 92, 131)),
}
_J52 = "52"
_PERSON, _FIRM = "1", "2"
_BACS: _Layout = (("bank_account", 7, 14), ("bank_account", 24, 31), ("full_name", 83, 100))
_BACS_LINE = re.compile(
    r"[0-9]{14}[0-9](?:01|17|18|19|99|Z4|Z5|0[CNS])[0-9]{14}[0-9 ]{4}[0-9]{11}[A-Z0-9 .&/\-]{37,60}(?=\r?\n|\Z)"
)


def records(text: str) -> Iterator[Pair]:
    """Fields of all records of a known layout."""
    if text[:1].isdigit():
        yield from _record(text, 0)
    for match in _BEGINS.finditer(text):
        yield from _record(text, match.end())


def _record(text: str, at: int) -> Iterator[Pair]:
    """The fields of the line at a place."""
    nacha = _NACHA_LINE.match(text, at)
    if nacha is not None and _is_routing(nacha.group()[3:12]):
        yield from _fields(nacha, _NACHA)
        return
    cnab = _CNAB_LINE.match(text, at)
    if cnab is not None:
        segment = cnab[1]
        if segment != "J" or cnab.group()[17:19] == _J52:
            for field in _fields(cnab, _CNAB[segment]):
                yield _short(text, field) if field.key == "cpf_cnpj" else field
        return
    bacs = _BACS_LINE.match(text, at)
    if bacs is not None:
        yield from _fields(bacs, _BACS)


def _fields(line: re.Match[str], layout: _Layout) -> Iterator[Pair]:
    for key, first, last in layout:
        value = line.group()[first - 1 : last]
        if value.strip(" 0"):
            start = line.start() + first - 1 + len(value) - len(value.lstrip())
            yield Pair(key, start, False, start + len(value.strip()))


def _short(text: str, field: Pair) -> Pair:
    """The number of a person stands behind three zeros in the place for that of a firm, the kind in front of it."""
    if text[field.at - 1] == _PERSON or text.startswith("000", field.at):
        return field._replace(at=max(field.at, field.end - 11))
    return field


def _is_routing(number: str) -> bool:
    """ABA: weights 3, 7, 1."""
    return number != "0" * 9 and sum(int(digit) * (3, 7, 1)[at % 3] for at, digit in enumerate(number)) % 10 == 0
