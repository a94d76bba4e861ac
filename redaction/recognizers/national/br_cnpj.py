"""Brazilian taxpayer numbers of companies (CNPJ): 14 characters, two of them check digits; letters since July 2026."""

from __future__ import annotations

import re

from stdnum.br import cnpj

from ...definition import Digits, Hit, Pattern
from ...evidence.identifiers import compact, identifier
from ...evidence.timestamps import is_timestamp
from .also_alone import also_alone, with_rules
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

_FRONT = re.compile(r"[0-9A-Z]{3}\.[0-9A-Z]{3}\.[0-9A-Z]{2}(?![0-9A-Za-z])")


def _is_valid(number: str) -> bool:
    return len(set(number)) > 1 and bool(cnpj.is_valid(number))


def _valid(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 1.0) if _is_valid(compact(text[start:end])) else None


def _written(text: str, start: int, end: int) -> Hit | None:
    """As it is written, `12.345.678/0001-95`, from the stroke on; what is before the stroke is read backwards."""
    front = _FRONT.match(text[max(0, start - 11) : start][::-1])
    return _valid(text, start - front.end(), end) if front else None


def _first_branches(text: str, start: int, end: int) -> Hit | None:
    """A bare number counts anywhere when its branch is among the first 99 too: one of ten thousand others passes."""
    is_first = text[start + 8 : start + 10] == "00" and not is_timestamp(text[start:end])
    return _valid(text, start, end) if is_first else None


BR_CNPJ = with_rules(
    also_alone(
        identifier(
            "BR_CNPJ",
            country="BR",
            keys=(
                "cnpj nr_cnpj num_cnpj numero_cnpj numero_do_cnpj cnpj_number cnpj_numero cnpj_empresa cnpj_loja "
                "cnpj_estabelecimento cnpj_recebedor"
            ),
            shared_keys=f"cpf_cnpj cpfcnpj cnpj_cpf chave_pix pix_key pix chave {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
            bare=("0{14}", "[A0]{12}00"),
            length=(14, 14),
            valid=_is_valid,
            zeros=14,
        ),
        "0{14}",
        "[A0]{12}00",
        valid=_is_valid,
        one_in=49,
    ),
    Pattern(r"/[0-9A-Z]{4}-[0-9]{2}(?![0-9])", check=_written),
    Digits(r"(?<![0-9])[0-9]{14}(?![0-9])", least=14, check=_first_branches),
)
