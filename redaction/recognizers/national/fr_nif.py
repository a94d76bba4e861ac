"""French tax numbers of people (numéro fiscal, SPI): 13 digits that begin with 0 to 3, three of them check digits."""

from __future__ import annotations

from stdnum.fr import nif

from ...evidence.identifiers import identifier
from .also_alone import also_alone


def _valid(number: str) -> bool:
    """The check digits first, since they refuse most at once (python-stdnum looks at the rest)."""
    return number[0] in "0123" and int(number[:10]) % 511 == int(number[10:]) and bool(nif.is_valid(number))


_BY_ITSELF = also_alone(
    identifier(
        "FR_NIF",
        country="FR",
        keys="numero_fiscal numéro_fiscal numero_fiscal_de_reference spi numero_spi fr_nif",
        shared_keys="nif tax_id taxpayer_id identifiant_fiscal",
        bare=("0{13}", "0{2} 0{2} 0{3} 0{3} 0{3}"),
        length=(13, 13),
        valid=_valid,
        zeros=13,
    ),
    "0{13}",
    valid=_valid,
    one_in=1_000,
)
# What reads as a time counts under a key.
FR_NIF = also_alone(_BY_ITSELF, "0{13}", valid=_valid, one_in=49, even_times=True)
