"""The step to start with."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .documents import Section

_STARTS = ("diagnos", "investigat", "triage", "first", "what to do", "procedure", "steps", "check", "respon", "paso")
_ORDERED = re.compile(r" {0,3}\d{1,3}[.)]\s+(\S.*)")
_BULLET = re.compile(r" {0,3}[-*+]\s+(?:\[[ xX]\]\s+)?(\S.*)")


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
