"""French social security numbers (NIR): sex, year and month of birth, place, serial, two check digits."""

from __future__ import annotations

from stdnum.fr import nir

from ...evidence.identifiers import identifier
from .also_alone import also_alone


def _valid(number: str) -> bool:
    """3, 4, 7 and 8 stand for sex while a number is provisional."""
    return number[0] in "123478" and nir.is_valid(number)


def _final(number: str) -> bool:
    return number[0] in "12" and "01" <= number[3:5] <= "12" and nir.is_valid(number)


FR_NIR = also_alone(
    identifier(
        "FR_NIR",
        country="FR",
        keys=(
            "nir nir_number numero_nir numero_securite_sociale numero_de_securite_sociale numéro_de_sécurité_sociale "
            "num_secu numero_secu securite_sociale no_secu fr_nir insee_number numero_insee"
        ),
        words="secu sécu sécurité_sociale insee",
        bare=("0{15}", "0{6}A0{8}"),
        written=("0 0{2} 0{2} 0{2} 0{3} 0{3}[ /]0{2}", "0 0{2} 0{2} 0A 0{3} 0{3}[ /]0{2}"),
        length=(15, 15),
        valid=_valid,
    ),
    "0{15}",
    "0{6}A0{8}",
    valid=_final,
    one_in=4_000,
)
