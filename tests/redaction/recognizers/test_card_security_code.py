"""Card security codes, PINs and PIN blocks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.card_security_code import CARD_SECURITY_CODE

TABLE: list[tuple[str, str, list[str]]] = [
    ("Mexican", "me dio su nip 4417, snip 4417", ["4417"]),
    ("OCaml", 'cvv = Some "921"; state = Some "921"', ["921"]),
    ("a PIN for a while", "Tu PIN temporal es 4421, pin temporal de 4 digitos", ["4421"]),
    ("behind number and date", "add card 4111111111111111 12/29 123, press pay", ["123"]),
    ("behind strokes", "4111111111111111|12|2029|123", ["123"]),
    ("behind a number that is no card", "4111111111111112 12/29 123; 4111111111111112|12|2029|123", []),
    ("under a key that ends in a word of any key", "cardVerificationValue = '494'", ["494"]),
    ("in a sentence", "their security code is 600, security code no: 455", ["600", "455"]),
    ("no code in a sentence", "security: 404, security group 443", []),
    ("in JSON", '"cvv":"123"', ["123"]),
    ("a number in JSON", '{"cvc2": 1234}', ["1234"]),
    ("in a form", "card_cvv=987&x=1", ["987"]),
    ("in prose", "the CVV 123 was wrong", ["123"]),
    ("in prose with a verb", "cvv2 code is 123.", ["123"]),
    ("called a security code", "the card security code 123 was wrong", ["123"]),
    ("in Portuguese", "codigo_de_seguranca: 321", ["321"]),
    ("in Portuguese prose", "código de segurança 321 inválido", ["321"]),
    ("in Spanish prose", "el código de seguridad es 321", ["321"]),
    ("in Turkish", "guvenlik_kodu=321", ["321"]),
    ("in Indonesian", "kode_keamanan: 321", ["321"]),
    ("JCB's name for it", "cav2=321", ["321"]),
    ("American Express' name for it", "amex_cid=1234", ["1234"]),
    ("of the chip", "icvv=321", ["321"]),
    ("a PIN", "card_pin=4821", ["4821"]),
    ("a PIN of 12 digits", "pin=482148214821", ["482148214821"]),
    ("a PIN in prose", "customer says PIN 4821 is wrong", ["4821"]),
    ("a PIN in prose with a colon", "pin : 4821", ["4821"]),
    ("a payment PIN in India", "upi_pin: 482913", ["482913"]),
    ("in Mexico", "nip=4821", ["4821"]),
    ("a PIN block", "pin_block=0412AC89ABCDEF67", ["0412AC89ABCDEF67"]),
    ("a PIN block in pairs", 'pinblock: "04 12 AC 89 AB CD EF 67"', ["04 12 AC 89 AB CD EF 67"]),
    ("a PIN block of format 4", "encrypted_pin_block=" + "A1" * 16, ["A1" * 16]),
    ("a PIN block in prose", "PIN block 0412AC89ABCDEF67 rejected", ["0412AC89ABCDEF67"]),
    ("3-D Secure's answer", "cavv=AAABBEg0VhI0VniQEjRWAAAAAAA=", ["AAABBEg0VhI0VniQEjRWAAAAAAA="]),
    ("a cryptogram", "arqc=A1B2C3D4E5F60718", ["A1B2C3D4E5F60718"]),
    ("a pin of a chip", "pin=17", []),
    ("an Indian postal code", "pincode=560001 pin_code=560001", []),
    ("a Polish tax number", "nip=5260001246", ["5260001246"]),
    ("a result of the check", "cvv_result=M cvv_check=pass cvv_response=N", []),
    ("a longer number", "cvv_latency_us 12345", []),
    ("a word that ends in pin", "mapping 4821 spin 4821", []),
    ("hidden already", "cvv=*** pin=****", []),
    ("seguridad social", "seguridad social 123", []),
    ("figures apart", 'cvc2="1 2 3"', ["1 2 3"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CARD_SECURITY_CODE, text) == values


def test_never_kept() -> None:
    assert not CARD_SECURITY_CODE.restorable
