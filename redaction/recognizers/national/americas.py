"""Identifiers of the Americas."""

from __future__ import annotations

from ...definition import Definition
from .br_cnpj import BR_CNPJ
from .br_cpf import BR_CPF
from .us_ssn import US_SSN

AMERICAS: tuple[Definition, ...] = (
    BR_CPF,
    BR_CNPJ,
    US_SSN,
)
