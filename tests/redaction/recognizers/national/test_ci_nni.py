"""Ivorian national identification numbers (NNI)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ci_nni import CI_NNI

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NNI 10482736159", ["10482736159"]),
    ("in a sentence of its country", "le NNI du titulaire 10482736159 a été refusé", ["10482736159"]),
    ("under its own key", "nni=10482736159 status=ok", ["10482736159"]),
    ("in JSON as a text", '{"nni": "10482736159", "ok": true}', ["10482736159"]),
    ("in JSON as a number", '{"nni":10482736159,"ok":true}', ["10482736159"]),
    ("under a key that says nothing", "xq7=10482736159", []),
    ("alone in a line", "retry 10482736159 failed", []),
    ("an order as long", "order_id=10482736159", []),
    ("an order between the word and the number", "NNI missing for order 10482736159", []),
    ("a part of something longer", "pod-x10482736159-7f9c and job_10482736159_x7", []),
    ("a count", "read 10482736159 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CI_NNI, text) == values
