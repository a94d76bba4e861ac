"""Canadian social insurance numbers (SIN, NAS): nine digits, the last one a Luhn check digit."""

from __future__ import annotations

from stdnum.ca import sin

from ...definition import WORD_START, Anchored, Hit
from ...evidence.identifiers import compact, identifier
from .also_alone import with_rules
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

# In capitals it is the number and no word, when the check fits.
_SPOKEN = (
    r"(?:SIN|NAS)(?: (?i:is|est|no|number|num|numéro))?[ .:#=\"']{1,3}"
    r"(?P<value>[0-9]{3}[ \-]?[0-9]{3}[ \-]?[0-9]{3})(?![0-9A-Za-z]|[.,][0-9])"
)


def _checked(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.85) if sin.is_valid(compact(text[start:end])) else None


CA_SIN = with_rules(
    identifier(
        "CA_SIN",
        country="CA",
        keys=(
            "social_insurance_number social_insurance_no social_insurance ca_sin sin_number sin_no sin_nas "
            "numero_assurance_sociale numéro_assurance_sociale assurance_sociale"
        ),
        # `sin` is a function of angles, and `without` in Spanish: there it has to be valid; as a word it says nothing.
        shared_keys=f"sin nas {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{9}", "0{3}[ -]0{3}[ -]0{3}"),
        length=(9, 9),
        valid=sin.is_valid,
        one_in=12,
    ),
    Anchored(("sin", "nas"), after=WORD_START + _SPOKEN, check=_checked),
)
