"""The runbook for an alert, and the step to start with.

What somebody wrote on purpose comes before what words have in common: the runbook that the alert's own labels name,
then the one that has the alert's name, and only then the one that shares most words. One that shares little is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from .bm25 import rarity_of, search, words_of
from .documents import Runbook, Section

MatchedBy = Literal["label", "name", "words"]

_LEAST_SHARE = 0.5
"""Of the rarity of what was asked for: a page that has less than half of it speaks of something else."""
_STARTS = ("diagnos", "investigat", "triage", "first", "what to do", "procedure", "steps", "check", "respon")
_ORDERED = re.compile(r" {0,3}\d{1,3}[.)]\s+(\S.*)")
_BULLET = re.compile(r" {0,3}[-*+]\s+(?:\[[ xX]\]\s+)?(\S.*)")
_SLUG = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class RunbookMatch:
    """A runbook that fits.

    Args:
        section: where the first step stands; `None` if there is no step.
        step: the first step, as it is written.
    """

    runbook: Runbook
    matched_by: MatchedBy
    section: Section | None
    step: str


def match(
    runbooks: Sequence[Runbook], *, links: Sequence[str], alert: str, words: Sequence[str]
) -> RunbookMatch | None:
    """The runbook that fits, or none.

    Args:
        runbooks: what there is.
        links: addresses or names that the alert itself gives, the most fitting first.
        alert: its name; may be empty.
        words: what else is known: entity, indicator.
    """
    by_slug: dict[str, Runbook] = {}
    for runbook in runbooks:
        for text in (runbook.title, runbook.name.rpartition("/")[2].rpartition(".")[0], runbook.name):
            by_slug.setdefault(_slug(text), runbook)
    for link in links:
        address = urlsplit(link)
        name = unquote(address.path).rstrip("/").rpartition("/")[2]
        found = by_slug.get(_slug(name)) or by_slug.get(_slug(re.sub(r"\.(md|html?)$", "", name, flags=re.IGNORECASE)))
        if found is not None and _slug(name):
            return _with_step(found, "label", unquote(address.fragment))
    if alert and _slug(alert) in by_slug:
        return _with_step(by_slug[_slug(alert)], "name", "")
    _, best = search(runbooks, " ".join([alert, *words]), 1)
    if not best:
        return None
    wanted = set(words_of(" ".join([alert, *words])))
    rarity = rarity_of(runbooks, wanted)
    has = set(words_of(f"{best[0].runbook.title} {best[0].runbook.name} {best[0].runbook.text}"))
    share = sum(weight for word, weight in rarity.items() if word in has) / sum(rarity.values())
    return _with_step(best[0].runbook, "words", "") if share >= _LEAST_SHARE else None


def first_step(sections: Sequence[Section]) -> tuple[Section | None, str]:
    """The first item of the first numbered list, in a section that says how to begin if there is one; else of a list.

    Returns:
        The section and the step; without any list, nothing and an empty text.
    """
    ordered = sorted(sections, key=lambda section: not any(word in section.heading.casefold() for word in _STARTS))
    for mark in (_ORDERED, _BULLET):
        for section in ordered:
            if step := _first_item(section.text, mark):
                return section, step
    return None, ""


def _with_step(runbook: Runbook, matched_by: MatchedBy, anchor: str) -> RunbookMatch:
    named = [section for section in runbook.sections if anchor and _slug(section.heading) == _slug(anchor)]
    section, step = first_step(named or runbook.sections)
    return RunbookMatch(runbook, matched_by, section or next(iter(named), None), step)


def _first_item(text: str, mark: re.Pattern[str]) -> str:
    """The first item of a list with its further lines."""
    item: list[str] = []
    is_fenced = False
    for line in text.splitlines():
        is_fenced ^= line.lstrip().startswith(("```", "~~~"))
        found = None if is_fenced else mark.match(line)
        if item and (found or not line.strip() or not line.startswith(" ") or is_fenced):
            break
        if item:
            item.append(line.strip())
        elif found:
            item.append(found[1].strip())
    return " ".join(item)


def _slug(text: str) -> str:
    return _SLUG.sub("", text).casefold()
