"""Random keys of Pix (EVP, a UUID) under their key or behind their word, and any key inside a Pix QR code.

A UUID alone is a trace or a request. E-mail addresses, phone numbers and taxpayer numbers that serve as keys are found
as what they are.
"""

from __future__ import annotations

from ...definition import WORD_START, Anchored, Definition, Hit, Keyed
from ...views.normalise import OPAQUE

_UUID = r"[0-9A-Fa-f]{8}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{4}-?[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
_KEYS = frozenset(
    "pix pix_key chave_pix chavepix chave chave_aleatoria chave_aleatória chave_evp evp pix_evp evp_key chave_dict "
    "dict_key chave_destino chave_recebedor chave_favorecido chave_pagador pix_alias pix_random_key "
    "creditor_pix_key debtor_pix_key receiver_pix_key".split()
)
_GAP = r"[ _:=,;&\\\"'()\[\]<>\-]{1,8}"  # no stroke: in a path the word names a service
_SPOKEN = (
    rf"{WORD_START}(?i:pix|chave)s?(?:{_GAP}[A-Za-zéçãóá][0-9A-Za-zéçãóá]{{0,11}}){{0,4}}?{_GAP}(?P<value>{_UUID})"
)
# The account field of a merchant QR code: the identifier of Pix, then field 01 with its length (Banco Central do
# Brasil, Manual de Padrões para Iniciação do Pix).
_IN_QR = "br.gov.bcb.pix01"


def _in_qr(text: str, start: int, end: int) -> Hit | None:
    value_end = end + int(text[end - 2 : end])
    return (end, value_end, 0.9) if end < value_end <= len(text) and OPAQUE not in text[end:value_end] else None


BR_PIX_KEY = Definition(
    "BR_PIX_KEY",
    (
        Keyed(_KEYS, bare=_UUID, score=0.9),
        Anchored(("pix", "chave"), after=_SPOKEN),
        Anchored((_IN_QR,), after=r"(?i:br\.gov\.bcb\.pix01)[0-9]{2}", check=_in_qr),
    ),
    country="BR",
)
