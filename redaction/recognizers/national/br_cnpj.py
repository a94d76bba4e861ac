"""Brazilian taxpayer numbers of companies (CNPJ): 14 characters, two of them check digits; letters since July 2026."""

from __future__ import annotations

import re

from stdnum.br import cnpj

from ...definition import Definition, Digits, Hit, Keyed, Pattern, alphanumeric

_KEYS = frozenset(
    "cnpj cpf_cnpj cpfcnpj cnpj_cpf nr_cnpj num_cnpj numero_cnpj cnpj_number documento documento_cliente tax_id "
    "taxpayer_id merchant_document".split()
)


_FRONT = re.compile(r"[0-9A-Z]{3}\.[0-9A-Z]{3}\.[0-9A-Z]{2}(?![0-9A-Za-z])")


def _valid(text: str, start: int, end: int) -> Hit | None:
    number = alphanumeric(text[start:end])
    return (start, end, 1.0) if len(set(number)) > 1 and cnpj.is_valid(number) else None


def _written(text: str, start: int, end: int) -> Hit | None:
    """As it is written, `12.345.678/0001-95`, from the stroke on; what is before the stroke is read backwards."""
    front = _FRONT.match(text[max(0, start - 11) : start][::-1])
    return _valid(text, start - front.end(), end) if front else None


def _first_branches(text: str, start: int, end: int) -> Hit | None:
    """A bare number counts when its branch is among the first 99 too: one of ten thousand others passes."""
    return _valid(text, start, end) if text[start + 8 : start + 10] == "00" else None


BR_CNPJ = Definition(
    "BR_CNPJ",
    (
        Pattern(r"/[0-9A-Z]{4}-[0-9]{2}(?![0-9])", check=_written),
        Digits(r"(?<![0-9])[0-9]{14}(?![0-9])", least=14, check=_first_branches),
        Keyed(
            _KEYS,
            bare=r"[0-9A-Za-z]{2}\.?[0-9A-Za-z]{3}\.?[0-9A-Za-z]{3}[/\-]?[0-9A-Za-z]{4}-?[0-9]{2}(?![0-9A-Za-z])",
            check=_valid,
        ),
    ),
    identity=alphanumeric,
)
