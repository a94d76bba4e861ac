"""Angolan identity cards (BI), which are tax numbers of people too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ao_bi import AO_BI

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "BI 004857362LA041", ["004857362LA041"]),
    ("in a sentence of its country", "o BI do titular 004857362LA041 está caducado", ["004857362LA041"]),
    ("under its own key", "numero_bi=004857362LA041 status=ok", ["004857362LA041"]),
    ("in JSON as a text", '{"numero_bi": "004857362LA041", "ok": true}', ["004857362LA041"]),
    ("in small letters under its key", "numero_bi=004857362la041", ["004857362la041"]),
    ("mistyped under its own key", "numero_bi=004857362XX041", ["004857362XX041"]),
    ("under a key that others share", '"nif":"004857362LA041"', ["004857362LA041"]),
    ("no such number under a shared key", "nif=004857362XX041", []),
    ("under a key that says nothing", "xq7=004857362LA041", ["004857362LA041"]),
    ("alone in a line", "retry 004857362LA041 failed", []),
    ("no such number behind its word", "BI 004857362XX041", []),
    ("an order as long", "order_id=004857362LA041", []),
    ("an order between the word and the number", "BI missing for order 004857362LA041", []),
    ("a part of something longer", "pod-x004857362LA041-7f9c and job_004857362LA041_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AO_BI, text) == values
