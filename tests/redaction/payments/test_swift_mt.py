"""Reading party fields of SWIFT MT messages."""

from __future__ import annotations

from opswarden.redaction.payments.swift_mt import read_accounts, read_people, read_remittance

PARTY = ":50K:/123456789\nANA SOUZA\nRUA DAS FLORES 12\n:59:/1"


def test_account_then_name_and_address() -> None:
    assert [PARTY[f.start : f.end] for f in read_accounts(PARTY, 0, 0)] == ["123456789"]
    assert [PARTY[f.start : f.end] for f in read_people(PARTY, 0, 0)] == ["ANA SOUZA\nRUA DAS FLORES 12"]


def test_the_last_field_of_a_block() -> None:
    text = ":59:JOHN DOE\nBERLIN\n-}{5:{CHK:1}}"
    assert [text[f.start : f.end] for f in read_people(text, 0, 0)] == ["JOHN DOE\nBERLIN"]


def test_other_fields_hold_nobody() -> None:
    for text in (":20:REF1\n", ":59A:DEUTDEFF\n", ":70:RENT\n"):
        assert read_people(text, 0, 0) == []
    assert read_remittance(":20:REF1\n", 0, 0) == []
