"""Branch and account numbers of Brazil under their keys and behind their words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.br_bank_account import BR_BANK_ACCOUNT

TABLE: list[tuple[str, str, list[str]]] = [
    ("an account", "conta=12345678", ["12345678"]),
    ("with its check digit", "conta_corrente: 12345-6", ["12345-6"]),
    ("with an X", "numero_conta=12345-X", ["12345-X"]),
    ("in JSON", '{"agencia": "1234-5", "conta": "0012345-6"}', ["1234-5", "0012345-6"]),
    ("in JSON, as numbers", '{"agencia": 1234, "conta": 123456}', ["1234", "123456"]),
    ("in camel case", "contaDestino=998877", ["998877"]),
    ("with an accent", "agência: 0001", ["0001"]),
    ("in a sentence", "Agência 1234-5, conta corrente 98765-4 inválida", ["1234-5", "98765-4"]),
    ("in thousands in a sentence", "crédito na conta poupança 1.234.567-8", ["1.234.567-8"]),
    ("a number without a check digit in a sentence", "conta 12345678", []),
    ("an account of a cloud", "aws_conta=123456789012", []),
    ("a count", "conta 3 itens; conta=3", []),
    ("a word under its key", "conta=bloqueada agencia=centro", []),
    ("a word that only ends so", "desconta 12345-6", []),
    ("longer", "conta=12345678abc", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BR_BANK_ACCOUNT, text) == values
