"""Counting what is masked."""

from __future__ import annotations

import pytest

from opswarden.evals.redaction_data.entity_names import synonyms
from opswarden.evals.redaction_data.labelled import Label
from opswarden.evals.scoring.redaction import (
    PER_MILLION,
    Counts,
    estimates,
    is_covered,
    missed_and_wrong,
    score_labelled,
    total,
)
from opswarden.redaction.types import Span

TEXT = "Zoe pays\n4111-1111 at shop.example"
LABELS = (Label("PERSON", 0, 3), Label("CREDIT_CARD", 9, 18), Label("DOMAIN_NAME", 22, 34))
EXPECTED = frozenset({"PERSON", "CREDIT_CARD"})


def span(start: int, end: int, entity_type: str) -> Span:
    return Span(start, end, entity_type, 0.9)


COVER: list[tuple[str, list[Span], bool]] = [
    ("nothing found", [], False),
    ("the whole value", [span(9, 18, "X")], True),
    ("two spans beside each other, the dash between them free", [span(9, 13, "X"), span(14, 18, "Y")], True),
    ("the last digit shows", [span(9, 17, "X")], False),
    ("more than the value", [span(0, 34, "X")], True),
]


@pytest.mark.parametrize(("spans", "expected"), [row[1:] for row in COVER], ids=[row[0] for row in COVER])
def test_covered_means_every_letter_and_digit(spans: list[Span], expected: bool) -> None:
    assert is_covered(TEXT, 9, 18, spans) is expected


ROWS: list[tuple[str, list[Span], dict[str, tuple[int, int]]]] = [
    (
        "nothing found is missed, and both lines leak",
        [],
        {"recall": (0, 3), "full_cover": (0, 3), "full_cover.expected": (0, 2), PER_MILLION: (2, 2)},
    ),
    (
        "all found under the right names",
        [span(0, 3, "PERSON"), span(9, 18, "CREDIT_CARD"), span(22, 34, "URL")],
        {"recall": (3, 3), "precision": (3, 3), "recall.DOMAIN_NAME": (1, 1), PER_MILLION: (0, 2)},
    ),
    (
        "masked under another name is covered, and not recognised",
        [span(9, 18, "PHONE_NUMBER")],
        {"recall.CREDIT_CARD": (0, 1), "full_cover.CREDIT_CARD": (1, 1), "precision.PHONE_NUMBER": (0, 1)},
    ),
    (
        "a part of it is recognised, and not covered",
        [span(9, 13, "CREDIT_CARD")],
        {"recall.CREDIT_CARD": (1, 1), "full_cover.CREDIT_CARD": (0, 1), "precision.CREDIT_CARD": (1, 1)},
    ),
    (
        "a word that nobody labelled is wrongly masked",
        [span(4, 8, "PERSON")],
        {"precision.PERSON": (0, 1), "masked_wrongly.tokens": (1, 2), "masked_wrongly.characters": (4, 6)},
    ),
]


@pytest.mark.parametrize(("spans", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_counts_of_a_labelled_text(spans: list[Span], expected: dict[str, tuple[int, int]]) -> None:
    counts = score_labelled(TEXT, LABELS, spans, EXPECTED)
    assert {name: counts.get(name) for name in expected} == expected


def test_what_a_person_is_told_has_places_and_no_text() -> None:
    missed, wrong = missed_and_wrong(TEXT, LABELS, [span(4, 8, "PERSON"), span(9, 18, "CREDIT_CARD")])
    assert missed == [
        {"entity_type": "PERSON", "start": 0, "end": 3},
        {"entity_type": "DOMAIN_NAME", "start": 22, "end": 34},
    ]
    assert wrong == [{"entity_type": "PERSON", "start": 4, "end": 8}]


def test_figures_are_over_what_was_counted_and_not_over_texts() -> None:
    rows: list[Counts] = [{"recall": (1, 1)}, {"recall": (0, 9)}]
    assert total(rows) == {"recall": (1, 10)}
    figure = estimates(rows, seed=0)["recall"]
    assert (figure.value, figure.n) == (0.1, 10)
    assert 0 < figure.low < 0.1 < figure.high < 0.5


def test_f1_lies_in_its_interval_and_follows_from_the_seed() -> None:
    rows: list[Counts] = [{"recall.A": (n % 2, 1), "precision.A": (1, 1 + n % 3)} for n in range(40)]
    figure = estimates(rows, seed=1)["f1.A"]
    recall, precision = 20 / 40, 40 / sum(1 + n % 3 for n in range(40))
    assert figure.value == pytest.approx(2 * recall * precision / (recall + precision))
    assert figure.low < figure.value < figure.high
    assert estimates(rows, seed=1)["f1.A"] == figure


def test_leaks_are_scaled_to_a_million_lines() -> None:
    figure = estimates([{PER_MILLION: (1, 1_000)}], seed=0)[PER_MILLION]
    assert (figure.value, figure.n) == (1_000.0, 1_000)
    assert figure.low < 1_000 < figure.high


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("DOMAIN_NAME", "URL", True),
        ("GPE", "LOCATION", True),
        ("STREET_ADDRESS", "GPE", False),
        ("US_SSN", "US_ITIN", False),
        ("MARS_ID", "MARS_ID", True),
    ],
)
def test_names_that_mean_the_same(one: str, other: str, same: bool) -> None:
    assert (other in synonyms(one)) is same
    assert (one in synonyms(other)) is same
