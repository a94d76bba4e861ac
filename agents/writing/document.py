"""A document with parts that code writes and parts that people write; writing it again changes only what changed.

A part of ours stands between `<!-- opswarden:NAME -->` and `<!-- /opswarden:NAME -->`. Everything else in the file
belongs to people and is kept, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .sources import Sources

HAND = "<!-- What you write outside of the marked parts is kept. -->"
_PART = re.compile(r"<!-- opswarden:([a-z][a-z-]{0,40}) -->\n.*?\n<!-- /opswarden:\1 -->", re.DOTALL)
_MARK = re.compile(r"<!--\s*/?opswarden:", re.IGNORECASE)


@dataclass
class Document:
    """A document in the making.

    Args:
        title: of the document.
        sources: what it rests on.
        parts: name, heading and lines, in their order.
        notes: what is not known, a sentence each.
    """

    title: str
    sources: Sources
    parts: list[tuple[str, str, list[str]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def say(self, name: str, heading: str, lines: Sequence[str]) -> None:
        """Add a part."""
        self.parts.append((name, heading, [*lines] or ["Nothing is known of this."]))

    def written(self) -> list[tuple[str, str]]:
        """The parts of ours: name and text with its marks."""
        parts = [*self.parts]
        if self.notes:
            parts.append(("not-known", "Not known", [f"- {note}" for note in self.notes]))
        parts.append(("sources", "Sources", [f"- {line}" for line in self.sources.lines()] or ["None."]))
        return [(name, _part(name, heading, lines)) for name, heading, lines in parts]

    def text(self) -> str:
        """The parts of ours alone."""
        return "\n\n".join(text for _, text in self.written()) + "\n"


def merged(before: str | None, document: Document) -> str:
    """A file with its parts of ours as they are now, and everything of people's as it was."""
    written = dict(document.written())
    if before is None:
        return f"# {document.title}\n\n{HAND}\n\n" + "\n\n".join(written.values()) + "\n"
    seen: set[str] = set()

    def part(match: re.Match[str]) -> str:
        name = match[1]
        if name in seen or name not in written:
            return ""
        seen.add(name)
        return written[name]

    after = _PART.sub(part, before)
    new = [text for name, text in written.items() if name not in seen]
    if new:
        after = after.rstrip("\n") + "".join(f"\n\n{text}" for text in new) + "\n"
    return after


def _part(name: str, heading: str, lines: Sequence[str]) -> str:
    # Nobody's words may end a part or begin one.
    clean = [_MARK.sub("<! --", line) for line in lines]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(clean)).strip("\n")
    return f"<!-- opswarden:{name} -->\n## {heading}\n\n{body}\n<!-- /opswarden:{name} -->"
