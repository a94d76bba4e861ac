"""The built-in scan and Presidio's engine find the same by the same definitions, over the texts of every table."""

from __future__ import annotations

import importlib
import os
import random
from functools import cache
from pathlib import Path

import pytest
from presidio_analyzer import AnalyzerEngine

from opswarden.redaction.engine import Redaction
from opswarden.redaction.presidio import analyzer_engine, find_with
from opswarden.redaction.profile import STRICT
from opswarden.redaction.recognizers.built_in import BUILT_IN
from opswarden.redaction.scanning.overlap import united
from opswarden.redaction.scanning.scan import Scan, Work

SAMPLE = 450
"""Texts that a normal run compares, drawn with a fixed seed; Presidio needs 9 ms of a core for each."""
BATCHES = 6
MIXED = [
    "nothing here, status=200 in 41 ms",
    "",
    "ana@example.com paid with 4111 1111 1111 1111 from 10.1.2.3",
    'customer_name="Jane Doe" phone=+5511987654321 cpf=529.982.247-25 ssn=536-90-4399',
    '{"password":"hunter2","card":{"number":"5555555555554444","cvv":"123"},"iban":"DE89370400440532013000"}',
    "Authorization: Bearer abc123def456ghi7 to postgres://app:hunter2@db/pay with AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0.c2ln and 4111111111111111@example.com",
    "４１１１１１１１１１１１１１１１ ana%40example.com YW5hLnNvdXphQGV4YW1wbGUuY29t 4111\u200b111111111111",
    "olá 👋 titular=João da Silva order_id=4111111111111111 ts=1764000000000",
]


@cache
def table_texts() -> tuple[str, ...]:
    """The texts of every recognizer's table, what must not be found among them."""
    found: list[str] = []
    for path in sorted((Path(__file__).parent / "recognizers").rglob("test_*.py")):
        parts = path.relative_to(Path(__file__).parents[2]).with_suffix("").parts
        module = importlib.import_module(".".join(("opswarden", *parts)))
        found += [row[1] for row in getattr(module, "TABLE", ())]
    return tuple(dict.fromkeys(found))


@pytest.fixture(scope="module")
def strict() -> Redaction:
    """With this profile everything that is found goes."""
    return Redaction(profile=STRICT)


@pytest.fixture(scope="module")
def scan(strict: Redaction) -> Scan:
    return Scan(strict.definitions)


@pytest.fixture(scope="module")
def engine(strict: Redaction) -> AnalyzerEngine:
    return analyzer_engine(strict.definitions)


def _chosen() -> list[str]:
    texts = list(table_texts())
    return texts if os.environ.get("OPSWARDEN_SOAK") else random.Random(3).sample(texts, SAMPLE)


def test_there_is_a_table_for_nearly_everything() -> None:
    assert len(table_texts()) > 3_000


@pytest.mark.parametrize("batch", [pytest.param(None, id="mixed"), *range(BATCHES)])
def test_both_find_the_same(strict: Redaction, scan: Scan, engine: AnalyzerEngine, batch: int | None) -> None:
    texts = MIXED if batch is None else _chosen()[batch::BATCHES]
    disagreed = {}
    for text in texts:
        ours = united(scan.find(text, Work(1_000_000)), strict.is_restorable)
        theirs = find_with(engine, text, strict.definitions)
        if ours != theirs:
            disagreed[text] = (ours, theirs)
    assert disagreed == {}


def test_what_either_finds_is_taken_out(strict: Redaction, engine: AnalyzerEngine) -> None:
    """The engine of ours looks again behind what it has hidden, so it finds no less than one look does."""
    for text in _chosen()[:120]:
        covered = {at for span in strict.analyze(text) for at in range(span.start, span.end)}
        theirs = [span for span in find_with(engine, text, strict.definitions) if span.score >= STRICT.least_score]
        missed = {at for span in theirs for at in range(span.start, span.end)} - covered
        assert not any(text[at].isalnum() for at in missed), text


def test_the_texts_cover_every_entity_type(scan: Scan) -> None:
    found = {span.entity_type for text in (*table_texts(), *MIXED) for span in scan.find(text, Work(1_000_000))}
    assert found == {definition.entity_type for definition in BUILT_IN}
