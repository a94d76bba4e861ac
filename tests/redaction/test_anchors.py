"""Sifting loses no anchor that occurs."""

from __future__ import annotations

import random

from opswarden.redaction.anchors import Anchors
from opswarden.redaction.recognizers.built_in import BUILT_IN
from opswarden.redaction.scan import Scan

WORDS = ["akia", "ghp_", "://", "@", "-----begin", "señor ", "xoxb-", "hooks.slack.com/", "+", "eyj"]


def test_what_occurs_is_kept_and_little_else() -> None:
    anchors = Anchors(WORDS)
    filler = "2026-03-01t10:00:00z info payouts-api took 341 ms status=200\n" * 200
    assert set(anchors.possible(filler)) <= {"@", "+"}
    for word in WORDS:
        assert word in anchors.possible(filler + word + filler)


def test_short_texts_are_searched_for_all() -> None:
    assert list(Anchors(WORDS).possible("akia")) == WORDS


def test_nothing_that_occurs_is_sifted_out() -> None:
    anchors = tuple(Scan(BUILT_IN).__dict__["_anchored"])
    sieve = Anchors(anchors)
    rng = random.Random(7)
    for _ in range(60):
        text = "".join(rng.choice((*anchors, "a", "Ж", "\n", "7", " ")) for _ in range(900)).lower()
        kept = set(sieve.possible(text))
        assert {anchor for anchor in anchors if anchor in text} <= kept
