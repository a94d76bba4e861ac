"""Bank account numbers by Spanish keys and words: every bank counts in its own way."""

from __future__ import annotations

from ...definition import WORD_START, Anchored, Definition, Keyed, alphanumeric

_KEYS = frozenset(
    "cuenta numero_cuenta nro_cuenta num_cuenta no_cuenta numero_de_cuenta cuenta_numero cuenta_bancaria "
    "cuenta_destino cuenta_origen cuenta_corriente cuenta_ahorro cuenta_ahorros caja_ahorro cuenta_vista cuenta_rut "
    "cuenta_beneficiario cuenta_ordenante cuenta_debito cuenta_credito cuenta_cliente cuenta_number".split()
)
_CLOUDS = frozenset({"aws", "gcp", "azure", "cloud", "servicio", "service"})
_SPOKEN = (
    rf"{WORD_START}(?i:cuenta)(?: (?i:corriente|de ahorros?|vista|bancaria|destino|origen|nro|núm|num|número|numero|no)"
    r"\.?){1,3}[ :#]{1,3}(?P<value>[0-9](?:[ .\-]?[0-9]){6,21})(?![0-9A-Za-z])"
)

LATIN_BANK_ACCOUNT = Definition(
    "BANK_ACCOUNT",
    (
        Keyed(_KEYS, bare=r"[0-9](?:[ .\-]?[0-9]){5,21}(?![0-9A-Za-z])", unless=_CLOUDS, score=0.75),
        Anchored(("cuenta",), after=_SPOKEN, score=0.7),
    ),
    identity=alphanumeric,
    name="latin_bank_account",
)
