"""The order of the pages that were found: by words, by what people have connected, and by meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .ranking import Fit, standing_out

_FAVOUR = 0.2
"""Of what is added to the score of a page for other reasons than its words, so much is evidence that it fits."""
UNFIT = -1.0
"""Evidence for a page that only its meaning has found, whatever else speaks for it."""


def in_order(
    found: Sequence[tuple[int, Fit]],
    names: Mapping[int, tuple[str, str]],
    favoured: Mapping[str, float],
    near: Mapping[int, float],
) -> list[tuple[int, Fit]]:
    """Pages by their number, best first, with the evidence for each.

    Args:
        found: pages and how well their words fit; of equals the first stays first.
        names: of each page its name, and what pages of one name have in common.
        favoured: names of pages and what is added to their scores.
        near: what nearness in meaning adds to a page's place; it makes none suitable.
    """
    highest: dict[str, float] = {}
    for place, fit in found:
        if fit.evidence <= UNFIT:
            continue
        slug = names[place][1]
        highest[slug] = max(fit.score, highest.get(slug, 0.0))
    scored = []
    for place, fit in found:
        name, slug = names[place]
        more = favoured.get(name, 0.0)
        others = [score for each, score in highest.items() if each != slug]
        evidence = fit.evidence + standing_out(fit.score, others) + _FAVOUR * more
        covered = 1.0 if more else fit.covered
        if fit.evidence <= UNFIT:
            evidence = UNFIT
        scored.append((place, replace(fit, score=fit.score + more, evidence=evidence, covered=covered)))
    scored.sort(key=lambda each: -each[1].score)
    return _by_meaning(scored, near) if near else scored


def _by_meaning(scored: list[tuple[int, Fit]], near: Mapping[int, float]) -> list[tuple[int, Fit]]:
    """Pages in the order of words and meaning; those that words call suitable stay before the others."""
    return sorted(scored, key=lambda each: (not each[1].is_suitable, -each[1].score - near.get(each[0], 0.0)))
