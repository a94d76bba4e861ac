"""Random Pix keys under their key, behind their word and in a QR code; other UUIDs survive."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_pix_key import BR_PIX_KEY

_KEY = "123e4567-e12b-12d1-a456-426655440000"
TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", f"chave_pix={_KEY}", [_KEY]),
    ("in JSON", f'{{"pixKey": "{_KEY}", "status": "ok"}}', [_KEY]),
    ("in capitals", f"pix_key={_KEY.upper()}", [_KEY.upper()]),
    ("without hyphens", "chave: 123e4567e12b12d1a456426655440000", ["123e4567e12b12d1a456426655440000"]),
    ("behind its word", f"pix {_KEY}", [_KEY]),
    ("in a sentence", f"pagamento para a chave aleatória {_KEY} recusado", [_KEY]),
    ("in another sentence", f"Chave Pix do recebedor: {_KEY}", [_KEY]),
    ("behind an escaped line break", rf"\npix {_KEY}", [_KEY]),
    ("in a QR code", f"00020126580014br.gov.bcb.pix0136{_KEY}5204000053039865802BR", [_KEY]),
    ("a phone number in a QR code", "0014br.gov.bcb.pix0114+55119123456785204", ["+5511912345678"]),
    ("cut off in a QR code", f"0014br.gov.bcb.pix0136{_KEY[:20]}", []),
    ("a trace", f"trace_id={_KEY}", []),
    ("a request", f"GET /v1/pix/payments request {_KEY}", []),
    ("with nothing around it", _KEY, []),
    ("a word that only ends so", f"appix {_KEY}", []),
    ("longer by a digit", f"chave_pix={_KEY}0", []),
    ("another kind of key", "chave_pix=pending", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_PIX_KEY, text) == values
