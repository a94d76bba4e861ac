"""Guatemalan tax numbers (NIT): up to eight digits and a check digit, which may be a K."""

from __future__ import annotations

from stdnum.gt import nit

from ...definition import Hit, Keyed
from ...evidence.identifiers import compact, identifier
from .also_alone import also_alone, with_rules
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

_KEYS = "nit nro_nit num_nit numero_nit no_nit nit_number nit_emisor nit_receptor nit_cliente nit_gt"
_WITH_K = r"[0-9]{4,8}-?[0-9Kk](?![0-9A-Za-z])"


def _valid_k(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.95) if nit.is_valid(compact(text[start:end])) else None


GT_NIT = with_rules(
    also_alone(
        identifier(
            "GT_NIT",
            country="GT",
            keys=_KEYS,
            bare=("0{7,9}", "0{6,8}-0"),
            length=(7, 9),
            valid=nit.is_valid,
            one_in=9,
        ),
        "0{6,8}-0",
        valid=nit.is_valid,
        one_in=11,
    ),
    Keyed(frozenset(_KEYS.split()), bare=_WITH_K, score=0.8),
    Keyed(frozenset(f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}".split()), bare=_WITH_K, check=_valid_k),
)
