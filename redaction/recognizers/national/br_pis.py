"""Brazilian social integration numbers (PIS, PASEP, NIS): 11 digits, the last one a check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS
from .weighted_sum import weighted_sum

_WEIGHTS = (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)


def _valid(number: str) -> bool:
    """Modulo 11, ten and eleven written as zero (Caixa, layout of the Cadastro NIS)."""
    check = 11 - weighted_sum(number, _WEIGHTS) % 11
    return number[10] == str(0 if check > 9 else check)


def _issued(number: str) -> bool:
    """All that were given out begin with 1 or 2."""
    return number[0] in "12" and _valid(number)


BR_PIS = also_alone(
    identifier(
        "BR_PIS",
        country="BR",
        keys=(
            "pis pasep nis pis_pasep pispasep nr_pis num_pis numero_pis numero_do_pis pis_number nr_nis num_nis "
            "numero_nis numero_do_nis nis_number numero_pis_pasep nit_inss numero_inscricao_social"
        ),
        shared_keys=CHECKED_DOCUMENT_KEYS,
        bare=("0{11}",),
        length=(11, 11),
        written=(r"0{3}\.0{5}\.00-0", r"0{3}\.0{4}\.0{3}-0"),
        valid=_valid,
    ),
    "0{11}",
    valid=_issued,
    one_in=49,
)
