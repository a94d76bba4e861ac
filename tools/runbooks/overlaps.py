"""Pages that say the same, and pages that contradict each other."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from .fields import BREAK, fields_of
from .page import Page
from .page_form import Call, Query
from .rules import AlertRule, slug_of
from .words.cutting import PAIR

_ALIKE = 0.8
"""The share of their words that two pages have in common (Jaccard) from which on one is a copy of the other: between
pages on different alerts of one template it stays far below."""
_MOST_COMPARED = 1_500
_FEWEST_TERMS = 20


@dataclass(frozen=True)
class Overlap:
    """Two pages and what is between them."""

    first: str
    second: str
    text: str


def duplicates(pages: Sequence[Page]) -> Iterator[Overlap]:
    """Pages that say nearly the same, and pages that claim the same alert."""
    by_alert: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        for alert in page.front.alerts:
            by_alert[slug_of(alert)].append(page)
    claimed = set()
    for listed in by_alert.values():
        for one, other in combinations(listed, 2):
            key = (one.runbook.name, other.runbook.name)
            if key not in claimed:
                claimed.add(key)
                yield Overlap(*key, "both are for one alert")
    sets = [(page.runbook.name, _terms(page)) for page in pages[:_MOST_COMPARED]]
    for (one_name, one_terms), (other_name, other_terms) in combinations(sets, 2):
        fewer, more = sorted((len(one_terms), len(other_terms)))
        if fewer < _FEWEST_TERMS or fewer < _ALIKE * more or (one_name, other_name) in claimed:
            continue
        common = len(one_terms & other_terms)
        if common >= _ALIKE * (fewer + more - common):
            yield Overlap(one_name, other_name, "they say nearly the same")


def contradictions(pages: Sequence[Page], rules: Mapping[str, Sequence[AlertRule]]) -> Iterator[Overlap]:
    """Pages for one alert that disagree on severity, owner or risk, pages that disagree with the rule, other limits."""
    by_alert: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        for alert in page.front.alerts:
            by_alert[alert].append(page)
            severities = {rule.severity for rule in rules.get(alert, ()) if rule.severity}
            if page.front.severity and severities and page.front.severity not in severities:
                yield Overlap(page.runbook.name, "", f"it says {page.front.severity}, and the alert's rule does not")
    for listed in by_alert.values():
        for one, other in combinations(listed, 2):
            for field in ("severity", "owner", "risk"):
                first, second = getattr(one.front, field), getattr(other.front, field)
                if first and second and first != second:
                    text = f"they are for one alert and disagree on its {field}"
                    yield Overlap(one.runbook.name, other.runbook.name, text)
    yield from _other_limits(pages)


def _other_limits(pages: Sequence[Page]) -> Iterator[Overlap]:
    """Pages that hold the same value of the same query or call against different limits, in the same direction.

    One that asks whether a value is below a limit and one that asks whether it is above do not contradict each other:
    each looks for something else.
    """
    limits: dict[str, tuple[str, float]] = {}
    told: set[tuple[str, str]] = set()
    for page in pages:
        for placed in (placed for step in page.steps for placed in step.blocks):
            block = placed.block
            if not isinstance(block, Query | Call) or not isinstance(block.expect.value, int | float):
                continue
            asked = (
                block.query if isinstance(block, Query) else f"{block.call} {json.dumps(block.args, sort_keys=True)}"
            )
            key = json.dumps([" ".join(asked.split()), block.expect.path, block.expect.is_])
            name, value = limits.setdefault(key, (page.runbook.name, float(block.expect.value)))
            if value != block.expect.value and name != page.runbook.name and (name, page.runbook.name) not in told:
                told.add((name, page.runbook.name))
                yield Overlap(name, page.runbook.name, "they hold the same value against different limits")


def _terms(page: Page) -> frozenset[str]:
    fields = fields_of(page.runbook, page.front)
    found = f"{fields.lead} {fields.rest} {fields.code}".split()
    return frozenset(term for term in found if term != BREAK and term[0] != PAIR)
