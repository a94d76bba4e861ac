"""Mexican voter cards (INE): the elector's key of 18 characters, and the numbers on the back of the card."""

from __future__ import annotations

from ...definition import Keyed
from ...evidence.identifiers import identifier
from .also_alone import with_rules
from .american_keys import CHECKED_DOCUMENT_KEYS
from .calendar_date import is_day

_STATES_AND_ABROAD = {*(f"{state:02}" for state in range(1, 33)), "87", "88"}


def _valid(number: str) -> bool:
    """Six consonants of the name, YYMMDD of birth, state, sex, three digits (INE, Reglamento de Elecciones, annex)."""
    return is_day(number[8:10], number[10:12]) and number[12:14] in _STATES_AND_ABROAD and number[14] in "HM"


MX_INE = with_rules(
    identifier(
        "MX_INE",
        country="MX",
        keys=(
            "clave_elector clave_de_elector clave_elector_ine ine_clave_elector credencial_elector "
            "credencial_de_elector credencial_para_votar ine_elector"
        ),
        shared_keys=f"ine ife clave_ine ine_number numero_ine {CHECKED_DOCUMENT_KEYS}",
        bare=("A{6}0{8}A0{3}",),
        length=(18, 18),
        valid=_valid,
        words="ine elector",
        one_in=1000,
    ),
    # CIC (nine digits), OCR (12 or 13) and the citizen's number on the back.
    Keyed(
        frozenset(
            "ine ife cic ine_cic cic_ine ocr_ine ine_ocr ine_number numero_ine identificador_ciudadano "
            "numero_vertical_ine".split()
        ),
        bare=r"(?:IDMEX)?[0-9]{9,13}(?![0-9A-Za-z])",
        score=0.75,
    ),
)
