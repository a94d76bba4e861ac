"""Tunisian taxpayer numbers (matricule fiscal)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.tn_mf import TN_MF

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "MF 1234567M/A/E/001", ["1234567M/A/E/001"]),
    ("in a sentence of its country", "le matricule fiscal 1234567M/A/E/001 est radié", ["1234567M/A/E/001"]),
    ("under its own key", "matricule_fiscal=1234567M/A/E/001 status=ok", ["1234567M/A/E/001"]),
    ("in JSON as a text", '{"matricule_fiscal": "1234567M/A/E/001", "ok": true}', ["1234567M/A/E/001"]),
    ("in small letters under its key", "matricule_fiscal=1234567m/a/e/001", ["1234567m/a/e/001"]),
    ("mistyped under its own key", "matricule_fiscal=1234567I/A/E/001", ["1234567I/A/E/001"]),
    ("under a key that others share", '"tax_id":"1234567M/A/E/001"', ["1234567M/A/E/001"]),
    ("no such number under a shared key", "tax_id=1234567I/A/E/001", []),
    ("under a key that says nothing", "xq7=1234567M/A/E/001", ["1234567M/A/E/001"]),
    ("alone in a line", "retry 1234567M/A/E/001 failed", []),
    ("no such number behind its word", "MF 1234567I/A/E/001", []),
    ("an order as long", "order_id=1234567M/A/E/001", []),
    ("an order between the word and the number", "MF missing for order 1234567M/A/E/001", []),
    ("a part of something longer", "pod-x1234567M/A/E/001-7f9c and job_1234567M/A/E/001_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TN_MF, text) == values
