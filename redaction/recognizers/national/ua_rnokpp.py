"""Ukrainian taxpayer numbers of people (РНОКПП): days from 1899-12-31 to the birth, serial, sex, a check digit."""

from __future__ import annotations

from stdnum.ua import rntrc

from ...evidence.identifiers import identifier
from .also_alone import also_alone

# Births of 1926 to 2012.
_FIRST, _LAST = 9_498, 41_274


def _born(number: str) -> bool:
    return _FIRST <= int(number[:5]) <= _LAST and bool(rntrc.is_valid(number))


UA_RNOKPP = also_alone(
    identifier(
        "UA_RNOKPP",
        country="UA",
        keys=(
            "рнокпп rnokpp ідентифікаційний_номер индивидуальный_налоговый_номер іпн ipn ua_rnokpp ipn_number drfo "
            "drfou"
        ),
        shared_keys="tax_id taxpayer_id inn инн",
        bare=("0{10}",),
        length=(10, 10),
        valid=rntrc.is_valid,
        zeros=10,
        one_in=9,
    ),
    "0{10}",
    valid=_born,
    one_in=32,
)
