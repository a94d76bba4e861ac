"""Ivorian identity cards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ci_cni import CI_CNI

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "CNI C0048273615", ["C0048273615"]),
    ("in a sentence of its country", "la CNI numéro C0048273615 est illisible", ["C0048273615"]),
    ("under its own key", "cni_ci=C0048273615 status=ok", ["C0048273615"]),
    ("in JSON as a text", '{"cni_ci": "C0048273615", "ok": true}', ["C0048273615"]),
    ("in small letters under its key", "cni_ci=c0048273615", ["c0048273615"]),
    ("mistyped under its own key", "cni_ci=D0048273615", ["D0048273615"]),
    ("under a key that others share", '"cni":"C0048273615"', ["C0048273615"]),
    ("no such number under a shared key", "cni=D0048273615", []),
    ("under a key that says nothing", "xq7=C0048273615", []),
    ("alone in a line", "retry C0048273615 failed", []),
    ("no such number behind its word", "CNI D0048273615", []),
    ("an order as long", "order_id=C0048273615", []),
    ("an order between the word and the number", "CNI missing for order C0048273615", []),
    ("a part of something longer", "pod-xC0048273615-7f9c and job_C0048273615_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("the newer card", "CNI CI004827361", ["CI004827361"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CI_CNI, text) == values
