"""A runbook document in Markdown: its title and its sections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})\s*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_FRONT_TITLE = re.compile(r"(?m)^title:\s*[\"']?(.+?)[\"']?\s*$")


@dataclass(frozen=True)
class Section:
    """A heading (empty before the first one) and the text below it, up to the next heading of any level."""

    heading: str
    text: str


@dataclass(frozen=True)
class Runbook:
    """A document.

    Args:
        name: the path below the source's folder.
        title: of the front matter, else the first heading of level 1, else the file's name in words.
        text: the document as it is.
    """

    name: str
    title: str
    text: str
    sections: tuple[Section, ...]


def parse(name: str, text: str) -> Runbook:
    """Split a document at its headings; lines inside of code fences are no headings."""
    front, body = _front_matter(text)
    sections: list[tuple[str, list[str]]] = [("", [])]
    title, fence = front, ""
    for line in body.splitlines():
        mark = _FENCE.match(line)
        if mark:
            fence = "" if fence == mark[1] else fence or mark[1]
        level, heading = (0, "") if fence or mark else _heading(line, sections[-1][1])
        if not level:
            sections[-1][1].append(line)
            continue
        if not title and level == 1:
            title = heading
        sections.append((heading, []))
    found = tuple(Section(heading, "\n".join(lines).strip()) for heading, lines in sections)
    words = re.sub(r"[-_]+", " ", PurePosixPath(name).stem)
    return Runbook(name, title or words, text, tuple(part for part in found if part.heading or part.text))


def _heading(line: str, before: list[str]) -> tuple[int, str]:
    """Level and text of the heading that a line makes, alone or by underlining the line before it; else 0."""
    found = _HEADING.match(line)
    if found:
        return len(found[1]), found[2]
    underline = _UNDERLINE.match(line)
    is_text = before and before[-1].strip() and not before[-1].lstrip().startswith(("-", "*", "+", "|", ">", "#"))
    if underline and is_text and (len(before) == 1 or not before[-2].strip()):
        return (1 if underline[1][0] == "=" else 2), before.pop().strip()
    return 0, ""


def _front_matter(text: str) -> tuple[str, str]:
    if not text.startswith("---\n"):
        return "", text
    front, closed, body = text[4:].partition("\n---")
    if not closed:
        return "", text
    title = _FRONT_TITLE.search(front)
    return (title[1] if title else ""), body
