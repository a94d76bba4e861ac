"""Templates of a stream of lines."""

from __future__ import annotations

import pyarrow as pa
import pytest

from opswarden.tools.logs import mining
from opswarden.tools.logs.mining import Miner, masked_lines, mine, templates_of


def test_lines_get_the_number_of_their_template() -> None:
    numbers, templates = mine(["sold 3 loaves", "till opened", "sold 4 loaves"])
    assert [templates[number] for number in numbers] == ["sold <*> loaves", "till opened", "sold <*> loaves"]
    assert mine([]) == ([], [])


def test_texts_that_are_finished_alike_are_one() -> None:
    assert templates_of(["open /a/b", "open /c/d"], [1, 2]) == ([0, 0], ["open <*>"])


def test_masked_lines_keep_their_order() -> None:
    assert masked_lines(["b 1", "a 2", "b 3"]) == ["b <*>", "a <*>", "b <*>"]


def test_a_stream_is_counted_batch_by_batch() -> None:
    with Miner() as miner:
        for start in range(0, 100, 10):
            miner.add(pa.array([f"sold {number} loaves" for number in range(start, start + 10)] + ["till opened"]))
        miner.add(pa.array([], pa.string()))
        assert miner.templates() == [("sold <*> loaves", 100), ("till opened", 10)]


def test_memory_is_bounded_and_what_is_forgotten_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mining, "_MAX_KEPT", 10)
    letters = "abcdefghijklmnopqrstuvwxyz"
    with Miner() as miner:
        miner.add(pa.array(["sold a loaf"] * 5))
        for first in letters:
            miner.add(pa.array([f"odd {first}{second} word" for second in letters]))
        assert miner.templates()[0] == ("sold a loaf", 5)
        assert sum(lines for _, lines in miner.templates()) + miner.forgotten == 5 + 26 * 26
        assert miner.forgotten > 600
