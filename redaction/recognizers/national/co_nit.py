"""Colombian tax numbers (NIT): nine or ten digits and a check digit."""

from __future__ import annotations

from stdnum.co import nit

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

_SERIES = frozenset("80 81 82 83 84 86 89 90".split())


def _company(number: str) -> bool:
    """Companies have got numbers of a few series (DIAN)."""
    return number[:2] in _SERIES and bool(nit.is_valid(number))


CO_NIT = also_alone(
    identifier(
        "CO_NIT",
        country="CO",
        keys=(
            "nit nro_nit num_nit numero_nit no_nit nit_number nit_numero nit_empresa nit_comercio nit_cliente nit_dv "
            "numero_identificacion_tributaria"
        ),
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{9,11}", "0{9,10}-0"),
        length=(9, 11),
        written=(r"0{3}\.0{3}\.0{3}-0",),
        valid=nit.is_valid,
        one_in=9,
    ),
    "0{10}",
    "0{9}-0",
    valid=_company,
    one_in=130,
)
