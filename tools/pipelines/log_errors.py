"""What a failed attempt says went wrong: the lines that a good run does not write and that speak of trouble.

Lines are compared as templates of the log mining, so that times, paths and numbers do not make a line new.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..logs.families import Family, family_of
from ..logs.mining import masked_lines
from ..logs.stacktraces import IS_FRAME, thrown_in

_MOST_LINES = 3_000
_LINE = 1_000
_EVENTS = 5
_STAMP = re.compile(
    r"^\s*(?:\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}[.,\d]*(?:Z|[+-]\d{2}:?\d{2})?\]?\s*)?"
    r"(?:\{[\w./-]+:\d+\}\s*)?(?P<level>(?:CRITICAL|FATAL|ERROR|WARNING|WARN|INFO|DEBUG)\b)?[\s:|-]*"
)
_FRAME = re.compile(IS_FRAME)
_TROUBLE = re.compile(
    r"(?i)\berror\b|exception|traceback|fail|fatal|abort|kill|denied|refused|timed? ?out|cannot|could not|unable|lost"
)
_NO_TROUBLE = re.compile(r"(?i)\b(?:0|no|zero|without) (?:failed|failures?|errors?|rejected|exceptions?)\b")
# What a scheduler says of every failure tells nothing of this one.
_BOILERPLATE = re.compile(
    r"(?i)^(?:task failed with exception|marking task as |task exited with return code 1\b"
    r"|failed to execute (?:job|task)|traceback \(most recent call last\)|during handling of the above"
    r"|the above exception was)"
)


@dataclass(frozen=True)
class SaidError:
    """What an attempt says of its failure.

    Args:
        line: the line that says it, as it is.
        template: of that line, for comparing attempts.
        family: what kind of failure it speaks of.
        exception: what was thrown, without its package.
        frame: the innermost own frame.
        is_new: whether no line of the good run is like it; `None` without a good run.
        lines: how many lines speak of trouble and are not in the good run.
    """

    line: str
    template: str
    family: Family | None
    exception: str | None
    frame: str | None
    is_new: bool | None
    lines: int


def said_error(log: str, good: str | None = None) -> SaidError | None:
    """The line that says why an attempt failed; `None` if none speaks of trouble.

    The last exception of the log counts before the last line at level error, and that before any other line that
    speaks of trouble: what is thrown last is what ended the attempt.
    """
    lines = [_LineOf(text) for text in log.split("\n")[-_MOST_LINES:] if text.strip()]
    speaking = [each for each in lines if each.speaks]
    if not speaking:
        return None
    templates = masked_lines([each.body for each in speaking])
    known = _templates_of(good) if good is not None else None
    new = [place for place, template in enumerate(templates) if known is None or template not in known]
    places = new or list(range(len(speaking)))
    best = max(places, key=lambda place: (speaking[place].weight, place))
    thrown = thrown_in(log[-32_000:])
    line = speaking[best]
    family: Family | None = family_of(line.body)
    for text in _around(speaking, best):
        family = family or family_of(text)
    return SaidError(
        line.body[:_LINE],
        templates[best],
        family,
        thrown.exception or thrown_in(line.body).exception,
        thrown.frame,
        None if known is None else templates[best] not in known,
        len(new),
    )


class _LineOf:
    """One line of a log: its level, and what it says behind time and level."""

    def __init__(self, text: str) -> None:
        found = _STAMP.match(text)
        self.level = (found["level"] or "") if found else ""
        self.body = (text[found.end() :] if found else text).strip()[:_LINE]
        is_frame = _FRAME.search(text) is not None
        is_boilerplate = _BOILERPLATE.match(self.body) is not None
        self.is_thrown = not is_frame and thrown_in(self.body).exception is not None
        is_loud = self.level in ("CRITICAL", "FATAL", "ERROR")
        self.speaks = bool(self.body) and not is_frame and not is_boilerplate and not _NO_TROUBLE.search(self.body)
        self.speaks = self.speaks and (is_loud or self.is_thrown or _TROUBLE.search(self.body) is not None)
        self.weight = 3 if self.is_thrown else 2 if is_loud else 1


def _templates_of(log: str) -> frozenset[str]:
    bodies = [_LineOf(text).body for text in log.split("\n")[-_MOST_LINES:] if text.strip()]
    return frozenset(masked_lines(bodies)) if bodies else frozenset()


def _around(lines: Sequence[_LineOf], place: int) -> list[str]:
    return [each.body for each in lines[max(place - _EVENTS, 0) : place + _EVENTS]]
