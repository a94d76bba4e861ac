"""Whatever comes: cleaning twice is cleaning once, offsets lie inside, nothing that overlaps is lost."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cpf

from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.profile import STRICT
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.scanning.scan import Scan, Work
from opswarden.redaction.types import Span
from opswarden.tests.redaction.disguises import FORMATS
from opswarden.tests.redaction.effort import LONG, tried
from opswarden.tests.redaction.pieces import LONG_TEXTS, PROSE, TEXTS
from opswarden.tests.redaction.planting import KINDS, plant

REDACTION = Redaction()
SMALL = Redaction(size_limit_bytes=10_000)
"""Its pieces are small, so that short texts have many seams."""


def _run() -> RunRedactor:
    return REDACTION.for_run("run_1", vault=MemoryVault(b"fixed for the tests, 32 bytes ok"))


def _with_nonce(text: str) -> str:
    return text.replace("{NONCE}", MemoryVault(b"fixed for the tests, 32 bytes ok").nonce("run_1"))


@tried(150)
@given(st.one_of(TEXTS, LONG_TEXTS))
def test_cleaning_cleaned_text_changes_nothing(text: str) -> None:
    run = _run()
    cleaned = run.clean(_with_nonce(text)).text
    again = run.clean_ours(cleaned)
    assert again.text == cleaned
    assert again.spans == ()


@tried(150)
@given(TEXTS)
def test_cleaning_our_own_text_twice_changes_nothing(text: str) -> None:
    run = _run()
    run.text("ana@example.com")  # so that one placeholder is known
    once = run.clean_ours(_with_nonce(text)).text
    assert run.clean_ours(once).text == once


@tried(150)
@given(st.one_of(TEXTS, LONG_TEXTS))
def test_scrubbing_twice_changes_nothing(text: str) -> None:
    once = REDACTION.scrub(text)
    assert REDACTION.scrub(once) == once


@tried(100)
@given(TEXTS)
def test_spans_are_sorted_apart_and_inside(text: str) -> None:
    end = 0
    for span in REDACTION.analyze(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@tried(100)
@given(TEXTS)
def test_the_text_around_the_spans_is_kept(text: str) -> None:
    spans = REDACTION.analyze(text)
    cleaned = _run().clean(text)
    assert cleaned.spans == spans
    if "·" not in text and "b7" not in text.lower() and "&" not in text:
        at = 0
        for start, end in zip(
            [0, *(span.end for span in spans)], [*(span.start for span in spans), len(text)], strict=True
        ):
            assert text[start:end] in cleaned.text[at:]
            at = cleaned.text.index(text[start:end], at) + end - start


@tried(80)
@given(st.one_of(TEXTS, st.lists(PROSE, min_size=1, max_size=4).map("\n".join)))
def test_what_any_recognizer_finds_is_covered(text: str) -> None:
    """No overlap is lost: each hit of each recognizer that counts lies within the united spans."""
    for engine, least in ((REDACTION, 0.4), (STRICT_REDACTION, STRICT.least_score)):
        covered = bytearray(len(text))
        for span in engine.analyze(text):
            covered[span.start : span.end] = b"\x01" * (span.end - span.start)
        for hit in SCANS[engine].find(text, Work(1_000_000)):
            if hit.score >= least:
                missed = [at for at in range(hit.start, hit.end) if not covered[at] and text[at].isalnum()]
                assert missed == [], hit


STRICT_REDACTION = Redaction(profile=STRICT)
SCANS = {engine: Scan(engine.definitions) for engine in (REDACTION, STRICT_REDACTION)}


def _lines(rng: random.Random) -> Iterator[str]:
    """Log lines, some of them long, with values of all kinds, some of them over several lines."""
    kinds, wraps = list(KINDS), list(FORMATS)
    while True:
        kind = rng.choice(kinds)
        planted = plant(kind, rng.randrange(10_000))
        yield FORMATS[rng.choice(wraps)](planted.key, planted.value) + "\n"
        yield rng.choice(("", "\n", "worker 7 took 341 ms status=200\n", "many words and no line break " * 30 + "\n"))


def _text(seed: int, size: int) -> str:
    length, parts = 0, []
    for line in _lines(random.Random(seed)):
        parts.append(line)
        length += len(line)
        if length >= size:
            return "".join(parts)
    raise AssertionError("unreachable")


def _blocks(text: str, rng: random.Random) -> Iterator[str]:
    at = 0
    while at < len(text):
        size = rng.choice((1, 7, 333, 4096, 70_000))
        yield text[at : at + size]
        at += size


def _streamed(engine: Redaction, blocks: Iterator[str]) -> tuple[str, tuple[Span, ...]]:
    found = list(engine.scrub_stream(blocks))
    return "".join(text for text, _ in found), tuple(span for _, spans in found for span in spans)


@pytest.mark.parametrize("seed", range(100 if LONG else 6))
def test_a_stream_is_read_as_the_whole(seed: int) -> None:
    text = _text(seed, 40_000)
    cleaned, spans = _streamed(SMALL, _blocks(text, random.Random(seed)))
    assert spans == REDACTION.analyze(text)
    assert cleaned == REDACTION.scrub(text)


@tried(40)
@given(st.lists(TEXTS, min_size=1, max_size=6), st.integers(0, 1_000))
def test_a_stream_of_anything_is_read_as_the_whole(parts: list[str], seed: int) -> None:
    filler = "2026-11-23T19:47:41.123Z INFO payments-api status=200 latency_ms=41 retries=0 pool=main\n" * 30
    text = filler.join(f"{part}\n" for part in parts)[:9_000]
    cleaned, spans = _streamed(SMALL, _blocks(text, random.Random(seed)))
    assert cleaned == SMALL.scrub(text)
    # Markers that stand there already are left alone by a scrubbing, and are words like others to an analysis.
    assert spans == SMALL.analyze(text) or "<" in text


@tried(80)
@given(st.lists(st.tuples(st.sampled_from(list(KINDS)), PROSE), min_size=1, max_size=6), st.integers(0, 10_000))
def test_the_same_value_gets_the_same_placeholder(rows: list[tuple[str, str]], seed: int) -> None:
    run = _run()
    texts = [f"{prose} | {plant(kind, seed).value} | {prose}" for kind, prose in rows]
    first = [run.text(text) for text in texts]
    assert [run.text(text) for text in texts] == first


@tried(60)
@given(st.integers(100_000_000, 999_999_999), st.sampled_from(["cpf", "customerCpf", "documento"]))
def test_json_numbers_under_telling_keys(body: int, key: str) -> None:
    number = str(body) + cpf._calc_check_digits(str(body))
    cleaned = _run().value({"rows": [{key: number}, {key: int(number)}]})
    assert number not in str(cleaned) or len(set(number)) == 1


@pytest.mark.parametrize("text", ["customer_name=<PERSON_1·{NONCE}> Doe", "cpf <BR_CPF_1·{NONCE}> 52998224725"])
def test_placeholders_are_no_context(text: str) -> None:
    run = _run()
    cleaned = run.clean_ours(_with_nonce(text)).text
    assert run.clean_ours(cleaned).text == cleaned


@pytest.mark.parametrize("text", [":50K:<PERSON_1·abcd>", "remittance_info=<PERSON_1·abcd>", ":59:< person_1 · ABCD >"])
def test_foreign_placeholders_are_read_alike_with_and_without_their_brackets(text: str) -> None:
    run = _run()
    once = run.clean_ours(text).text
    assert run.clean_ours(once).text == once
    assert run.restore(once, REDACTION.entity_types) == once


def test_a_long_value_keeps_no_word_out_of_reach() -> None:
    """Hidden, 32 characters are one, and the word in front of them comes near the number behind them."""
    insert = "INSERT INTO payers (id, id_card, state) VALUES (7, 'ZGF0YTogMTEwMTA1MTk2MDAzMTI1ODU0', 'ok')"
    once = REDACTION.scrub(f'["{insert}", 1000000]')
    assert "ZGF0" not in once
    assert REDACTION.scrub(once) == once


def test_a_name_with_a_space_hides_no_cookie() -> None:
    once = REDACTION.scrub("Cookie:<payment><customer_name>Wobgwebnuv Zuqtiqdwo</customer_name></payment>")
    assert "Wobg" not in once
    assert REDACTION.scrub(once) == once


def test_a_placeholder_in_the_place_of_a_key_is_no_key() -> None:
    run = _run()
    cleaned = run.value({"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.": -243507554608})
    assert isinstance(cleaned, dict)
    assert list(cleaned.values()) == [-243507554608]
    assert run.value_ours(cleaned) == cleaned


@pytest.mark.parametrize(("first", "second"), [*itertools.combinations(("jwt", "card visa", "email", "cpf", "dsn"), 2)])
def test_values_glued_to_each_other(first: str, second: str) -> None:
    for glue in ("", ",", "/", ":", "@", "_"):
        text = f"{plant(first, 0).value}{glue}{plant(second, 0).value}"
        once = REDACTION.scrub(text)
        assert REDACTION.scrub(once) == once
        for kind in (first, second):
            # Glued by letters it is another word, and a bare number between slashes is a piece of a path.
            if glue in {",", ":"}:
                assert plant(kind, 0).value not in once
