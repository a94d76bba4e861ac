"""Ivorian identity cards: C and 10 digits, or CI and 9; no check digit.

Source: ONECI, Ivory Coast.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

CI_CNI = identifier(
    "CI_CNI",
    country="CI",
    keys="ci_cni cni_ci cni_ivoirienne carte_d_identite_ivoirienne",
    shared_keys=(
        "cni cni_no cni_number numero_cni num_cni n_cni carte_nationale_d_identite carte_identite "
        "numero_carte_identite carte_d_identite numero_piece_identite piece_identite id_number document_number"
    ),
    words="cni carte_d_identite carte_d_identité carte_nationale_d_identité oneci",
    bare=("A0{9,10}", "A{2}0{9}"),
    length=(10, 11),
    valid=lambda number: number[0] == "C" and number[2:].isdigit() and (number[1].isdigit() or number[1] == "I"),
)
