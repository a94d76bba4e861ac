"""Peruvian identity cards (DNI): eight digits, sometimes with a check digit or letter behind them."""

from __future__ import annotations

from stdnum.pe import cui

from ...definition import Hit, Keyed
from ...evidence.identifiers import compact, identifier
from .also_alone import with_rules
from .american_keys import DNI_KEYS, DOCUMENT_KEYS


def _with_check(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.95) if cui.is_valid(compact(text[start:end])) else None


PE_DNI = with_rules(
    identifier("PE_DNI", country="PE", keys=DNI_KEYS, bare=("0{8}", "0{8}-0"), length=(8, 9)),
    Keyed(
        frozenset(f"{DNI_KEYS} {DOCUMENT_KEYS}".split()),
        bare=r"[0-9]{8}-?[0-9A-Ka-k](?![0-9A-Za-z])",
        check=_with_check,
    ),
)
