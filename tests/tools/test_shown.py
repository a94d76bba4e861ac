"""Clean texts on one line or in paragraphs, and cuts that leave placeholders whole."""

from __future__ import annotations

import re
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from opswarden.core.tokens import estimate_tokens
from opswarden.tools.shown import as_shown, flat, in_paragraphs, shortened
from opswarden.tools.spec import DerivedText, OneLine, OutsideText, Paragraphs

PROSE = "the baker opened the oven and looked at the bread while it rose slowly "
MARKS = ("<EMAIL_ADDRESS_1·k3f9>", "<SECRET·k3f9>", "<PHONE_NUMBER>", "[text withheld: too-large]")
JOIN = f"<EMAIL_ADDRESS·j{'a' * 26}>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  plain  ", "plain"),
        ("a\nb\tc\x00d\x1b[31m", "a b c d [31m"),
        ("brød \u2028 og smør", "brød og smør"),
    ],
)
def test_on_one_line(text: str, shown: str) -> None:
    assert flat(text) == shown


@given(st.integers(0, 400), st.sampled_from([*MARKS, JOIN]), st.integers(8, 90), st.sampled_from(["", " ", "x"]))
def test_no_cut_goes_through_a_placeholder(before: int, mark: str, limit: int, glue: str) -> None:
    text = f"{(PROSE * 8)[:before]}{glue}{mark}{glue}{mark}{PROSE * 8}{mark}{(PROSE * 8)[:before]}"
    cut = shortened(text, limit, " ")
    inside = re.sub(r"\[… \d+ characters left out …\]", "", cut).replace(mark, "")
    assert not any(sign in inside for sign in "<>[]·")
    assert estimate_tokens(cut) <= limit + 24


@given(st.text(max_size=2_000), st.integers(1, 300))
def test_what_is_left_is_head_and_tail_of_the_text(text: str, limit: int) -> None:
    head, _, tail = re.sub(r"\s?\[… \d+ characters left out …\]\s?", "\x00", shortened(text, limit)).partition("\x00")
    assert head.strip() in text
    assert tail.strip() in text
    assert estimate_tokens(head + tail) <= max(limit, 8) + 16


def test_a_cut_lies_between_words() -> None:
    head, _, tail = shortened(PROSE * 40, 50, " ").partition(" [… ")
    assert set(head.split()) <= set(PROSE.split())
    assert set(tail.partition("…] ")[2].split()) <= set(PROSE.split())


def test_a_document_is_cut_between_paragraphs() -> None:
    text = "\n\n".join(f"# Part {place}\nwrite to {MARKS[0]}" for place in range(200))
    shown = in_paragraphs(text, 120)
    assert shown.startswith("# Part 0\n")
    assert shown.endswith(f"# Part 199\nwrite to {MARKS[0]}")
    assert shown.count("·") == shown.count(MARKS[0])
    assert estimate_tokens(shown) < 150
    assert in_paragraphs("# Short\n\ntext", 60) == "# Short\n\ntext"
    assert estimate_tokens(in_paragraphs("word " * 4_000, 120)) < 150


class Inner(BaseModel):
    name: Annotated[OutsideText, OneLine(10)]
    body: Annotated[OutsideText, OneLine(100, together=200)]
    why: Annotated[OutsideText, OneLine(10)] | None = None
    tags: dict[Annotated[str, OneLine(10)], Annotated[OutsideText, OneLine(10)]] = {}


class Outer(BaseModel):
    rows: tuple[Inner, ...]
    names: tuple[Annotated[DerivedText, OneLine(10)], ...] = ()
    plain: OutsideText = ""
    document: Annotated[OutsideText, Paragraphs(30)] = ""


def _shown(**fields: object) -> Outer:
    return Outer.model_validate(as_shown(Outer.model_validate({"rows": [], **fields}).model_dump(mode="json"), Outer))


def test_every_text_gets_the_form_that_its_field_declares() -> None:
    row = {"name": "a\nb", "body": "c\td", "why": "e\nf", "tags": {"g\nh": "i\nj", "g\th": "k"}}
    shown = _shown(rows=[row], names=["l\nm"], plain="n\no", document="p\n\nq")
    assert shown.rows[0] == Inner(name="a b", body="c d", why="e f", tags={"g h": "i j", "g h (2)": "k"})
    assert (shown.names, shown.plain, shown.document) == (("l m",), "n\no", "p\n\nq")


def test_texts_of_one_field_share_their_room() -> None:
    few = _shown(rows=[{"name": "x", "body": PROSE * 20}])
    many = _shown(rows=[{"name": "x", "body": PROSE * 20}] * 9 + [{"name": "x", "body": "short"}])
    assert 80 < estimate_tokens(few.rows[0].body) < 120
    assert sum(estimate_tokens(row.body) for row in many.rows) < 200 + 9 * 16
    assert many.rows[-1].body == "short"


def test_a_cut_that_saves_nothing_is_not_made() -> None:
    name = "n" * 80
    assert _shown(names=[name, "n" * 800]).names[0] == name
    assert estimate_tokens(_shown(names=["n" * 800]).names[0]) < 30


def test_a_model_without_forms_is_left_alone() -> None:
    class Bare(BaseModel):
        text: str

    assert as_shown({"text": "a\nb"}, Bare) == {"text": "a\nb"}
    assert as_shown(None, Outer) is None


def test_no_text_steers_a_terminal_and_no_two_halves_become_one() -> None:
    class Lines(BaseModel):
        texts: list[OutsideText]
        tags: dict[str, str]

    dirty = {"texts": ["\x1b[31mred\x07", "ab\x00cd", "safe\revil", "a\r\nb\tc"], "tags": {"k\x1b": "v\x9b"}}
    assert as_shown(dirty, Lines) == {
        "texts": ["\ufffd[31mred\ufffd", "ab\ufffdcd", "safe\ufffdevil", "a\r\nb\tc"],
        "tags": {"k\ufffd": "v\ufffd"},
    }
