"""Colombian citizenship cards (cédula de ciudadanía): six to ten digits without a check."""

from __future__ import annotations

from ...definition import WORD_START, Anchored
from ...evidence.identifiers import identifier
from .also_alone import with_rules
from .american_keys import CEDULA_KEYS, DOCUMENT_KEYS


def _possible(number: str) -> bool:
    """Ten digits begin at 1 000 000 000, where the old series ended in 2003 (Registraduría), and do not reach far."""
    return int(number) < 1_300_000_000


# The usual abbreviation right in front of the number: `C.C. 1.042.008.349`.
_SPOKEN = Anchored(
    ("cc ", "cc:", "c.c."),
    after=(
        rf"{WORD_START}C\.?C\.?[ :#]{{1,2}}(?:N[oº°]\.? ?)?"
        r"(?P<value>[0-9]{1,3}(?:\.[0-9]{3}){2,3}|[0-9]{7,8}|1[0-9]{9})(?![0-9A-Za-z]|[.\-][0-9])"
    ),
    score=0.8,
)

CO_CEDULA = with_rules(
    identifier(
        "CO_CEDULA",
        country="CO",
        keys=(
            f"{CEDULA_KEYS} cedula_extranjeria cedula_de_extranjeria cédula_de_extranjería tarjeta_identidad "
            "tarjeta_de_identidad nuip"
        ),
        shared_keys=f"cc cc_number numero_cc nro_cc {DOCUMENT_KEYS}",
        bare=("0{7,8}", "0{10}", r"(?<!\.)0{2,3}(?:\.0{3}){2}(?!\.)", r"(?<!\.)0(?:\.0{3}){2,3}(?!\.)"),
        length=(6, 10),
        valid=_possible,
    ),
    _SPOKEN,
)
