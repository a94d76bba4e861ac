"""Cameroonian identity cards: 9 digits, or 17 on the newer card; no check digit.

Source: Délégation générale à la sûreté nationale, Cameroon.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

CM_CNI = identifier(
    "CM_CNI",
    country="CM",
    keys="cm_cni cni_cm cni_camerounaise cni_cameroun",
    words=(
        "cni_no cni_number numéro_cni numero_cni num_cni carte_nationale_d_identite carte_nationale_identite "
        "carte_d_identite carte_nationale_d_identité carte_d_identité national_identity_card"
    ),
    bare=("0{9}", "0{17}"),
    length=(9, 17),
)
