"""Postal addresses under their keys, and streets with numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.postal_address import POSTAL_ADDRESS

TABLE: list[tuple[str, str, list[str]]] = [
    ("a street in French", "habite 12 rue des Jardins, Cocody", ["12 rue des Jardins"]),
    ("a street in French, behind a number and a half", "14 bis rue de la République", ["14 bis rue de la République"]),
    ("words of French without a name", "12 rue barrée, 3 avenue fermée", []),
    ("a Peruvian street", "vive en Jr. Puno 345, Lima", ["Jr. Puno 345"]),
    ("a name with its generation", "signed by Lind Jr. yesterday at 345", []),
    ("an object under the key", "address=Address { Line9 = x, City = y }", []),
    ("under a key", '{"address": "Quill Heights 3, Vaskton"}', ["Quill Heights 3, Vaskton"]),
    ("under a Portuguese key", "endereco='Ladeira Vask, 12'", ["Ladeira Vask, 12"]),
    ("under an Indonesian key", '"alamat_rumah":"Gang Vask 9 RT 01"', ["Gang Vask 9 RT 01"]),
    ("without quotes", "billing_address=12 Quill Rise status=ok", ["12 Quill Rise status=ok"]),
    ("a postal code", "zip_code=01310-100 cep: 20040002", ["01310-100", "20040002"]),
    ("a street in Portuguese", "mora na Rua das Quilhas, 12", ["Rua das Quilhas, 12"]),
    ("a street in Spanish", "vive en Calle Quill 45", ["Calle Quill 45"]),
    ("a Colombian grid address", "enviar a Carrera 7 # 12-34", ["Carrera 7 # 12-34"]),
    ("a street in Indonesian", "di Jalan Quill No. 5", ["Jalan Quill No. 5"]),
    ("a street in English with a flat", "lives at 12 Quill Street, Apt. 4", ["12 Quill Street, Apt. 4"]),
    (
        "a street whose number stands last",
        "at Quill Avenue 304 and Vask Cad. No: 12",
        ["Quill Avenue 304", "Vask Cad. No: 12"],
    ),
    ("an avenue without a name", "Avenue 304 failed, the avenue 304 and Error on Street 5", []),
    ("a Colombian street with its side", "en Calle 45 Sur 844", ["Calle 45 Sur 844"]),
    ("a post office box", "P.O. Box 123", ["P.O. Box 123"]),
    ("the address of a machine", "address=10.2.3.4:80", []),
    ("the address of a service", "address=merchant-cache", []),
    ("a host and a port", "address: kafka-1.svc:9092", []),
    ("an address in memory", "address=0xffaa01", []),
    ("a key of machines", "remote_address='edge proxy, zone a'", []),
    ("prose about addresses", "Address already in use", []),
    ("no number", "the Rua das Quilhas", []),
    ("a word that begins like a street", "avenue 5, route 12, court 3", []),
    ("a number and a word of small letters", "retried 3 drive operations", []),
    ("a zip file", "zip file 12345", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(POSTAL_ADDRESS, text) == values
