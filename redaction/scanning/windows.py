"""Long texts in pieces of whole lines, so that memory stays constant and a stream is read as the whole would be.

A piece is looked at together with some lines before and after it. It ends with a line, and never inside something that
was found: then it grows, line by line, until what was found ends. Where the pieces end depends on the text alone, not
on the blocks in which it arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..structures.tables import open_header
from ..types import Span, TextWithheld
from .stretches import moved

WINDOW = 192 * 1024
"""Characters of a piece, to the end of its last line."""
OVERLAP = 16 * 1024
"""Characters before and after it that are looked at as well."""

Find = Callable[[int, str, str], Sequence[Span]]
"""Finds in a stretch that begins at an offset of the whole, below a line of context; spans count from the stretch."""


class Piece(NamedTuple):
    """A piece of the whole and what was found in it; offsets count from the start of the whole."""

    start: int
    text: str
    spans: tuple[Span, ...]


class Source:
    """A text that arrives in blocks; keeps only what is still needed.

    Args:
        blocks: the text, cut anywhere.
        limit: characters that a line, or what is found, may have.
    """

    def __init__(self, blocks: Iterable[str], limit: int) -> None:
        self._blocks = iter(blocks)
        self._limit = limit
        self.window = min(WINDOW, limit // 2)
        self.overlap = min(OVERLAP, limit // 8)
        self._kept = ""
        self._from = 0
        self.is_whole = False

    @property
    def end(self) -> int:
        """Offset behind what has been read."""
        return self._from + len(self._kept)

    def reach(self, offset: int) -> bool:
        """Read on until an offset is there; whether it is.

        Raises:
            TextWithheld: more would have to be kept than the limit allows.
        """
        if self.end >= offset or self.is_whole:
            return self.end >= offset
        if offset - self._from > 2 * (self._limit + self.window):
            raise self._too_long()
        parts, length = [self._kept], len(self._kept)
        while self._from + length < offset:
            block = next(self._blocks, None)
            if block is None:
                self.is_whole = True
                break
            parts.append(block)
            length += len(block)
        self._kept = "".join(parts)
        return self.end >= offset

    def text(self, start: int, end: int) -> str:
        """What lies between two offsets that are still kept."""
        return self._kept[start - self._from : end - self._from]

    def line_end(self, offset: int) -> int:
        """The offset behind the first line break at or after an offset; the end of the text if there is none."""
        self.reach(offset + 1)
        begins = self._from + self._kept.rfind("\n", 0, max(0, offset - self._from)) + 1
        at = offset
        while True:
            self.reach(at + 1)
            found = self._kept.find("\n", at - self._from)
            end = self._from + found + 1 if found >= 0 else self.end
            if end - begins - (found >= 0) > self._limit:
                raise self._too_long()
            if found >= 0 or self.is_whole:
                return end
            at = self.end
            self.reach(at + self.window)

    def line_start(self, low: int, high: int) -> int:
        """The first beginning of a line within [low, high]; `high` if there is none."""
        if low <= self._from == 0:
            return 0
        found = self._kept.find("\n", max(0, low - self._from), high - self._from)
        return self._from + found + 1 if found >= 0 else high

    def last_line_end(self, low: int, high: int) -> int:
        """The last offset behind a line break within [low, high]; `low` if there is none, `high` at the text's end."""
        if not self.reach(high + 1):
            high = min(high, self.end)
            if high == self.end:
                return high
        found = self._kept.rfind("\n", low - self._from, high - self._from)
        return self._from + found + 1 if found >= 0 else low

    def drop(self, offset: int) -> None:
        """Forget what lies before an offset."""
        if offset - self._from > self.window:
            self._kept = self._kept[offset - self._from :]
            self._from = offset

    def _too_long(self) -> TextWithheld:
        return TextWithheld(
            f"a line, or something found in it, is longer than the redaction limit of {self._limit} characters",
            reason="too-large",
            remedy="break the text into lines, or raise redaction.size_limit_bytes",
        )


def pieces(source: Source, find: Find) -> Iterator[Piece]:
    """The whole, piece by piece, with what was found in it.

    Raises:
        TextWithheld: as `find` and `Source.reach`.
    """
    start, header = 0, ""
    while source.reach(start + 1):
        first = source.line_start(start - source.overlap, start)
        end = source.line_end(start + source.window - 1)
        last = source.last_line_end(end, end + source.overlap)
        while True:
            found = moved(find(first, header, source.text(first, last)), first)
            while (crossing := max((each.end for each in found if each.start < end < each.end), default=0)) > end:
                end = source.line_end(crossing - 1)
            if end < last or not source.reach(last + 1):
                break
            # What was found reaches as far as was looked, and may go on behind that.
            last = source.line_end(last + source.window)
        kept = tuple(replace(each, start=max(start, each.start)) for each in found if start < each.end <= end)
        text = source.text(start, end)
        yield Piece(start, text, kept)
        # The rows of a table go on below a seam, and its header says what they are.
        header = open_header(header + text)
        header += "\n" if header else ""
        start = end
        source.drop(start - source.overlap)
