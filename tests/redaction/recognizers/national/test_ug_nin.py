"""Ugandan identity numbers (NIN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ug_nin import UG_NIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIN CM93032105UYDG", ["CM93032105UYDG"]),
    ("in a sentence of its country", "NIRA does not know CM93032105UYDG today", ["CM93032105UYDG"]),
    ("under its own key", "nira_nin=CM93032105UYDG status=ok", ["CM93032105UYDG"]),
    ("in JSON as a text", '{"nira_nin": "CM93032105UYDG", "ok": true}', ["CM93032105UYDG"]),
    ("in small letters under its key", "nira_nin=cm93032105uydg", ["cm93032105uydg"]),
    ("mistyped under its own key", "nira_nin=XM93032105UYDG", ["XM93032105UYDG"]),
    ("under a key that others share", '"nin":"CM93032105UYDG"', ["CM93032105UYDG"]),
    ("no such number under a shared key", "nin=XM93032105UYDG", []),
    ("under a key that says nothing", "xq7=CM93032105UYDG", ["CM93032105UYDG"]),
    ("alone in a line", "retry CM93032105UYDG failed", ["CM93032105UYDG"]),
    ("no such number behind its word", "NIN XM93032105UYDG", []),
    ("an order as long", "order_id=CM93032105UYDG", []),
    ("an order between the word and the number", "NIN missing for order CM93032105UYDG", []),
    ("a part of something longer", "pod-xCM93032105UYDG-7f9c and job_CM93032105UYDG_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UG_NIN, text) == values
