"""Brazilian voter cards (título de eleitor): eight digits, the state, two check digits."""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS
from .weighted_sum import weighted_sum

_STATES = 28  # 27 states and voters abroad
_SAO_PAULO_AND_MINAS = {"01", "02"}


def _digit(remainder: int, state: str) -> int:
    if remainder == 0 and state in _SAO_PAULO_AND_MINAS:
        return 1
    return 0 if remainder == 10 else remainder


def _valid(number: str) -> bool:
    """Modulo 11 over the number and over the state (TSE resolution 21.538/2003, art. 12)."""
    state = number[8:10]
    if not 1 <= int(state) <= _STATES:
        return False
    first = _digit(weighted_sum(number, range(2, 10)) % 11, state)
    second = _digit(weighted_sum(f"{state}{first}", (7, 8, 9)) % 11, state)
    return number[10:] == f"{first}{second}"


BR_VOTER = also_alone(
    identifier(
        "BR_VOTER",
        country="BR",
        keys=(
            "titulo_eleitor título_eleitor titulo_eleitoral titulo_de_eleitor título_de_eleitor numero_titulo_eleitor "
            "nr_titulo_eleitor num_titulo_eleitor titulo_eleitor_number inscricao_eleitoral inscrição_eleitoral"
        ),
        shared_keys=CHECKED_DOCUMENT_KEYS,
        bare=("0{12}", "0{4} 0{4} 0{4}"),
        length=(12, 12),
        valid=_valid,
        zeros=12,
    ),
    "0{12}",
    valid=_valid,
    one_in=400,
)
