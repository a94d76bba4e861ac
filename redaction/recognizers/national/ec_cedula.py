"""Ecuadorian identity cards (cédula): province, serial, a check digit; ten digits."""

from __future__ import annotations

from stdnum.ec import ci

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CEDULA_KEYS, CHECKED_DOCUMENT_KEYS

EC_CEDULA = also_alone(
    identifier(
        "EC_CEDULA",
        country="EC",
        keys="cedula_ecuatoriana cedula_ec",
        shared_keys=f"ci {CEDULA_KEYS} {CHECKED_DOCUMENT_KEYS}",
        bare=("0{10}", "0{9}-0"),
        length=(10, 10),
        valid=ci.is_valid,
        words=f"ci {CEDULA_KEYS}",
        zeros=10,
    ),
    "0{10}",
    "0{9}-0",
    valid=ci.is_valid,
    one_in=55,
)
