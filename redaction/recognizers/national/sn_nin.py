"""Senegalese national identification numbers: 13 or 14 digits: sex, commune, year of birth, serial; no check digit.

Source: Direction de l'Automatisation des Fichiers, Senegal.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone


def _valid(number: str) -> bool:
    return number[0] in "12" and "1900" <= number[4:8] <= "2030"


SN_NIN = also_alone(
    identifier(
        "SN_NIN",
        country="SN",
        keys="sn_nin nin_sn nin_senegal numero_identification_nationale numero_d_identification_nationale",
        shared_keys="nin cni numero_cni cni_number cni_no carte_cedeao carte_nationale_d_identite id_number",
        words="cedeao nin cni carte_nationale_d_identité",
        bare=("0{13,14}", "0 0{3} 0{4} 0{5,6}"),
        length=(13, 14),
        valid=_valid,
    ),
    "0{13,14}",
    valid=_valid,
    one_in=380,
)
