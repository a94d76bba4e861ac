"""Account aliases of Argentina under their keys and behind their word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ar_cbu_alias import AR_CBU_ALIAS

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "alias_cbu=lobo.mesa.sol", ["lobo.mesa.sol"]),
    ("one word under its key", '{"cbuAlias": "kioscopepe1"}', ["kioscopepe1"]),
    ("under a mere alias", "alias: LOBO.MESA.SOL", ["LOBO.MESA.SOL"]),
    ("behind its word", "transferir al alias LOBO.MESA.SOL", ["LOBO.MESA.SOL"]),
    ("behind more words", "alias de la cuenta LOBO.MESA.SOL", ["LOBO.MESA.SOL"]),
    ("a package", "alias=com.acme.wallet", []),
    ("a host", "alias api.prod.internal", []),
    ("a command", "alias ll='ls -l'", []),
    ("too short", "alias_cbu=abc", []),
    ("too long", "alias_cbu=abcdefghijklmnopqrstuvwxyz", []),
    ("four words", "alias LOBO.MESA.SOL.MAR", []),
    ("with nothing around it", "LOBO.MESA.SOL", []),
    ("its kind said beside it", '"kind":"alias CBU","f":"PLAZA.CASA.RIO"', ["PLAZA.CASA.RIO"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AR_CBU_ALIAS, text) == values
