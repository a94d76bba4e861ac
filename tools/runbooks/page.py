"""A runbook as typed parts: front matter, steps with their lines, checked blocks, and what in them cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ..plain_yaml import Document, DocumentError, documents
from .documents import Runbook, parse
from .page_form import BLOCKS, FENCE, Block, Front

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_NUMBERED = re.compile(r"(?:step\s+)?(\d{1,3})[.):]\s*(\S.*)$", re.IGNORECASE)
_ITEM = re.compile(r" {0,3}(\d{1,3})[.)]\s+(\S.*)$")
_OPEN = re.compile(r"( *)(`{3,}|~{3,})\s*([\w+-]*)")
_MOST_STEPS = 500
_MOST_BLOCKS = 1_000


@dataclass(frozen=True)
class Problem:
    """What cannot be read, and in which line; repeats nothing of the page."""

    line: int
    text: str


@dataclass(frozen=True)
class Placed:
    """A block and the line where its fence opens."""

    block: Block
    line: int


@dataclass(frozen=True)
class Step:
    """A step.

    Args:
        number: counted from 1 over the whole page; this is what `when` and `undoes` name.
        section: the heading above it; for a step that is a heading, the nearest one that is none.
        text: what is to be done, without its blocks and code.
    """

    number: int
    section: str
    text: str
    line: int
    blocks: tuple[Placed, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page.

    Args:
        runbook: the page as plain Markdown.
        front: what the front matter says; empty values where it says nothing or cannot be read.
        is_ours: whether the page says that it keeps to the form.
        steps: in the order of the page.
        problems: front matter and blocks that cannot be read.
    """

    runbook: Runbook
    front: Front
    is_ours: bool
    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]

    def step(self, number: int) -> Step | None:
        """The step of a number."""
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None


@dataclass
class _Draft:
    section: str
    text: str
    line: int
    more: list[str] = field(default_factory=list)
    blocks: list[Placed] = field(default_factory=list)


def read_page(name: str, text: str) -> Page:
    """Read a page; whatever it holds, this raises nothing: what cannot be read is a problem with its line."""
    front, is_ours, problems, skipped = _front(text)
    runbook = parse(name, text)
    steps, wrong = _Walk(text.splitlines(), skipped).steps()
    return Page(runbook, front, is_ours, steps, tuple(sorted((*problems, *wrong), key=lambda each: each.line)))


def _front(text: str) -> tuple[Front, bool, list[Problem], int]:
    """Front matter, whether it is of our form, its problems, and the number of lines that it takes up."""
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != "---":
        return Front(), False, [], 0
    end = next((place for place, line in enumerate(lines[1:2_000], start=1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        return Front(), False, [Problem(1, "the front matter is not closed")], 0
    try:
        read = documents("\n".join(lines[1:end]))
    except DocumentError as error:
        return Front(), False, [Problem(_shifted(error, 1), f"front matter: {_reason(error)}")], end + 1
    document = read[0] if read else Document({}, {})
    if not isinstance(document.value, dict):
        return Front(), False, [Problem(2, "the front matter holds no names with values")], end + 1
    if "runbook" in document.value:
        try:
            return document.as_model(Front), True, [], end + 1
        except DocumentError as error:
            problem = Problem(_shifted(error, 1), f"front matter: {_reason(error)}")
            return _lenient(document.value), True, [problem], end + 1
    return _lenient(document.value), False, [], end + 1


def _lenient(values: dict[str, Any]) -> Front:
    """What fits into the form, each field by itself."""
    taken: dict[str, Any] = {}
    for name in Front.model_fields:
        if name in values and name != "runbook":
            try:
                Front.model_validate({name: values[name]})
            except ValidationError:
                continue
            taken[name] = values[name]
    return Front.model_validate(taken)


_LINE = re.compile(r"line (\d{1,7}): ")


def _shifted(error: DocumentError, before: int) -> int:
    found = _LINE.match(str(error))
    return before + (int(found[1]) if found else 1)


def _reason(error: DocumentError) -> str:
    return _LINE.sub("", str(error), count=1)


class _Walk:
    """Goes through the lines of a page once.

    A step is a heading that begins with a number (`### 2. Roll back`, `### Step 2: …`), else an item of a numbered
    list. A block belongs to the step it stands in; one outside of any makes its section a step.
    """

    def __init__(self, lines: list[str], skipped: int) -> None:
        self._lines = lines
        self._place = skipped
        self._section = ""
        self._in_heading = 0
        self._drafts: list[_Draft] = []
        self._open: _Draft | None = None
        self._problems: list[Problem] = []
        self._blocks = 0

    def steps(self) -> tuple[tuple[Step, ...], list[Problem]]:
        while self._place < len(self._lines):
            line = self._lines[self._place]
            if fence := _OPEN.match(line):
                self._fence(fence)
            elif heading := _HEADING.match(line):
                self._heading(len(heading[1]), heading[2])
            elif (item := _ITEM.match(line)) and not self._in_heading:
                self._begin(item[2].strip())
            elif self._open is not None:
                self._continue(line)
            self._place += 1
        made = tuple(
            Step(number, each.section, " ".join([each.text, *each.more]).strip(), each.line, tuple(each.blocks))
            for number, each in enumerate(self._drafts[:_MOST_STEPS], start=1)
        )
        if len(self._drafts) > _MOST_STEPS:
            self._problems.append(Problem(self._drafts[_MOST_STEPS].line, f"more than {_MOST_STEPS} steps"))
        return made, self._problems

    def _heading(self, level: int, text: str) -> None:
        numbered = _NUMBERED.match(text) if level > 1 else None
        if numbered:
            self._begin(numbered[2].strip())
            self._in_heading = level
            return
        if not self._in_heading or level <= self._in_heading:
            self._section, self._open, self._in_heading = text, None, 0

    def _begin(self, text: str) -> None:
        self._open = _Draft(self._section, text, self._place + 1)
        self._drafts.append(self._open)

    def _continue(self, line: str) -> None:
        """A line below a step: indented text and, in a step that is a heading, any text belong to it."""
        if self._open is None:
            return
        if (line.startswith("  ") and line.strip()) or (self._in_heading and line.strip()):
            self._open.more.append(line.strip())
        elif line.strip() and not self._in_heading:
            self._open = None

    def _fence(self, fence: re.Match[str]) -> None:
        opened, mark = self._place, fence[2]
        body: list[str] = []
        self._place += 1
        while self._place < len(self._lines):
            line = self._lines[self._place]
            if line.strip().startswith(mark) and set(line.strip()) == {mark[0]}:
                break
            body.append(line[len(fence[1]) :] if line[: len(fence[1])].isspace() or not fence[1] else line)
            self._place += 1
        else:
            self._problems.append(Problem(opened + 1, "a fenced block is not closed"))
        if fence[3] == FENCE:
            self._block("\n".join(body), opened + 1)

    def _block(self, text: str, line: int) -> None:
        self._blocks += 1
        if self._blocks > _MOST_BLOCKS:
            return
        try:
            block = _read_block(text)
        except DocumentError as error:
            self._problems.append(Problem(_shifted(error, line), f"block: {_reason(error)}"))
            return
        if self._open is None:
            self._open = _Draft(self._section, self._section, line)
            self._drafts.append(self._open)
        self._open.blocks.append(Placed(block, line))


def _read_block(text: str) -> Block:
    read = documents(text)
    if len(read) != 1 or not isinstance(read[0].value, dict):
        raise DocumentError("line 1: it holds no names with values")
    kinds = [kind for kind in BLOCKS if kind in read[0].value]
    if len(kinds) != 1:
        raise DocumentError(f"line 1: a block has just one of {', '.join(BLOCKS)}")
    found: Block = read[0].as_model(BLOCKS[kinds[0]])
    return found
