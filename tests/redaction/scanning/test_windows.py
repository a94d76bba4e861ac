"""Long texts in pieces: a stream is read as the whole is, whatever its blocks, and nothing is lost at a seam."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.scanning.windows import OVERLAP, WINDOW, Source, pieces
from opswarden.redaction.types import Span, TextWithheld

LINES = [
    "2026-03-01T10:00:00Z INFO payouts-api-6f7d9c-abcde took 341 ms status=200\n",
    "2026-03-01T10:00:01Z WARN mail to ana.souza@example.com failed\n",
    "2026-03-01T10:00:02Z INFO card 4111 1111\n1111 1111 was declined\n",
    'customer_name="Zoe Quist" password=hunter2\n',
    "\n",
    "no line break at all but many words " * 40 + "\n",
    "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 30 + "-----END PRIVATE KEY-----\n",
]
SMALL_LIMIT = 10_000


def _text(seed: int, size: int) -> str:
    rng = random.Random(seed)
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(rng.choice(LINES))
        length += len(parts[-1])
    return "".join(parts)


def _blocks(text: str, seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    at = 0
    while at < len(text):
        size = rng.choice((1, 7, 333, 4096, 70_000))
        yield text[at : at + size]
        at += size


@pytest.fixture(scope="module")
def small() -> Redaction:
    """An engine whose pieces are small, so that short texts have many seams."""
    return Redaction(size_limit_bytes=SMALL_LIMIT)


def _streamed(engine: Redaction, blocks: Iterator[str]) -> tuple[str, tuple[Span, ...]]:
    found = list(engine.scrub_stream(blocks))
    return "".join(text for text, _ in found), tuple(span for _, spans in found for span in spans)


@pytest.mark.parametrize("seed", range(12))
def test_a_stream_is_read_as_the_whole(small: Redaction, seed: int) -> None:
    text = _text(seed, 7_000)[:9_900]
    assert _streamed(small, _blocks(text, seed)) == (small.scrub(text), small.analyze(text))


@pytest.mark.parametrize("seed", range(4))
def test_the_blocks_of_a_stream_do_not_matter(small: Redaction, seed: int) -> None:
    text = _text(seed, 60_000)
    assert _streamed(small, _blocks(text, seed)) == _streamed(small, iter([text]))


def test_small_pieces_find_what_one_piece_finds(redaction: Redaction, small: Redaction) -> None:
    text = _text(5, 60_000)
    assert len(text) < WINDOW
    assert _streamed(small, iter([text])) == (redaction.scrub(text), redaction.analyze(text))


def test_what_was_found_is_never_cut(small: Redaction) -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 250 + "-----END PRIVATE KEY-----\n"
    for lead in range(0, 6_000, 517):
        text = "x\n" * (lead // 2) + key + "after\n"
        cleaned, spans = _streamed(small, _blocks(text, lead))
        assert cleaned == "x\n" * (lead // 2) + "<SECRET>\nafter\n"
        assert len(spans) == 1


def test_a_line_over_the_limit_is_withheld(small: Redaction) -> None:
    assert _streamed(small, iter(["a" * SMALL_LIMIT + "\n"]))[0] == "a" * SMALL_LIMIT + "\n"
    with pytest.raises(TextWithheld) as withheld:
        _streamed(small, iter(["fine\n", "a" * SMALL_LIMIT, "a\n"]))
    assert withheld.value.reason == "too-large"


def test_what_came_before_a_withheld_line_is_clean(small: Redaction) -> None:
    seen = ""
    with pytest.raises(TextWithheld):
        for text, _ in small.scrub_stream(iter(["mail ana@example.com\n" * 2_000, "b" * 3 * SMALL_LIMIT])):
            seen += text
    assert seen.startswith("mail <EMAIL_ADDRESS>\n")
    assert "ana@" not in seen


def test_lone_surrogates_in_a_stream_are_withheld(small: Redaction) -> None:
    with pytest.raises(TextWithheld) as withheld:
        _streamed(small, iter(["a\udc80b\n"]))
    assert withheld.value.reason == "undecodable"


def test_memory_stays_constant() -> None:
    def endless() -> Iterator[str]:
        for _ in range(3_000):
            yield "a line of a log that says nothing at all\n" * 100

    tracemalloc.start()
    total = sum(len(piece.text) for piece in pieces(Source(endless(), 8_000_000), lambda *_: ()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 3_000 * 100 * 41
    assert peak < 12 * (WINDOW + OVERLAP)


def test_pieces_give_the_whole_back() -> None:
    text = _text(1, 3 * WINDOW)
    found = list(pieces(Source(_blocks(text, 1), 8_000_000), lambda *_: ()))
    assert "".join(piece.text for piece in found) == text
    assert [piece.start for piece in found] == [sum(len(p.text) for p in found[:n]) for n in range(len(found))]
    assert len(found) > 2


def test_a_header_reaches_over_seams(small: Redaction) -> None:
    rows = "".join(f"{place},Zoe Vask{place:04},ok\n" for place in range(4_000))
    cleaned, spans = _streamed(small, _blocks("id,customer_name,status\n" + rows, 3))
    assert len(spans) == 4_000
    assert "Vask" not in cleaned
    assert cleaned.endswith("3999,<PERSON>,ok\n")


def test_a_header_ends_with_its_table(small: Redaction) -> None:
    rows = "1,Quill,ok\n" * 2_000
    cleaned, _ = _streamed(small, iter(["id,customer_name,status\n" + rows + "\nplain text\n" * 2_000 + rows]))
    assert cleaned.startswith("id,customer_name,status\n1,<PERSON>,ok\n")
    assert cleaned.endswith("1,Quill,ok\n")
