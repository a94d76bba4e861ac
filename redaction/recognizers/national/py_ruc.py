"""Paraguayan taxpayer numbers (RUC): the CI or a company's number, and a check digit behind a hyphen."""

from __future__ import annotations

from stdnum.py import ruc

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS


def _company(number: str) -> bool:
    """Companies are numbered from 80 000 000 (DNIT)."""
    return number.startswith("80") and bool(ruc.is_valid(number))


PY_RUC = also_alone(
    identifier(
        "PY_RUC",
        country="PY",
        keys="ruc nro_ruc num_ruc numero_ruc no_ruc ruc_number ruc_numero ruc_empresa ruc_emisor ruc_cliente ruc_py",
        shared_keys=f"{CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
        bare=("0{6,8}-0", "0{7,9}"),
        length=(6, 9),
        valid=ruc.is_valid,
    ),
    "0{8}-0",
    "0{9}",
    valid=_company,
    one_in=1100,
)
