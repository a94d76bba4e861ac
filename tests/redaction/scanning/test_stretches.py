"""Which lines are looked at again once something in them is hidden."""

from __future__ import annotations

import pytest

from opswarden.redaction.scanning.stretches import brings_near, is_settled
from opswarden.redaction.types import Span

LONG = "x" * 40


def _span(text: str, value: str) -> Span:
    start = text.index(value)
    return Span(start, start + len(value), "IP_ADDRESS", 0.9)


def _is_taxing(text: str) -> bool:
    return "tax" in text


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        (f"tax {LONG} from 192.0.2.117 to 529982247", True),
        (f"tax {LONG} from 192.0.2.117 to 5299", False),
        (f"tax {LONG} from 192.0.2.117\n529982247", False),
        (f"sum {LONG} from 192.0.2.117 to 529982247", False),
        (f"tax {LONG} {LONG} from 192.0.2.117 to 529982247", False),
        (f"tax {LONG}\n{LONG} 192.0.2.117 to 529982247", False),
        (f"card {'x' * 12} 192.0.2.117 529982247", True),
    ],
    ids=[
        "a word comes within reach of a number",
        "four digits are no number",
        "a number of the next line has words of its own",
        "a word that says nothing",
        "a word that stays out of reach",
        "a word of the line before",
        "a word for a card has a shorter way",
    ],
)
def test_figures_bring_words_near(text: str, is_near: bool) -> None:
    assert brings_near(text, _span(text, "192.0.2.117"), (), _is_taxing) is is_near


def test_a_name_before_a_number_always_matters() -> None:
    text = "for ana@example.org 529982247"
    assert brings_near(text, _span(text, "ana@example.org"), (), lambda _: False)


def test_a_number_that_is_hidden_needs_no_words_nor_do_the_figures_left_of_it() -> None:
    text = "for ana@example.org at node-41/192.0.2.117:90"
    assert brings_near(text, _span(text, "ana@example.org"))
    assert not brings_near(text, _span(text, "ana@example.org"), (_span(text, "192.0.2.117"),))


@pytest.mark.parametrize(
    ("text", "value", "settled"),
    [
        ("from 192.0.2.117 port 22", "192.0.2.117", True),
        ('customer_name="Ana Souza" amount=1', "Ana Souza", True),
        ("customer_name=Ana Souza amount=1", "Ana Souza", False),
        ("at 192.0.2.117x", "192.0.2.117", False),
        ("from order@example.org port 22", "order@example.org", False),
    ],
)
def test_what_is_settled(text: str, value: str, settled: bool) -> None:
    assert is_settled(text, _span(text, value)) is settled
