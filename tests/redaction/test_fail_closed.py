"""A text that cannot be proven clean does not leave, and the refusal says nothing of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import RedactionError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.redaction.definition import Definition, Hit, Pattern
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.vault import SqliteVault

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
    assert _withheld(redaction, "password=1 " * 200).reason == "too-much-work"


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


FAILING_DISKS = {"full": "PRAGMA max_page_count = 1", "read-only": "PRAGMA query_only = ON"}


@pytest.mark.parametrize("pragma", FAILING_DISKS.values(), ids=FAILING_DISKS)
def test_a_vault_on_a_disk_that_fails(redaction: Redaction, tmp_path: Path, pragma: str) -> None:
    """What would have to be kept does not leave; what needs no vault, and what it knows already, does."""
    database = SqliteDatabase(tmp_path / "vault.sqlite")
    clock = FixedClock(datetime(2026, 11, 29, tzinfo=UTC))
    run = redaction.for_run("run_1", vault=SqliteVault(database, FileKeys(tmp_path / "keys.json"), clock, ttl_s=60))
    known = run.text("bob@example.com")
    database.connection().execute(pragma)
    # Numbers of many pages, so that a full disk has no room left in the pages it has.
    outside = [f"canary{row} ana{row}.{'q' * 60}@example.com" for row in range(400)]
    ways = (
        lambda: run.clean(" ".join(outside)),
        lambda: run.clean_ours(" ".join(outside)),
        lambda: run.value({"rows": list(outside)}),
        lambda: run.under("audience:model").text(" ".join(outside)),
    )
    for way in ways:
        with pytest.raises(TextWithheld) as withheld:
            way()
        assert withheld.value.reason == "vault"
        shown = f"{withheld.value}{withheld.value.remedy}{withheld.value.__cause__}"
        assert "canary" not in shown
        assert "example.com" not in shown
    assert run.text("bob@example.com") == known
    assert run.text("card 4111111111111111, no name").startswith("card <CREDIT_CARD·")
    assert redaction.scrub("ana@example.com") == "<EMAIL_ADDRESS>"


@pytest.mark.parametrize("key", ["a", "customer_name", "password"])
def test_what_fails_under_a_key(key: str) -> None:
    """A recognizer that fails in one value of a JSON document withholds it all, in keys and in values."""

    def broken(text: str, start: int, end: int) -> Hit | None:
        raise RuntimeError(text)

    run = Redaction([Definition("BADGE", (Pattern("canary", check=broken),))]).for_run("run_1", vault=MemoryVault())
    for value in ({key: ["fine", {"b": "the canary"}]}, {"the canary": {key: 1}}, [[{key: "x canary"}]]):
        for way in (run.value, run.value_ours):
            with pytest.raises(TextWithheld) as withheld:
                way(value)
            assert "canary" not in str(withheld.value)
    assert run.value({key: ["fine"]}) is not None


def test_what_fails_in_a_stream() -> None:
    """What came before is clean; nothing of the stretch that failed comes."""

    def broken(text: str, start: int, end: int) -> Hit | None:
        raise RuntimeError(text)

    redaction = Redaction([Definition("BADGE", (Pattern("canary", check=broken),))], size_limit_bytes=2_000)
    seen = ""
    with pytest.raises(TextWithheld):
        for text, _ in redaction.scrub_stream(["ana@example.com is fine\n" * 200, "the canary\n", "fine\n" * 50]):
            seen += text
    assert seen.startswith("<EMAIL_ADDRESS> is fine\n")
    assert "canary" not in seen
