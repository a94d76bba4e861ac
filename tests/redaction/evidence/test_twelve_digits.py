"""Twelve digits of a cloud or a transfer are nobody's identity, unless a word says so."""

from __future__ import annotations

import pytest

from opswarden.redaction.evidence.identifiers import identifier
from opswarden.redaction.evidence.twelve_digits import unless_others
from opswarden.redaction.scanning.overlap import united
from opswarden.redaction.scanning.scan import Scan, Work

GUARDED = unless_others(
    identifier(
        "XX_ID", country="XX", keys="zid", bare=("0{12}",), length=(12, 12), valid=lambda number: True, one_in=60
    )
)

TABLE: list[tuple[str, str, list[str]]] = [
    ("under a key that says nothing", "kbx=598317426503", ["598317426503"]),
    ("a customer's", "customer_ext=598317426503", ["598317426503"]),
    ("an account of AWS", "aws_account=598317426503", []),
    ("the same as its API has it", '"AccountId": "598317426503"', []),
    ("the owner of an image", '"OwnerId":"598317426503"', []),
    ("a project of Google Cloud", "project_number=598317426503", []),
    ("the reference of a transfer", "utr=598317426503", []),
    ("date and time", "kbx=251123101535", []),
    ("named by its key", "account_zid=598317426503", ["598317426503"]),
    ("named by a word in front", "ZID of account=598317426503", ["598317426503"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(text: str, values: list[str]) -> None:
    spans = united(Scan((GUARDED,)).find(text, Work(1000)), lambda _: True)
    assert [text[span.start : span.end] for span in spans] == values
