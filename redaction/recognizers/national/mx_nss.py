"""Mexican social security numbers (NSS of the IMSS): 11 digits, the last one a Luhn check digit."""

from __future__ import annotations

from stdnum import luhn

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .american_keys import CHECKED_DOCUMENT_KEYS


def _valid(number: str) -> bool:
    return bool(luhn.is_valid(number))


def _of_age(number: str) -> bool:
    """Behind the office stand the years of registration and of birth; people begin to work from twelve on."""
    return 12 <= (int(number[2:4]) - int(number[4:6])) % 100 <= 75 and _valid(number)


MX_NSS = also_alone(
    identifier(
        "MX_NSS",
        country="MX",
        keys=(
            "nss nss_imss imss imss_number numero_imss nro_nss num_nss numero_nss nss_number numero_seguridad_social "
            "numero_de_seguridad_social num_seguridad_social nro_seguridad_social numero_seguro_social "
            "numero_de_seguro_social"
        ),
        shared_keys=CHECKED_DOCUMENT_KEYS,
        bare=("0{11}", "00[ -]00[ -]00[ -]0{4}[ -]0"),
        length=(11, 11),
        valid=_valid,
        words="seguridad_social seguro_social",
        zeros=11,
        one_in=9,
    ),
    "0{11}",
    valid=_of_age,
    one_in=15,
)
