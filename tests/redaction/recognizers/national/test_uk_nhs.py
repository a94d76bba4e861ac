"""British health service numbers (NHS)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.uk_nhs import UK_NHS

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NHS number 9434765870", ["9434765870"]),
    ("in a sentence of its country", "the NHS number of the patient is 9434765870 now", ["9434765870"]),
    ("as people write it", "NHS number: 943 476 5870", ["943 476 5870"]),
    ("under its own key", "nhs_number=9434765870 status=ok", ["9434765870"]),
    ("in JSON as a text", '{"nhs_number": "9434765870", "ok": true}', ["9434765870"]),
    ("in JSON as a number", '{"nhs_number":9434765870,"ok":true}', ["9434765870"]),
    ("mistyped under its own key", "nhs_number=9434765871", ["9434765871"]),
    ("under a key that others share", '"patient_id":"9434765870"', ["9434765870"]),
    ("no such number under a shared key", "patient_id=9434765871", []),
    ("under a key that says nothing", "xq7=9434765870", ["9434765870"]),
    ("under a key that holds a word", "zone_hint=9434765870", []),
    ("alone in a line", "retry 9434765870 failed", []),
    ("no such number behind its word", "NHS number 9434765871", []),
    ("an order as long", "order_id=9434765870", []),
    ("an order between the word and the number", "NHS number missing for order 9434765870", []),
    ("a part of something longer", "pod-x9434765870-7f9c and job_9434765870_x7", []),
    ("a count", "read 9434765870 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UK_NHS, text) == values
