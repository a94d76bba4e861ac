"""Bolivian identity cards (CI, carnet): five to eight digits without a check, then complement and place of issue."""

from __future__ import annotations

from ...definition import Keyed
from ...evidence.identifiers import identifier
from .also_alone import with_rules

_KEYS = (
    "carnet carnet_identidad carnet_de_identidad nro_carnet num_carnet numero_carnet no_carnet ci_bolivia ci_bo nro_ci "
    "num_ci numero_ci ci_nr ci_nro ci_numero ci_number cedula_bolivia"
)
# The departments' letters; the complement is a digit and a letter (SEGIP).
_PLACED = r"[0-9]{5,8}(?:-[0-9][A-Z])?[ \-]?(?:LP|CB|SC|OR|PT|TJ|CH|BE|BN|PA|PD|QR)(?![0-9A-Za-z])"

BO_CI = with_rules(
    identifier("BO_CI", country="BO", keys=_KEYS, bare=("0{7,8}",), length=(5, 8)),
    Keyed(frozenset(f"{_KEYS} ci cedula cédula cedula_identidad documento documento_identidad".split()), bare=_PLACED),
    Keyed(frozenset(_KEYS.split()), bare=r"[0-9]{5,8}-[0-9][A-Z](?![0-9A-Za-z])"),
)
