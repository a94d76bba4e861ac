"""Paraguayan identity cards (CI): five to eight digits without a check, often in thousands."""

from __future__ import annotations

from ...evidence.identifiers import identifier

PY_CI = identifier(
    "PY_CI",
    country="PY",
    keys="cedula_paraguaya cedula_py ci_paraguay ci_py nro_ci num_ci numero_ci cedula_identidad_civil cedula_civil",
    bare=("0{7}", r"(?<!\.)0\.0{3}\.0{3}(?!\.)"),
    length=(5, 8),
    words="cedula cédula",
)
