"""Dominican taxpayer numbers of companies (RNC): nine digits, the last one a check digit."""

from __future__ import annotations

from stdnum.do import rnc

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS


def _company(number: str) -> bool:
    """The first digit is the kind: 1 companies, 4 bodies without profit, 5 others (DGII)."""
    return number[0] in "145" and bool(rnc.is_valid(number))


DO_RNC = also_alone(
    identifier(
        "DO_RNC",
        country="DO",
        keys="rnc nro_rnc num_rnc numero_rnc no_rnc rnc_number rnc_empresa rnc_emisor rnc_comprador rnc_cliente",
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{9}",),
        length=(9, 9),
        written=("0-00-0{5}-0",),
        valid=rnc.is_valid,
    ),
    "0{9}",
    valid=_company,
    one_in=30,
)
