"""What an element of an ISO 20022 message belongs to."""

from __future__ import annotations

import pytest

from opswarden.redaction.payments.iso20022 import is_banks, is_partys


@pytest.mark.parametrize(
    ("before", "banks", "partys"),
    [
        ("<Dbtr><Nm>", False, True),
        ("<DbtrAgt><FinInstnId><Nm>", True, False),
        ("<FinInstnId><Nm>Bank</Nm></FinInstnId><Cdtr><Nm>", False, True),
        ("<a:Dbtr/><a:FinInstnId><a:Nm>", True, False),
        ('"Dbtr":{"Nm":"', False, True),
        ("<Product><Nm>", False, False),
    ],
)
def test_parties_and_banks(before: str, banks: bool, partys: bool) -> None:
    assert is_banks(before + "x", len(before)) is banks
    assert is_partys(before + "x", len(before)) is partys
