"""Brazilian identity cards (RG): numbered by each state in its own way, so there is no check that holds everywhere."""

from __future__ import annotations

from ...definition import Keyed
from ...evidence.identifiers import identifier
from .also_alone import with_rules

_KEYS = (
    "rg nr_rg num_rg numero_rg numero_do_rg no_rg rg_number rg_numero rg_cliente rg_titular registro_geral "
    "carteira_identidade carteira_de_identidade cedula_identidade numero_identidade"
)
BR_RG = with_rules(
    identifier(
        "BR_RG",
        country="BR",
        keys=_KEYS,
        bare=("0{7,10}", r"0{1,2}\.0{3}\.0{3}-0", "0{7,9}-0"),
        length=(5, 10),
    ),
    # The check digit may be an X, and the letters of the state may stand in front.
    Keyed(
        frozenset(_KEYS.split()),
        bare=r"(?:[A-Z]{2}[ \-]?)?[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-?[0-9Xx](?![0-9A-Za-z])",
        score=0.8,
    ),
)
