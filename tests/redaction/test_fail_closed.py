"""A text that cannot be proven clean does not leave, and the refusal says nothing of it."""

from __future__ import annotations

import pytest

from opswarden.core.errors import RedactionError
from opswarden.redaction.definition import Definition, Hit, Pattern
from opswarden.redaction.engine import Redaction
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.vault import MemoryVault

TEXT = "canary ana@example.com"


def _withheld(redaction: Redaction, text: str) -> TextWithheld:
    """Every way out refuses for the same reason."""
    run = redaction.for_run("run_1", vault=MemoryVault())
    errors = []
    for way in (redaction.analyze, redaction.scrub, run.clean, run.clean_ours, run.text, run.value, run.value_ours):
        with pytest.raises(TextWithheld) as withheld:
            way(text)
        errors.append(withheld.value)
    assert len({error.reason for error in errors}) == 1
    assert all("canary" not in f"{error}{error.remedy}{error.__cause__}" for error in errors)
    assert isinstance(errors[0], RedactionError)
    return errors[0]


def test_a_recognizer_that_raises() -> None:
    def broken(text: str, start: int, end: int) -> Hit | None:
        raise ValueError(f"cannot read {text[start:end]}")

    error = _withheld(Redaction([Definition("BADGE", (Pattern("canary", check=broken),))]), TEXT)
    assert error.reason == "recognizer-failed"
    assert "ValueError" in str(error)


def test_a_recognizer_that_points_outside() -> None:
    beyond = Definition("BADGE", (Pattern("canary", check=lambda text, start, end: (start, end + 10_000, 1.0)),))
    assert _withheld(Redaction([beyond]), TEXT).reason == "recognizer-failed"


def test_a_text_over_the_limit() -> None:
    redaction = Redaction(size_limit_bytes=30)
    assert redaction.scrub("x" * 30) == "x" * 30
    assert _withheld(redaction, "canary " * 5).reason == "too-large"


def test_the_limit_counts_bytes() -> None:
    redaction = Redaction(size_limit_bytes=30)
    assert redaction.scrub("é" * 15) == "é" * 15
    assert _withheld(redaction, "canary é" * 4).reason == "too-large"


@pytest.mark.parametrize("text", ["canary \ud800 x", "\udc80canary", "canary \ud83d"])
def test_lone_surrogates(redaction: Redaction, text: str) -> None:
    assert _withheld(redaction, text).reason == "undecodable"


def test_too_much_work() -> None:
    redaction = Redaction(candidate_limit=100)
    assert redaction.scrub("a=1 " * 10) == "a=1 " * 10
    assert _withheld(redaction, "canary=1 " * 200).reason == "too-much-work"


def test_a_text_that_never_comes_clean() -> None:
    def next_letter(text: str, start: int, end: int) -> Hit | None:
        return end - 1, end, 1.0

    # Each round takes one letter, so that there is always one more to find.
    creeping = Definition("BADGE", (Pattern("a{1,100}", check=next_letter),))
    assert _withheld(Redaction([creeping]), "canary " + "a" * 50).reason == "unstable"


def test_a_part_that_cannot_be_cleaned_withholds_the_whole_value(redaction: Redaction) -> None:
    run = redaction.for_run("run_1", vault=MemoryVault())
    with pytest.raises(TextWithheld):
        run.value({"good": "text", "rows": [1, {"bad": "\ud800"}]})
