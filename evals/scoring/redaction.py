"""Scores what a redaction masks: of labelled texts, of lines with one planted value, of lines with nothing to mask.

Everything is counted (so many of so many), because a figure is over entities and not over texts. A value is covered
when every letter and digit of it is masked, under whatever name; it is recognised when something of the right type
overlaps it, which is how published figures of Presidio are computed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

import numpy as np

from ...redaction.types import Span
from ..redaction_data.entity_names import synonyms
from ..redaction_data.labelled import Label
from ..suite import Estimate, Metric, Suite
from .intervals import DEFAULT_RESAMPLES, wilson

Counts: TypeAlias = Mapping[str, tuple[int, int]]
"""Per figure: how many of how many."""

PASSES_BY_POLICY = "passes by policy: "
"""Begins the note that names labelled entity types which are not meant to be masked."""
PER_MILLION = "leaks_per_million_lines"
_F1 = "f1"
_WORD = re.compile(r"\S+")

SUITE = Suite(
    name="redaction",
    description="mask personal data and secrets, and nothing else: labelled data, planted values, logs",
    metrics=(
        Metric(name="recall.X", kind="proportion", description="labelled X: something of that type overlaps"),
        Metric(name="full_cover.X", kind="proportion", description="labelled X: every letter and digit is masked"),
        Metric(name="precision.X", kind="proportion", description="masked as X: there is a labelled X"),
        Metric(name="f1.X", kind="mean", description="harmonic mean of recall.X and precision.X"),
        Metric(name="full_cover.expected", kind="proportion", description="the same over all types meant to be masked"),
        Metric(name="recall.X.P", kind="proportion", description="planted X under P (unseen_keys, …): fully masked"),
        Metric(name="recall_in.F", kind="proportion", description="under telling keys in format F: fully masked"),
        Metric(
            name="masked_wrongly.characters",
            kind="proportion",
            description="letters and digits that are not labelled and masked; lower is better",
            lower_is_better=True,
        ),
        Metric(
            name="masked_wrongly.tokens",
            kind="proportion",
            description="words or diagnostic tokens that are not labelled and masked; lower is better",
            lower_is_better=True,
        ),
        Metric(
            name="masked_wrongly.lines",
            kind="proportion",
            description="lines with nothing to mask of which something is masked; lower is better",
            lower_is_better=True,
        ),
        Metric(
            name=PER_MILLION,
            kind="mean",
            description="lines out of a million that let a value through",
            lower_is_better=True,
        ),
    ),
)


def is_covered(text: str, start: int, end: int, spans: Iterable[Span]) -> bool:
    """Whether every letter and digit of `text[start:end]` lies in a span."""
    masked = _mask(len(text), ((span.start, span.end) for span in spans))
    return all(masked[place] or not text[place].isalnum() for place in range(start, end))


def is_touched(start: int, end: int, spans: Iterable[Span]) -> bool:
    """Whether a span lies over a part of [start, end)."""
    return any(span.start < end and start < span.end for span in spans)


def score_labelled(text: str, labels: Sequence[Label], spans: Sequence[Span], expected: frozenset[str]) -> Counts:
    """The counts of one labelled text.

    Args:
        text: the whole of it.
        labels: everything personal in it.
        spans: what was found, overlapping as it may.
        expected: entity types of labels that are meant to be masked; a line leaks when one of these is not covered.
    """
    counts: dict[str, list[int]] = {}
    leaking: set[int] = set()
    line_of = list(accumulate(text, lambda line, character: line + (character == "\n"), initial=0))
    for label in labels:
        is_whole = is_covered(text, label.start, label.end, spans)
        names = synonyms(label.entity_type)
        is_found = any(span.entity_type in names for span in spans if is_touched(label.start, label.end, (span,)))
        for suffix in (f".{label.entity_type}", "", *((".expected",) if label.entity_type in expected else ())):
            _add(counts, f"recall{suffix}", is_found)
            _add(counts, f"full_cover{suffix}", is_whole)
        if label.entity_type in expected and not is_whole:
            leaking.add(line_of[label.start])
    for span in spans:
        names = synonyms(span.entity_type)
        over = [label for label in labels if is_touched(label.start, label.end, (span,))]
        right = next((label.entity_type for label in over if label.entity_type in names), None)
        _add(counts, f"precision.{right or _label_name(span.entity_type, labels)}", right is not None)
        _add(counts, "precision", right is not None)
    _count_wrong(counts, text, labels, spans)
    counts[PER_MILLION] = [len(leaking), line_of[-1] + 1]
    return {name: (hits, of) for name, (hits, of) in counts.items()}


def missed_and_wrong(
    text: str, labels: Sequence[Label], spans: Sequence[Span]
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Labels not covered, and spans over no label: types and places, never what stands there."""
    missed: list[dict[str, object]] = [
        {"entity_type": label.entity_type, "start": label.start, "end": label.end}
        for label in labels
        if not is_covered(text, label.start, label.end, spans)
    ]
    wrong: list[dict[str, object]] = [
        {"entity_type": span.entity_type, "start": span.start, "end": span.end}
        for span in spans
        if not any(is_touched(label.start, label.end, (span,)) for label in labels)
    ]
    return missed, wrong


def total(rows: Iterable[Counts]) -> Counts:
    """All counts added up."""
    hits: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for row in rows:
        for name, (some, all_of) in row.items():
            hits[name] += some
            of[name] += all_of
    return {name: (hits[name], of[name]) for name in of}


def estimates(rows: Sequence[Counts], *, seed: int) -> dict[str, Estimate]:
    """Every figure of some cases with its interval, F1 where there are recall and precision.

    Shares have Wilson's interval over what was counted; F1 a bootstrap over the cases.
    """
    found: dict[str, Estimate] = {}
    for name, (hits, of) in sorted(total(rows).items()):
        if not of:
            continue
        low, high = wilson(hits, of)
        scale = 1_000_000 if name == PER_MILLION else 1
        found[name] = Estimate(value=hits / of * scale, low=low * scale, high=high * scale, n=of)
    for name in [name for name in found if name.partition(".")[0] == "recall"]:
        suffix = name.removeprefix("recall")
        if f"precision{suffix}" in found:
            found[f"{_F1}{suffix}"] = _f1(rows, suffix, seed)
    return dict(sorted(found.items()))


def _f1(rows: Sequence[Counts], suffix: str, seed: int) -> Estimate:
    nothing = (0, 0)
    table = np.array(
        [[*row.get(f"recall{suffix}", nothing), *row.get(f"precision{suffix}", nothing)] for row in rows], dtype=float
    )
    table = table[table.any(axis=1)]
    whole = float(_harmonic(table.sum(axis=0, keepdims=True))[0])
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(table), np.full(len(table), 1 / len(table)), size=DEFAULT_RESAMPLES)
    low, high = np.quantile(_harmonic(weights.astype(np.float64) @ table), (0.025, 0.975))
    # Resampling cannot show what was never seen.
    if low == high:
        low, high = wilson(min(whole, 1.0) * len(table), len(table))
    return Estimate(value=whole, low=min(float(low), whole), high=max(float(high), whole), n=int(table[:, 1].sum()))


def _harmonic(
    sums: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    recall = sums[:, 0] / np.maximum(sums[:, 1], 1)
    precision = sums[:, 2] / np.maximum(sums[:, 3], 1)
    both = recall + precision
    return np.divide(2 * recall * precision, both, out=np.zeros_like(both), where=both > 0)


def _add(counts: dict[str, list[int]], name: str, is_hit: bool) -> None:
    entry = counts.setdefault(name, [0, 0])
    entry[0] += is_hit
    entry[1] += 1


def _label_name(entity_type: str, labels: Sequence[Label]) -> str:
    """The name a finding counts under where nothing of its type is labelled: its own."""
    return next((label.entity_type for label in labels if label.entity_type in synonyms(entity_type)), entity_type)


def _count_wrong(counts: dict[str, list[int]], text: str, labels: Sequence[Label], spans: Sequence[Span]) -> None:
    labelled = _mask(len(text), ((label.start, label.end) for label in labels))
    masked = _mask(len(text), ((span.start, span.end) for span in spans))
    free = [place for place in range(len(text)) if text[place].isalnum() and not labelled[place]]
    counts["masked_wrongly.characters"] = [sum(masked[place] for place in free), len(free)]
    words = [match.span() for match in _WORD.finditer(text) if not any(labelled[match.start() : match.end()])]
    counts["masked_wrongly.tokens"] = [sum(any(masked[start:end]) for start, end in words), len(words)]


def _mask(length: int, ranges: Iterable[tuple[int, int]]) -> bytearray:
    mask = bytearray(length)
    for start, end in ranges:
        mask[start:end] = b"\x01" * (end - start)
    return mask
