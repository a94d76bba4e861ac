"""A page in two languages: its halves, or a page and its translation, have to say the same to code.

Words differ, so what is compared is what no language changes: how many steps there are, and of each step its queries,
calls, commands, limits, and where its decisions lead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from ..page import Page, Step
from ..page_form import Block, Call, Command, Decide, Query
from .findings import Finding, Platform

_LANGUAGES = {
    "english": "en", "inglés": "en", "inglês": "en", "ingles": "en", "spanish": "es", "español": "es", "espanhol": "es",
    "espanol": "es", "castellano": "es", "portuguese": "pt", "português": "pt", "portugués": "pt", "portugues": "pt",
}  # fmt: skip
_HEADING = re.compile(r"#{1,3} +[^\w\n]*(\w+)(?: +version| +\([\w -]{1,20}\))?[^\w\n]*$", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(?:en|es|pt|pt[-_]br|es[-_](?:mx|ar|co|419))$", re.IGNORECASE)
"""Behind a point only: what ends with `-es` may as well be about Elasticsearch."""
_FOLDER = re.compile(r"(?:^|/)(?:en|es|pt|pt[-_]br|es[-_](?:mx|ar|co|419))/", re.IGNORECASE)


def translation_findings(page: Page, platform: Platform) -> Iterator[Finding]:
    """Where the halves of a page, or a page and what it translates, tell code different things."""
    halves = _halves(page)
    if len(halves) > 1:
        first = halves[0]
        for other in halves[1:]:
            yield from _differences(page, first, other, "the half in the other language")
    original = _original(page, platform)
    if original is not None and original.steps:
        yield from _differences(page, original.steps, page.steps, original.runbook.name)


def _halves(page: Page) -> list[tuple[Step, ...]]:
    """The steps below each heading that names a language, where there are at least two of them."""
    starts: list[int] = []
    fence = ""
    for place, line in enumerate(page.runbook.text.splitlines(), start=1):
        if mark := re.match(r" *(`{3,}|~{3,})", line):
            fence = "" if fence and mark[1][0] == fence[0] else fence or mark[1]
        elif not fence and (found := _HEADING.match(line)) and found[1].casefold() in _LANGUAGES:
            starts.append(place)
    if len(starts) < 2:
        return []
    spans = zip(starts, [*starts[1:], len(page.runbook.text) + 1], strict=True)
    halves = [tuple(step for step in page.steps if start < step.line < end) for start, end in spans]
    return [half for half in halves if half]


def _original(page: Page, platform: Platform) -> Page | None:
    """The page that a page translates, by its name: `late.es.md` or `es/late.md` of `late.md`."""
    if platform.others is None:
        return None
    name = page.runbook.name
    stem = name.removesuffix(".md")
    for wanted in (f"{_SUFFIX.sub('', stem)}.md", _FOLDER.sub("/", name, 1).lstrip("/")):
        if wanted != name and wanted in platform.others:
            return platform.others[wanted]
    return None


def _differences(page: Page, first: Sequence[Step], other: Sequence[Step], what: str) -> Iterator[Finding]:
    name, line = page.runbook.name, other[0].line if other else 1
    if len(first) != len(other):
        text = f"it has {len(other)} steps, and {_plain(what)} has {len(first)}"
        yield Finding(name, line, "translation.differs", text)
        return
    offset, away = first[0].number - 1 if first else 0, other[0].number - 1 if other else 0
    for one, two in zip(first, other, strict=True):
        here = [_said(placed.block, away) for placed in two.blocks]
        there = [_said(placed.block, offset) for placed in one.blocks]
        if here == there:
            continue
        place = next((place for place, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1]), None)
        at = two.blocks[place].line if place is not None else two.line
        text = f"its blocks say something else than step {one.number} of {_plain(what)}"
        yield Finding(name, at, "translation.differs", text, two.number)


def _said(block: Block, before: int) -> str:
    """What a block tells code, whatever the language of its words; steps are counted within the half.

    Args:
        block: it.
        before: how many steps come before the half.
    """
    if isinstance(block, Decide):
        goals = [goal - before if isinstance(goal, int) else goal for goal in block.when.values()]
        return json.dumps(["decide", goals])
    expect = block.expect
    limit = [expect.status, expect.path, expect.is_, expect.value]
    if isinstance(block, Query):
        return json.dumps(["query", " ".join(block.query.split()), limit])
    if isinstance(block, Call):
        return json.dumps(["call", block.call, block.args, block.effect, limit], sort_keys=True, default=str)
    if isinstance(block, Command):
        return json.dumps(["command", " ".join(block.command.split()), block.effect, limit])
    back = ["rollback", block.rollback, block.args, block.undoes - before, block.effect, limit]
    return json.dumps(back, sort_keys=True, default=str)


def _plain(name: str) -> str:
    return "".join(char for char in name if char.isalnum() or char in "_:.-/ ")[:80]
