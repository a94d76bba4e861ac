"""Templates out of masked texts."""

from __future__ import annotations

import time

import pytest

from opswarden.tools.logs.drain import Drain, by_similarity


def grouped(*texts: str, similarity: float = 0.5) -> list[set[str]]:
    numbers, _ = by_similarity(texts, similarity=similarity)
    groups: dict[int, set[str]] = {}
    for text, number in zip(texts, numbers, strict=True):
        groups.setdefault(number, set()).add(text)
    return sorted(groups.values(), key=sorted)


def test_texts_that_differ_in_a_word_share_a_template() -> None:
    numbers, texts = by_similarity(["loaf sold to ana at <*>", "loaf sold to bo at <*>", "loaf sold to cy at <*>"])
    assert numbers == [0, 0, 0]
    assert texts == ["loaf sold to <*> at <*>"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("oven opened", "oven opened twice"),
        ("oven opened", "till opened"),
        ("order taken by the till", "order lost in a storm"),
        ("connection to the mill accepted at <*>", "connection to the mill refused at <*>"),
        ("Started", "Stopped"),
    ],
    ids=["length", "first word", "too different", "trouble", "one word"],
)
def test_texts_that_say_something_else_do_not(one: str, two: str) -> None:
    assert len(grouped(one, two)) == 2


def test_a_strict_similarity_keeps_more_apart() -> None:
    texts = ("loaf sold to ana", "loaf sold by bo")
    assert len(grouped(*texts, similarity=0.5)) == 1
    assert len(grouped(*texts, similarity=0.8)) == 2


def test_what_is_masked_on_both_sides_does_not_make_texts_alike() -> None:
    prefix = "<*> INFO <*> <*> <*> <*> <*>"
    assert len(grouped(f"{prefix} opened the oven", f"{prefix} counted some coins")) == 2
    assert len(grouped(f"{prefix} opened the oven", f"{prefix} opened the till")) == 1
    assert len(grouped("<*> <*>", "<*> <*>")) == 1


def test_an_empty_text_is_a_template_too() -> None:
    assert by_similarity(["", "", "a"]) == ([0, 0, 1], ["", "a"])


def test_a_text_keeps_its_template_when_it_comes_again() -> None:
    drain = Drain()
    first = drain.add("bake <*> loaves")
    drain.add("sell <*> loaves")
    assert drain.add("bake <*> loaves") == first
    assert drain.texts() == ["bake <*> loaves", "sell <*> loaves"]


def test_beyond_the_limits_texts_share_instead_of_growing() -> None:
    drain = Drain(max_children=3, max_templates=4)
    for place in range(50):
        drain.add(f"{chr(97 + place % 26)}{chr(97 + place // 26)} opened")
    assert len(drain.texts()) <= 3 + 4


def test_hostile_texts_do_not_take_for_ever() -> None:
    letters = "abcdefghij"
    texts = [
        "same start " + " ".join(letters[int(digit)] * (place + 1) for place, digit in enumerate(f"{number:05}"))
        for number in range(4_000)
    ]
    begin = time.process_time()
    by_similarity(texts, similarity=1.0)
    assert time.process_time() - begin < 5


def test_line_breaks_stay_where_they_were() -> None:
    first, second = "kind: Secret\n data:\n  frob: one", "kind: Secret data: frob: two"
    assert by_similarity([first, second]) == ([0, 0], ["kind: Secret\n data:\n  frob: <*>"])
    assert by_similarity([" a  b "]) == ([0], ["a  b"])
