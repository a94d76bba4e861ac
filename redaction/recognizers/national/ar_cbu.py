"""Argentine account numbers of banks (CBU) and of wallets (CVU): 22 digits, two of them check digits."""

from __future__ import annotations

from stdnum.ar import cbu

from ...definition import Digits
from ...evidence.identifiers import evidence_words, identifier
from .also_alone import with_rules
from .american_keys import ACCOUNT_KEYS

# Behind its own word a mistyped one is still somebody's; nothing else of 22 digits stands there.
_WORDS = evidence_words("cbu cvu")
_MISTYPED = Digits(r"(?<![0-9])[0-9]{22}(?![0-9])", least=22, score=0.75, evidence=_WORDS)

AR_CBU = with_rules(
    identifier(
        "AR_CBU",
        country="AR",
        keys=(
            "cbu cvu nro_cbu num_cbu numero_cbu no_cbu cbu_number nro_cvu num_cvu numero_cvu cvu_number cbu_cvu "
            "cbu_destino cbu_origen cvu_destino cvu_origen cuenta_cbu cuenta_cvu clave_bancaria_uniforme "
            "clave_virtual_uniforme"
        ),
        shared_keys=ACCOUNT_KEYS,
        bare=("0{22}",),
        length=(22, 22),
        written=("0{8}[ -]0{14}", "0{7}[ -]0[ -]0{13}[ -]0"),
        valid=cbu.is_valid,
        one_in=100,
        zeros=22,
    ),
    _MISTYPED,
)
