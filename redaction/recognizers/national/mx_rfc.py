"""Mexican taxpayer codes (RFC): letters of the name (three for a company, four for a person), a date, three more."""

from __future__ import annotations

from stdnum.mx import rfc

from ...definition import Hit, Keyed
from ...evidence.identifiers import compact, identifier
from .also_alone import also_alone, with_rules
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

_KEYS = (
    "rfc rfc_cliente rfc_emisor rfc_receptor rfc_empresa rfc_number rfc_numero nro_rfc num_rfc numero_rfc clave_rfc "
    "registro_federal_de_contribuyentes registro_federal_contribuyentes"
)
# `&` and `Ñ` occur in names of companies; a person may leave the last three out.
_ANY = r"[A-Za-zÑñ&]{3,4}[ \-]?[0-9]{6}(?:[ \-]?[0-9A-Za-z]{3})?(?![0-9A-Za-z])"


def _valid(number: str) -> bool:
    """The date; the check digit of many that are in use is wrong."""
    return bool(rfc.is_valid(number))


def _alone(number: str) -> bool:
    """The check digit as well, or the vowel that a person's second letter is (SAT, instructions for the RFC)."""
    if rfc.is_valid(number, validate_check_digits=True):
        return True
    return len(number) == 13 and number[1] in "AEIOUX" and number[12] in "0123456789A" and _valid(number)


def _dated(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.9) if _valid(compact(text[start:end])) else None


MX_RFC = with_rules(
    also_alone(
        identifier(
            "MX_RFC",
            country="MX",
            keys=_KEYS,
            bare=("A{3,4}0{6}[A0]{3}", "A{4}[ -]0{6}[ -][A0]{3}", "A{3}[ -]0{6}[ -][A0]{3}"),
            length=(12, 13),
            valid=_valid,
        ),
        "A{3,4}0{6}[A0]{3}",
        "A{3,4}-0{6}-[A0]{3}",
        valid=_alone,
        one_in=300,
    ),
    Keyed(frozenset(_KEYS.split()), bare=_ANY, score=0.85),
    Keyed(frozenset(f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}".split()), bare=_ANY, check=_dated),
)
