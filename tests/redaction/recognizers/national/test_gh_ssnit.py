"""Ghanaian social security numbers (SSNIT)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.gh_ssnit import GH_SSNIT

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "SSNIT C018503140027", ["C018503140027"]),
    ("in a sentence of its country", "SSNIT no C018503140027 has no contributions", ["C018503140027"]),
    ("under its own key", "ssnit_number=C018503140027 status=ok", ["C018503140027"]),
    ("in JSON as a text", '{"ssnit_number": "C018503140027", "ok": true}', ["C018503140027"]),
    ("in small letters under its key", "ssnit_number=c018503140027", ["c018503140027"]),
    ("under a key that says nothing", "xq7=C018503140027", []),
    ("alone in a line", "retry C018503140027 failed", []),
    ("an order as long", "order_id=C018503140027", []),
    ("an order between the word and the number", "SSNIT missing for order C018503140027", []),
    ("a part of something longer", "pod-xC018503140027-7f9c and job_C018503140027_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(GH_SSNIT, text) == values
