"""Ecuadorian taxpayer numbers (RUC): the cédula or a company's number, and the establishment; 13 digits."""

from __future__ import annotations

from stdnum.ec import ruc

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS


def _first_establishments(number: str) -> bool:
    return number[10:12] == "00" and bool(ruc.is_valid(number))


EC_RUC = also_alone(
    identifier(
        "EC_RUC",
        country="EC",
        keys="ruc nro_ruc num_ruc numero_ruc no_ruc ruc_number ruc_numero ruc_empresa ruc_emisor ruc_cliente ruc_ec",
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{13}", "0{10}-0{3}"),
        length=(13, 13),
        valid=ruc.is_valid,
        zeros=13,
    ),
    "0{13}",
    valid=_first_establishments,
    one_in=4000,
    even_times=True,
)
