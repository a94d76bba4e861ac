"""Sifting loses no anchor that occurs."""

from __future__ import annotations

import random

import pytest

from opswarden.redaction.recognizers.built_in import BUILT_IN
from opswarden.redaction.scanning.anchors import Anchors, literal_prefix
from opswarden.redaction.scanning.scan import Scan

WORDS = ["akia", "ghp_", "://", "@", "-----begin", "señor ", "xoxb-", "hooks.slack.com/", "+", "eyj"]


def test_what_occurs_is_kept_and_little_else() -> None:
    anchors = Anchors(WORDS)
    filler = "2026-03-01t10:00:00z info payouts-api took 341 ms status=200\n" * 200
    assert set(anchors.possible(filler)) <= {"@", "+"}
    for word in WORDS:
        assert word in anchors.possible(filler + word + filler)


def test_short_texts_are_sifted_by_pairs() -> None:
    assert set(Anchors(WORDS).possible("an akia and a +")) == {"akia", "+"}


def test_nothing_that_occurs_is_sifted_out() -> None:
    anchors = tuple(Scan(BUILT_IN).__dict__["_anchored"])
    sieve = Anchors(anchors)
    rng = random.Random(7)
    for _ in range(60):
        text = "".join(rng.choice((*anchors, "a", "Ж", "\n", "7", " ")) for _ in range(900)).lower()
        kept = set(sieve.possible(text))
        assert {anchor for anchor in anchors if anchor in text} <= kept


PREFIXES = [
    ("a fixed text", "AKIA[A-Z2-7]{16}", "akia"),
    ("an escaped sign", r"\$krb5(?:tgs|asrep)", "$krb5"),
    ("the last character may be absent", "abc?d", "ab"),
    ("the last character may be repeated", "ab{0,3}", "a"),
    ("two ways at the top", "abc|def", ""),
    ("two ways in a group", "abc(?:d|e)", "abc"),
    ("a bar in a class", "abc[|]d", "abc"),
    ("a class", "[ab]cd", ""),
    ("a look behind", "(?<![a-z])abc", ""),
    ("any character", "a.b", "a"),
    ("a flag", "(?i:abc)", ""),
    ("a class of digits", r"\dabc", ""),
]


@pytest.mark.parametrize(("expression", "prefix"), [row[1:] for row in PREFIXES], ids=[row[0] for row in PREFIXES])
def test_what_every_match_begins_with(expression: str, prefix: str) -> None:
    assert literal_prefix(expression) == prefix
