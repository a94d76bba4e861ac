"""YAML: keys under other keys by indentation, lists, and block scalars."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from .key_names import ITEM, joined, speaks_of_above
from .pairs_found import Pair

# A key with nothing behind it but the sign of a block scalar.
_OPENER = re.compile(r":[ \t]{0,4}(?:[|>][+\-]?[0-9]?[ \t]{0,4})?(?:#[^\n]{0,200})?\r?\n(?=[ \t]*(?:- |[^\s#]))")
LINE = re.compile(
    r"(?P<indent>[ \t]*+)(?P<dashes>(?:-[ ]{1,4})*+)"
    r"(?:(?P<quote>[\"']?)(?P<key>[^\s\"'#:{}\[\]][^\n\"':]{0,100}+)(?P=quote)[ \t]{0,4}:"
    r"(?:[ \t]++(?P<value>[^\s#][^\n]*+)?|(?=\r?\n|\Z))|(?P<item>[^\s][^\n]*+))?[^\n]*+(?:\n|\Z)"
)
BLOCK = re.compile(r"[|>][+\-]?[0-9]?[ \t]*(?:#.*)?\r?\Z")
_LINES = 20_000


def indented(text: str) -> Iterator[Pair]:
    """Everything that stands deeper than a key above it."""
    done = 0
    for opener in _OPENER.finditer(text):
        least = max(done, opener.start() - 200)
        start = max(text.rfind("\n", least, opener.start()) + 1, least)
        if opener.start() >= done:
            done = yield from _block(text, start)


def _block(text: str, at: int) -> Generator[Pair, None, int]:
    """The members of the key on the line at a place; returns where they end."""
    above: list[tuple[int, str]] = []
    least = -1
    for _ in range(_LINES):
        line = LINE.match(text, at)
        if line is None or at >= len(text):
            break
        depth = len(line["indent"]) + bool(line["dashes"])
        if line["key"] is None and line["item"] is None:
            at = line.end()
            continue
        if depth <= least:
            break
        least = depth if least < 0 else least
        at = line.end()
        while above and above[-1][0] >= depth:
            above.pop()
        if line["dashes"] and above and not above[-1][1].endswith(ITEM):
            above[-1] = (above[-1][0], above[-1][1] + ITEM)
        names = [name for _, name in above]
        if line["key"] is None:
            if line["dashes"] and names:
                yield Pair(joined(names[:-1], names[-1]), line.start("item"))
            continue
        indent = len(line["indent"]) + len(line["dashes"])
        if line["value"] is None:
            above.append((indent, line["key"]))
        elif BLOCK.match(line["value"]):
            start, at = at, block_end(text, at, indent)
            yield from _scalar(joined(names, line["key"]), text, start, at)
        elif names:
            is_above = speaks_of_above(line["key"])
            yield Pair(joined(names[:-1], names[-1]) if is_above else joined(names, line["key"]), line.start("value"))
    return at


def block_end(text: str, at: int, indent: int) -> int:
    """Where the lines end that stand deeper than an indent, or are empty."""
    while at < len(text):
        line = LINE.match(text, at)
        if line is None or (line.group().strip() and len(line["indent"]) <= indent):
            break
        at = line.end()
    return at


def _scalar(key: str, text: str, start: int, end: int) -> Iterator[Pair]:
    stretch = text[start:end]
    if stretch.strip():
        start += len(stretch) - len(stretch.lstrip())
        yield Pair(key, start, False, start + len(stretch.strip()))
