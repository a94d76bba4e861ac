"""Anything at all, through every way in: clean or withheld, the same twice, and no more work than its length allows."""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from opswarden.core.errors import ConfigError
from opswarden.redaction.declared import load_declared
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.scanning.scan import Scan, Work
from opswarden.redaction.types import TextWithheld
from opswarden.tests.redaction.effort import FUZZ_S, LONG, tried
from opswarden.tests.redaction.pieces import LONG_TEXTS, PIECES, PLANTED, TEXTS

REDACTION = Redaction()
SMALL = Redaction(size_limit_bytes=3_000)
SCAN = Scan(REDACTION.definitions)

# Lone surrogates among the characters: what came out of a broken decoder.
ANYTHING = st.one_of(st.text(), st.text(st.characters(codec="utf-8")), TEXTS, LONG_TEXTS)
BYTES = st.lists(st.one_of(st.binary(max_size=30), st.sampled_from(PIECES).map(str.encode)), max_size=20).map(b"".join)
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([4111111111111111, 52998224725, 10**30, -0.0, 1e22]))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=20), TEXTS, PLANTED),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(PIECES), st.text(max_size=10)), inner, max_size=4),
    ),
    max_leaves=12,
)
YAML = st.fixed_dictionaries(
    {"name": st.sampled_from(["badge", "B", ""]), "entity_type": st.sampled_from(["BADGE", "EMAIL_ADDRESS", "b"])},
    optional={
        "pattern": st.one_of(st.sampled_from(["BDG-[0-9]{4}", "(a+)+$", "[", "x*", "^$", r"\b"]), st.text(max_size=8)),
        "keys": st.lists(
            st.one_of(st.sampled_from(["badge", "customer_name", "a.b"]), st.text(max_size=5)), max_size=3
        ),
        "score": st.one_of(st.floats(), st.integers(-1, 2)),
        "restorable": st.booleans(),
        "found": st.lists(st.one_of(st.just("BDG-1234"), st.text(max_size=8)), max_size=2),
        "untouched": st.lists(st.one_of(st.just("fine"), st.text(max_size=8)), max_size=2),
        "more": st.text(max_size=3),
    },
)


def _run() -> RunRedactor:
    return REDACTION.for_run("run_1", vault=MemoryVault(b"fixed for the tests, 32 bytes ok"))


Way = TypeVar("Way")


def _unless_withheld(way: Callable[[], Way], *reasons: str) -> Way | None:
    """What a way gives; None where it withholds for one of the reasons. Any other error is a finding."""
    try:
        return way()
    except TextWithheld as error:
        if error.reason in reasons:
            return None
        raise


def scrubbing(text: str) -> None:
    once = _unless_withheld(lambda: REDACTION.scrub(text), "undecodable")
    assert once is None or REDACTION.scrub(once) == once


def cleaning(text: str) -> None:
    run = _run()
    cleaned = _unless_withheld(lambda: run.clean(text), "undecodable")
    if cleaned is None:
        return
    end = 0
    for span in cleaned.spans:
        assert end <= span.start < span.end <= len(text)
        end = span.end
    assert run.clean_ours(cleaned.text).text == cleaned.text


def restoring(text: str) -> None:
    run = _run()
    for way in (run.restore, run.value_restore):
        reasons = ("foreign-placeholder", "unknown-placeholder", "not-restorable", "type-not-allowed", "undecodable")
        # This run has issued nothing.
        assert _unless_withheld(lambda way=way: way(text, REDACTION.entity_types), *reasons) in {None, text}


def streaming(content: bytes) -> None:
    """Bytes as a decoder that never fails hands them over, cut anywhere."""
    text = content.decode("utf-8", "replace")
    blocks = [text[at : at + 17] for at in range(0, len(text), 17)]
    whole = _unless_withheld(lambda: "".join(part for part, _ in SMALL.scrub_stream(blocks)), "too-large")
    if whole is None:
        return
    assert whole == "".join(part for part, _ in SMALL.scrub_stream([text]))
    if len(content) <= 1_500:
        assert whole == REDACTION.scrub(text)


def bytes_of_all_kinds(content: bytes) -> None:
    for encoding in ("utf-8", "latin-1", "utf-16"):
        scrubbing(content.decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace"))


def values(value: Any) -> None:
    run = _run()
    cleaned = _unless_withheld(lambda: [run.value(value)], "undecodable", "too-deep")
    if cleaned is not None:
        assert json.dumps(run.value_ours(cleaned), default=str) == json.dumps(cleaned, default=str)


def documents(value: Any) -> None:
    """JSON as text, and as text inside of a text."""
    scrubbing(json.dumps(value, ensure_ascii=False, default=str))
    scrubbing(json.dumps({"message": json.dumps(value, default=str)}))


def declarations(declared: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps({"recognizers": [declared]}), encoding="utf-8")
    try:
        redaction = Redaction(load_declared(path))
    except ConfigError:
        return
    redaction.scrub("BDG-1234 of ana@example.com, badge=7")


def _calls(text: str) -> int:
    """Calls of functions during one scan: the same in every run, unlike time.

    Counted the second time, when expressions are compiled and shapes known.
    """
    count = 0

    def counted(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    SCAN.find(text, Work(10_000_000))
    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        SCAN.find(text, Work(10_000_000))
    finally:
        sys.setprofile(before)
    return count


def work(unit: str) -> None:
    """Four times the text is about four times the work. The line breaks keep it from being one long word."""
    for end in ("", "\n", " "):
        small = (unit + end) * max(1, 1_500 // max(1, len(unit + end)))
        once, many = _calls(small + "."), _calls(small * 4 + ".")
        assert many < once * 4 * 1.5 + 3_000, (once, many)


TARGETS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None], int]] = {
    "scrubbing": (ANYTHING, scrubbing, 60),
    "cleaning": (ANYTHING, cleaning, 60),
    "restoring": (ANYTHING, restoring, 60),
    "streaming": (BYTES, streaming, 40),
    "bytes": (BYTES, bytes_of_all_kinds, 40),
    "values": (JSON, values, 50),
    "documents": (JSON, documents, 40),
    "work": (
        st.one_of(st.sampled_from(PIECES), st.lists(st.sampled_from(PIECES), max_size=4).map("".join), PLANTED),
        work,
        25,
    ),
}


@pytest.mark.timeout(1_800 if LONG else 300)  # a long run that finds something looks for the smallest example
@pytest.mark.parametrize("name", TARGETS)
def test_a_sample(name: str) -> None:
    strategy, target, examples = TARGETS[name]
    tried(examples)(given(strategy)(target))()


@pytest.mark.parametrize("unit", ["646174613a203230333832393431353434", "0800223800000080000092000000"])
def test_work_on_what_could_begin_a_payment_message_everywhere(unit: str) -> None:
    work(unit)


def test_a_sample_of_declarations(tmp_path: Path) -> None:
    tried(40)(given(YAML)(lambda declared: declarations(declared, tmp_path / "recognizers.yaml")))()


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_for_ten_minutes(tmp_path: Path) -> None:
    """All targets in turn, every round with another seed, until the time is up."""
    targets = dict(TARGETS, declarations=(YAML, lambda declared: declarations(declared, tmp_path / "r.yaml"), 40))
    until = time.monotonic() + FUZZ_S
    for round_number in itertools.count(int(time.time())):
        for strategy, target, examples in targets.values():
            if time.monotonic() > until:
                return
            once = settings(tried(examples * 5), max_examples=examples * 5, derandomize=False)
            seed(round_number)(once(given(strategy)(target)))()
