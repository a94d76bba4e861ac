"""Outcomes and response codes as processors write them."""

from __future__ import annotations

import pytest

from opswarden.tools.outcomes.types import CodeGroup, OutcomeClass
from opswarden.tools.outcomes.vocabulary import class_of, group_of


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("approved", "approved"),
        ("CAPTURED", "approved"),
        ("soft_decline", "declined"),
        ("Refused", "declined"),
        ("not_approved", "declined"),
        ("risk_declined", "blocked"),
        ("blocked", "blocked"),
        ("provider timeout", "error"),
        ("chargeback", "chargeback"),
        ("pending", "other"),
        ("refund", "other"),
        ("", "other"),
    ],
)
def test_outcomes(outcome: str, expected: OutcomeClass) -> None:
    assert class_of(outcome) == expected


@pytest.mark.parametrize(
    ("outcome", "code", "expected"),
    [
        ("declined", "05", "business"),
        ("declined", "51", "business"),
        ("declined", "5", "business"),
        ("declined", "91", "technical"),
        ("declined", "96", "technical"),
        ("declined", "n7", "authentication"),
        ("declined", "weird", "other"),
        ("blocked", "05", "rules"),
        ("error", "", "technical"),
    ],
)
def test_codes(outcome: OutcomeClass, code: str, expected: CodeGroup) -> None:
    assert group_of(outcome, code) == expected
