"""Panamanian taxpayer numbers (RUC): a cédula, or roll, image and file of a company, and two digits (DV) behind it."""

from __future__ import annotations

from ...definition import Definition, Digits, Keyed, alphanumeric
from ...evidence.identifiers import evidence_words
from .american_keys import TAX_KEYS

_WRITTEN = r"[0-9A-Z]{1,8}-[0-9A-Z]{1,4}-[0-9]{1,7}(?:[ \-]{1,2}(?:DV|dv)[ .:]{0,2}[0-9]{1,2})?(?![0-9A-Za-z\-])"
_OWN = "ruc nro_ruc num_ruc numero_ruc no_ruc ruc_number ruc_numero ruc_empresa ruc_pa ruc_dv ruc_panama"

PA_RUC = Definition(
    "PA_RUC",
    (
        Digits(
            r"(?<![0-9])[0-9]{1,8}-[0-9]{1,4}-[0-9]{3,7}(?![0-9])",
            least=9,
            evidence=evidence_words(_OWN),
        ),
        Keyed(frozenset(_OWN.split()), bare=_WRITTEN),
        Keyed(frozenset(TAX_KEYS.split()), bare=_WRITTEN, score=0.75),
    ),
    identity=alphanumeric,
    country="PA",
)
