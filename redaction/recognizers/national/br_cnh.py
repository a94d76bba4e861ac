"""Brazilian driver licences (CNH): 11 digits, two of them check digits."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .american_keys import CHECKED_DOCUMENT_KEYS
from .weighted_sum import weighted_sum


def _valid(number: str) -> bool:
    """The check digits of the registry (Contran resolution 598/2016): a remainder of ten takes two off the second."""
    first = weighted_sum(number, range(9, 0, -1)) % 11
    second = weighted_sum(number, range(1, 10)) % 11
    carry = 2 if first == 10 else 0
    second = 0 if second == 10 else second - carry
    return number[9:] == f"{first % 10}{second % 11 % 10}"


BR_CNH = identifier(
    "BR_CNH",
    country="BR",
    keys=(
        "cnh nr_cnh num_cnh numero_cnh numero_da_cnh registro_cnh cnh_number cnh_numero cnh_registro "
        "carteira_motorista carteira_de_motorista carteira_habilitacao carteira_de_habilitacao "
        "carteira_de_habilitação habilitacao habilitação numero_habilitacao"
    ),
    shared_keys=CHECKED_DOCUMENT_KEYS,
    bare=("0{11}",),
    length=(11, 11),
    valid=_valid,
    one_in=49,  # one of a hundred; but with no key at all it is too seldom met for the numbers it would take
    zeros=11,
)
