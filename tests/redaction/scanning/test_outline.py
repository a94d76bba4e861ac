"""What is found in the outline of a text is what an expression finds in the text itself."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from opswarden.redaction.scanning.outline import outline, places, runs_of_figures, windows

ALPHABET = "abZA09 .,-/_\t\n:;é٣#"


def _texts(count: int, length: int) -> list[str]:
    rng = random.Random(11)
    return ["".join(rng.choice(ALPHABET) for _ in range(rng.randrange(length))) for _ in range(count)]


def test_one_byte_for_each_character() -> None:
    assert outline("Ana 7,5-\n_\té٣") == b"Aaa 0,0-\n_\t??"


def test_places_overlap() -> None:
    assert list(places(b"0000", b"00")) == [0, 1, 2]


@pytest.mark.parametrize("least", [1, 3, 7])
def test_runs_are_those_of_the_expression(least: int) -> None:
    expression = re.compile(rf"[0-9](?:[ \t.\-/_]?[0-9]){{{least - 1},}}+")
    for text in (*_texts(400, 60), *(" ".join(["12-3", "4.5"] * 9), "", "7", "-7-", "1" * 30)):
        expected = [match.span() for match in expression.finditer(text)]
        assert runs_of_figures(outline(text), b" \t.-/_", least) == expected


def test_windows_cover_every_sign_and_stay_apart() -> None:
    for text in _texts(300, 80):
        outlined = outline(text)
        found = windows(outlined, (b"a A", b"00"), 3, 5)
        assert all(0 <= first < last <= len(text) for first, last in found)
        assert all(before[1] < after[0] for before, after in pairwise(found))
        for sign in (b"a A", b"00"):
            for at in places(outlined, sign):
                assert any(first <= max(0, at - 3) and min(len(text), at + 5) <= last for first, last in found)
