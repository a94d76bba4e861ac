"""A window against a reference: which features did something to the model, which merely moved, what to expect."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .domain import domain_auc
from .effects import Effect, effect, holm
from .harm import Harm, Reference
from .performance import (
    LEAST_ROWS,
    Expectation,
    Performance,
    learn_expectation,
    realised,
)
from .rows import Bins, Codes, Floats, ScoredRows, bins_of

_SURE = 3.0
"""Standard deviations of what chance and the usual wander do; less is no harm."""
_MOST_SEGMENTS = 40
_MOST_UNSEEN = 0.05
"""Of a feature; where more is new, a model's confidence says nothing."""


@dataclass(frozen=True)
class Margins:
    """What counts as harm.

    Args:
        auc: a fall of the area under the curve that people care about.
        unseen: the share of values never seen before from which a feature is told of.
        psi: from where a feature is said to have moved; nobody is alarmed by that alone.
    """

    auc: float = 0.01
    unseen: float = 0.01
    psi: float = 0.1


@dataclass(frozen=True)
class FeatureDrift:
    """One feature.

    Args:
        corrected_p: Holm's, over all features.
        harm: what it does to the model; absent where there are no scores.
        is_alarm: whether a person should look: it harms, or brings values that the model never saw.
        has_moved: its distribution did, whatever that does.
        bin: the values that contribute most to the harm, in words; empty if none does.
    """

    name: str
    effect: Effect
    corrected_p: float
    harm: Harm | None
    is_alarm: bool
    has_moved: bool
    bin: str


@dataclass(frozen=True)
class SegmentDrift:
    """One value of a segment: its rows, and the performance expected of them before and in the window."""

    segment: str
    value: str
    rows: int
    before: float
    expected: Performance
    is_alarm: bool


@dataclass(frozen=True)
class Comparison:
    """Everything about one window.

    Args:
        features: those that harm first, by what they do; then by how far they moved.
        scores: how far the scores moved; absent without scores.
        positives: mean score before and in the window.
        expected: performance without labels; absent where the reference cannot teach it.
        holds: whether that expectation can be trusted: not where the model answers values that it never saw.
        realised: performance where labels came.
        before: realised over the reference.
        falls: whether performance fell by more than the margin and more than chance explains.
        domain: how well the window is told from the reference, 0.5 to 1.
    """

    rows: int
    features: tuple[FeatureDrift, ...]
    scores: Effect | None
    positives: tuple[float, float] | None
    expected: Performance | None
    holds: bool
    realised: Performance | None
    before: float | None
    falls: bool
    domain: float
    segments: tuple[SegmentDrift, ...] = field(default=())


class Comparer:
    """Compares windows with one reference period.

    Args:
        reference: in the order of time, with scores and labels where there are any.
        margins: what counts as harm.
    """

    def __init__(self, reference: ScoredRows, margins: Margins | None = None) -> None:
        self._margins = margins or Margins()
        order = (
            np.arange(reference.size) if reference.times_us is None else np.argsort(reference.times_us, kind="stable")
        )
        self._bins: dict[str, Bins] = {name: bins_of(column) for name, column in reference.features.items()}
        self._codes = {name: self._bins[name].codes(column)[order] for name, column in reference.features.items()}
        self._reference = reference
        self._scores = None if reference.scores is None else reference.scores[order]
        labels = None if reference.labels is None else reference.labels[order]
        self._expectation: Expectation | None = None
        self._weighed: Reference | None = None
        if self._scores is not None:
            if labels is not None:
                self._expectation = learn_expectation(self._scores, labels)
            chances = self._expectation.calibration(self._scores) if self._expectation is not None else self._scores
            truth = chances if labels is None else np.where(np.isfinite(labels), labels, chances)
            self._weighed = Reference(self._scores, truth)
        self._segments = {
            name: np.array(column.to_pylist(), dtype=object)[order] for name, column in reference.segments.items()
        }

    def compare(self, window: ScoredRows, *, with_domain: bool = True) -> Comparison:
        """Compare a window.

        Args:
            window: with the features of the reference; one that is missing counts as null throughout.
            with_domain: whether to fit the classifier as well, which costs more than all the rest.

        Raises:
            ValueError: there are too few rows to say anything.
        """
        if min(window.size, self._reference.size) < LEAST_ROWS:
            raise ValueError(f"a period needs {LEAST_ROWS} rows")
        codes = {name: self._window_codes(window, name) for name in self._bins}
        expected = self._expectation.of(window.scores) if self._expectation and window.scores is not None else None
        known = (
            realised(window.scores, window.labels) if window.scores is not None and window.labels is not None else None
        )
        before = self._weighed.auc if self._weighed is not None else None
        domain = 0.5
        if with_domain and codes:
            names = list(codes)
            counts = [self._bins[name].count for name in names]
            domain = domain_auc([self._codes[name] for name in names], [codes[name] for name in names], counts)
        features = self._features(codes)
        holds = all(each.harm is None or each.harm.unseen < _MOST_UNSEEN for each in features)
        return Comparison(
            rows=window.size,
            features=features,
            scores=self._score_effect(window.scores),
            positives=_means(self._scores, window.scores),
            expected=expected,
            holds=holds,
            realised=known,
            before=before,
            falls=self._falls(before, known or expected),
            domain=max(domain, 0.5),
            segments=self._by_segment(window),
        )

    def _features(self, codes: Mapping[str, Codes]) -> tuple[FeatureDrift, ...]:
        found: list[tuple[str, Effect, Harm | None]] = []
        for name, after in codes.items():
            bins = self._bins[name]
            counts = (np.bincount(self._codes[name], minlength=bins.count), np.bincount(after, minlength=bins.count))
            harm = self._weighed.harm(self._codes[name], after, bins.count) if self._weighed is not None else None
            found.append((name, effect(*counts, is_ordered=bins.edges is not None), harm))
        corrected = holm([each.p for _, each, _ in found])
        drifts = [
            FeatureDrift(
                name,
                size,
                p,
                harm,
                self._is_alarm(harm),
                size.psi >= self._margins.psi,
                self._bins[name].shown(harm.worst) if harm is not None and harm.worst >= 0 else "",
            )
            for (name, size, harm), p in zip(found, corrected, strict=True)
        ]
        return tuple(sorted(drifts, key=_order))

    def _is_alarm(self, harm: Harm | None) -> bool:
        if harm is None:
            return False
        return harm.change <= -max(self._margins.auc, _SURE * harm.noise) or harm.unseen >= self._margins.unseen

    def _falls(self, before: float | None, now: Performance | None) -> bool:
        if before is None or now is None:
            return False
        sure = _SURE / 1.645
        return before - now.auc >= max(self._margins.auc, sure * (now.auc - now.low))

    def _window_codes(self, window: ScoredRows, name: str) -> Codes:
        if name not in window.features:
            return np.full(window.size, self._bins[name].count - 2, np.int64)
        return self._bins[name].codes(window.features[name])

    def _score_effect(self, scores: Floats | None) -> Effect | None:
        if scores is None or self._scores is None:
            return None
        edges = np.unique(np.quantile(self._scores, np.linspace(0, 1, 11)[1:-1]))
        width = len(edges) + 2
        counts = [
            np.bincount(np.searchsorted(edges, each, side="right"), minlength=width + 1)
            for each in (self._scores, scores)
        ]
        return effect(counts[0], counts[1], is_ordered=True)

    def _by_segment(self, window: ScoredRows) -> tuple[SegmentDrift, ...]:
        """Segments of which the reference can teach what to expect; the worst falls first."""
        if window.scores is None or self._scores is None or self._reference.labels is None:
            return ()
        labels = self._reference.labels
        found: list[SegmentDrift] = []
        for name, column in window.segments.items():
            after = np.array(column.to_pylist(), dtype=object)
            own = self._segments.get(name)
            if own is None:
                continue
            for value in sorted({str(each) for each in after if each is not None})[:_MOST_SEGMENTS]:
                rows, past = after == value, own == value
                learned = learn_expectation(self._scores[past], labels[past]) if past.any() else None
                expected = learned.of(window.scores[rows]) if learned is not None else None
                if learned is None or expected is None:
                    continue
                falls = self._falls(learned.auc, expected)
                found.append(SegmentDrift(name, value, int(rows.sum()), learned.auc, expected, falls))
        return tuple(sorted(found, key=lambda each: each.expected.auc - each.before))


def _order(each: FeatureDrift) -> tuple[bool, float, float]:
    change = each.harm.change if each.harm is not None else 0.0
    return (not each.is_alarm, min(change, 0.0), -each.effect.psi)


def _means(before: Floats | None, after: Floats | None) -> tuple[float, float] | None:
    if before is None or after is None or not len(before) or not len(after):
        return None
    found = float(before.mean()), float(after.mean())
    return None if any(math.isnan(each) for each in found) else found
