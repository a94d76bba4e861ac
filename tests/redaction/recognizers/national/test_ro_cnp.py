"""Romanian person numbers (CNP)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ro_cnp import RO_CNP

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "CNP 2800101221146", ["2800101221146"]),
    ("in a sentence of its country", "CNP-ul clientului: cnp 2800101221146 nu există", ["2800101221146"]),
    ("under its own key", "cnp=2800101221146 status=ok", ["2800101221146"]),
    ("in JSON as a text", '{"cnp": "2800101221146", "ok": true}', ["2800101221146"]),
    ("in JSON as a number", '{"cnp":2800101221146,"ok":true}', ["2800101221146"]),
    ("mistyped under its own key", "cnp=2800101221147", ["2800101221147"]),
    ("under a key that others share", '"national_id":"2800101221146"', ["2800101221146"]),
    ("no such number under a shared key", "national_id=2800101221147", []),
    ("under a key that says nothing", "xq7=2800101221146", ["2800101221146"]),
    ("alone in a line", "retry 2800101221146 failed", ["2800101221146"]),
    ("no such number behind its word", "CNP 2800101221147", []),
    ("an order as long", "order_id=2800101221146", []),
    ("an order between the word and the number", "CNP missing for order 2800101221146", []),
    ("a part of something longer", "pod-x2800101221146-7f9c and job_2800101221146_x7", []),
    ("a count", "read 2800101221146 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(RO_CNP, text) == values
