"""Limits of a page that no longer fit: what values are, and what the alert's rule fires on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..page import Page
from ..page_form import Query
from ..selectors import Selector, simple
from .findings import Code, Finding, OneSeries, Platform, Series

_FAR = 100.0
"""How far all values lie from a limit before it can be none of theirs: units differ by 1,000, or by 100 for shares."""
_UNIT_FAR = 500.0
_WITH_UNIT = re.compile(r"_(?:ms|s|us|ns|seconds|milliseconds|bytes|mib|gib)(?:_|$)")
"""Names that say their unit; of others, such as rates, a limit may be far above what is usual."""


def matching(selector: Selector, series: Series) -> tuple[OneSeries, ...]:
    """The series that have all the values that a selector asks for with `=`; blanks and patterns match any."""
    wanted = [each for each in selector.conditions if each.operator == "=" and not each.value.startswith("$")]
    return tuple(
        one
        for one in series.each
        if all((one.entity if each.label == "entity" else one.labels.get(each.label)) == each.value for each in wanted)
    )


def limit_problem(block: Query, platform: Platform) -> Iterator[tuple[Code, str]]:
    """A limit that no value came near to while nothing was wrong."""
    selector, limit, side = simple(block.query), block.expect.value, block.expect.is_
    if selector is None or not isinstance(limit, int | float) or limit <= 0:
        return
    series = platform.metrics.get(selector.metric) if platform.metrics is not None else None
    if series is None:
        return
    usual = [one.usual for one in matching(selector, series) if one.usual is not None and one.usual > 0]
    if not usual:
        return
    never = (side == "below" and min(usual) > _FAR * limit) or (side == "above" and max(usual) * _FAR < limit)
    always = (side == "below" and max(usual) * _UNIT_FAR < limit) or (
        side == "above" and min(usual) > _UNIT_FAR * limit
    )
    if never or (always and _WITH_UNIT.search(selector.metric)):
        about = f"{min(usual):.3g}" if len(usual) == 1 else f"{min(usual):.3g} to {max(usual):.3g}"
        yield "query.limit", f"the limit is {limit:g}, and usual is about {about}: is it in another unit?"


def rule_findings(page: Page, platform: Platform) -> Iterator[Finding]:
    """Limits by which a page says that all is well while the alert it is for fires."""
    if platform.limits is None:
        return
    limits = [limit for alert in page.front.alerts for limit in platform.limits.get(alert, ())]
    for step in page.steps:
        for placed in step.blocks:
            block = placed.block
            selector = simple(block.query) if isinstance(block, Query) else None
            if not isinstance(block, Query) or selector is None or isinstance(block.expect.value, bool | str | None):
                continue
            for limit in limits:
                value, fires = block.expect.value, limit.threshold
                is_lax = (limit.sign in (">", ">=") and block.expect.is_ == "below" and value > fires) or (
                    limit.sign in ("<", "<=") and block.expect.is_ == "above" and value < fires
                )
                if is_lax and _same(selector, limit.selector):
                    text = f"it holds up to {value:g}, and the rule fires from {fires:g} on"
                    yield Finding(page.runbook.name, placed.line, "query.rule", text, step.number)
                    break


def _same(asked: Selector, rule: Selector) -> bool:
    """Whether both read the same: one metric, and no label on which they disagree."""
    values = _values(asked)
    return asked.metric == rule.metric and all(
        values.get(name, value) == value for name, value in _values(rule).items() if not value.startswith("$")
    )


def _values(selector: Selector) -> dict[str, str]:
    return {each.label: each.value for each in selector.conditions if each.operator == "="}


def numbered(steps: Sequence[object], text: str) -> Iterator[int]:
    """Numbers of steps that a text names and that are not there."""
    for found in _STEP.finditer(text):
        number = int(found[1])
        if steps and number > len(steps):
            yield number


_STEP = re.compile(
    r"\b(?:step|steps|paso|pasos|passo|passos) (\d{1,2})\b(?! (?:of|in|de|do|del|em|en) )", re.IGNORECASE
)
