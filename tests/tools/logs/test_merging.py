"""Which texts are one statement with a value in it, and which are several statements."""

from __future__ import annotations

import time

import pytest

from opswarden.tools.logs.merging import merged

NAMES = ("ana", "bo", "cy", "dana", "emil", "fay", "gus", "hal", "ida", "jon", "kai", "lea")


def grouped(*texts: str) -> list[list[str]]:
    numbers, _ = merged(texts)
    groups: dict[int, list[str]] = {}
    for text, number in zip(texts, numbers, strict=True):
        groups.setdefault(number, []).append(text)
    return list(groups.values())


@pytest.mark.parametrize(
    ("texts", "template"),
    [
        ([f"loaf sold at {name} today" for name in NAMES[:5]], "loaf sold at <*> today"),
        ([f"loaf sold to user {name}" for name in NAMES[:2]], "loaf sold to user <*>"),
        ([f"door opened for {name} at <*>" for name in NAMES[:2]], "door opened for <*> at <*>"),
        ([f"moved tray shelf_{name} out" for name in NAMES[:4]], "moved tray <*> out"),
        (["tray put on shelf-<*> now", "tray put on floor now"], "tray put on <*> now"),
        (["tray put on shelf-<*> now", "tray put on rack<*> now"], "tray put on <*> now"),
        (["oven state=hot again", "oven state=cold again"], "oven state=<*> again"),
        ([f"{name} took a loaf" for name in NAMES], "<*> took a loaf"),
    ],
    ids=["five words", "user", "for", "names", "a value", "two values", "key", "twelve at the start"],
)
def test_values_share_a_template(texts: list[str], template: str) -> None:
    numbers, templates = merged(texts)
    assert set(numbers) == {0}
    assert templates == [template]


@pytest.mark.parametrize(
    "texts",
    [
        ["oven was started again", "oven was stopped again", "oven was paused again", "oven was resumed again"],
        ["till opened", "till closed"],
        [f"{name} took a loaf" for name in NAMES[:11]],
        ["clear()", "flush()", "reset()", "start()", "stop()", "init()"],
        ["<*> started", "<*> stopped"],
        ["connection to the mill accepted at <*>", "connection to the mill refused at <*>"],
        ["oven said SteamException at <*>", "oven said WaterException at <*>", "oven said <*> at <*>"],
        ["bread: ready", "bread; ready"],
        ["one loaf", "one loaf more"],
    ],
    ids=[
        "choice",
        "two words",
        "eleven at the start",
        "calls",
        "nothing else",
        "trouble",
        "classes",
        "marks",
        "length",
    ],
)
def test_statements_stay_apart(texts: list[str]) -> None:
    assert len(grouped(*texts)) == len(texts)


def test_two_values_in_a_line_are_found_one_after_the_other() -> None:
    texts = [f"loaf sold by user {one} to user {two}" for one in NAMES[:4] for two in NAMES[:4]]
    assert merged(texts)[1] == ["loaf sold by user <*> to user <*>"]


def test_names_that_vary_together_are_found_together() -> None:
    texts = [f"use of bread.{name} is old, use loaf.{name} for it" for name in NAMES[:4]]
    assert merged(texts)[1] == ["use of <*> is old, use <*> for it"]
    assert len(grouped(*texts[:3])) == 3


def test_a_part_that_never_varies_stays() -> None:
    assert merged(["from bread-<*> to rack-<*>", "from bread-<*> to till-<*>"])[1] == ["from bread-<*> to <*>"]


def test_line_breaks_stay_where_they_were() -> None:
    assert merged(["kind: Loaf\n data:\n  user ana", "kind: Loaf data: user bo"])[1] == [
        "kind: Loaf\n data:\n  user <*>"
    ]


def test_no_text_and_the_empty_text() -> None:
    assert merged([]) == ([], [])
    assert merged(["", "a"]) == ([0, 1], ["", "a"])


def test_prose_is_brought_together_by_likeness() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    texts = [f"we think the loaf {a}{b} tastes {b}{a} today" for a in letters for b in letters]
    assert len(merged(texts)[1]) < 30


def test_hostile_texts_do_not_take_for_ever() -> None:
    letters = "abcdefghij"
    texts = [
        "same start " + " ".join(letters[int(digit)] * (place + 1) for place, digit in enumerate(f"{number:05}"))
        for number in range(10_000)
    ]
    begin = time.process_time()
    merged(texts)
    assert time.process_time() - begin < 10
