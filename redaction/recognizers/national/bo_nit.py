"""Bolivian tax numbers (NIT): the CI and what the tax office adds, 7 to 12 digits; its check is not published."""

from __future__ import annotations

from ...evidence.identifiers import identifier

BO_NIT = identifier(
    "BO_NIT",
    country="BO",
    keys="nit nro_nit num_nit numero_nit no_nit nit_number nit_emisor nit_comprador nit_cliente",
    bare=("0{7,12}",),
    length=(7, 12),
)
