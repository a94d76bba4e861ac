"""Texts and lists that are made small without leaving half a secret behind."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from opswarden.core.tokens import estimate_tokens
from opswarden.tools.summary import ends_that_fit, first_that_fit, one_line, paragraphs

PROSE = "the baker opened the oven and looked at the bread while it rose slowly "
CARD = "4111 1111 1111 1111"
MAIL = "ana.maria@bakery.example"


class Item(BaseModel):
    text: str


def items(count: int, size: int = 40) -> list[Item]:
    return [Item(text=f"{place:04}" + "x" * (size - 4)) for place in range(count)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        ("", ""),
        ("  plain  ", "plain"),
        ("a\nb\tc\x00d\x1b[31m", "a b c d [31m"),
        ("brød \u2028 og smør", "brød og smør"),
    ],
)
def test_a_short_text_is_shown_whole_on_one_line(text: str | None, shown: str) -> None:
    assert one_line(text, 50) == shown


def test_of_a_long_text_head_and_tail_are_shown() -> None:
    text = f"first words {PROSE * 40} last words"
    shown = one_line(text, 50)
    assert shown.startswith("first words the baker")
    assert shown.endswith("last words")
    assert estimate_tokens(shown) < 75
    assert re.search(r"… \d+ characters left out …", shown)


@pytest.mark.parametrize("secret", [CARD, MAIL, "password=hunter2", "Ana Maria Lopez", "4111-1111-1111-1111"])
def test_no_cut_goes_through_a_secret(secret: str) -> None:
    for before in range(0, 400, 7):
        text = f"{(PROSE * 8)[:before]} {secret} {PROSE * 8}"
        shown = one_line(text, 30)
        words = secret.split()
        assert secret in shown or not any(word in shown for word in words)


@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from(["", PROSE * 6]))
def test_a_card_number_is_never_split(before: int, after: int, filler: str) -> None:
    text = f"{(PROSE * 6)[:before]} {CARD} {filler} {CARD} {(PROSE * 6)[:after]}"
    shown = one_line(text, 25)
    assert shown.count("1111") % 3 == 0
    assert shown.count("4111") == shown.count(CARD)


def test_a_text_without_seams_stays_whole_or_goes() -> None:
    token = "aB3" * 1_000
    assert one_line(token, 20) == token
    assert one_line(token * 4, 20) == "[… 12000 characters left out …]"


def test_members_of_json_and_frames_of_a_stack_are_seams() -> None:
    body = "{" + ",".join(f'"key{i}":"value {i}A"' for i in range(100)) + "}"
    shown = one_line(body, 40)
    assert shown.startswith('{"key0":"value 0A"')
    assert shown.endswith('"key99":"value 99A"}')
    assert len(shown) < 300
    trace = "Boom: X1\n" + "".join(f"  at shop.Oven{i}.bake(Oven{i}.java:{i})\n" for i in range(100))
    assert len(one_line(trace, 40)) < 300


def test_after_a_masked_value_is_a_seam() -> None:
    text = "Order <*> of Ana: " + "X1Y2 <*>, Z3=<*> " * 100 + "Done"
    shown = one_line(text, 30)
    assert shown.startswith("Order <*> ")
    assert shown.endswith("<*> Done")
    assert len(shown) < 200


def test_of_a_giant_only_the_start_is_read() -> None:
    shown = one_line(PROSE * 10_000 + CARD, 30)
    assert shown.startswith("the baker")
    assert shown.endswith("left out …]")
    assert len(shown) < 200


def test_a_document_is_cut_between_paragraphs() -> None:
    text = "\n\n".join(f"# Part {place}\nkey: {MAIL}" for place in range(200))
    shown = paragraphs(text, 60)
    assert shown.startswith("# Part 0\n")
    assert shown.endswith(f"# Part 199\nkey: {MAIL}")
    assert shown.count("@") == shown.count(MAIL)
    assert estimate_tokens(shown) < 90
    assert paragraphs("# Short\n\ntext", 60) == "# Short\n\ntext"


def test_the_first_entries_that_fit_are_kept() -> None:
    assert first_that_fit(items(3), 1_000) == tuple(items(3))
    kept = first_that_fit(items(100), 100)
    assert kept == tuple(items(100)[: len(kept)])
    assert 3 <= len(kept) <= 8
    assert first_that_fit(items(2, 10_000), 100) == tuple(items(2, 10_000)[:1])
    assert first_that_fit([], 100) == ()


def test_both_ends_that_fit_are_kept_in_order() -> None:
    assert ends_that_fit(items(3), 1_000) == tuple(items(3))
    kept = ends_that_fit(items(100), 200)
    assert kept[0] == items(100)[0]
    assert kept[-1] == items(100)[-1]
    assert list(kept) == sorted(kept, key=lambda item: item.text)
    assert 6 <= len(kept) <= 16
