"""Ivorian national identification numbers (NNI): 11 digits; no check digit.

Source: ONECI, Ivory Coast.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

CI_NNI = identifier(
    "CI_NNI",
    country="CI",
    keys=(
        "nni nni_no nni_number numero_nni ci_nni numero_national_identification "
        "numero_national_d_identification numéro_national_d_identification"
    ),
    words="oneci",
    bare=("0{11}",),
    length=(11, 11),
)
