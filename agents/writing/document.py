"""A document with parts that code writes and parts that people write; writing it again changes only what changed.

A part of ours stands between `<!-- opswarden:NAME DIGEST -->` and `<!-- /opswarden:NAME -->`. Everything else in the
file belongs to people and is kept, wherever it stands. The digest is of the part as it was written: where the text no
longer has it, somebody went on writing inside of the part, and it stays as that person left it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...core.errors import InputError
from .sources import Sources

HAND = "<!-- What you write outside of the marked parts is kept; so is a marked part that you write on in. -->"
UNKNOWN = "Unknown: no system says it. Whoever knows writes it here, in place of this sentence."
_PART = re.compile(
    r"<!-- opswarden:(?P<name>[a-z][a-z-]{0,40})(?: (?P<digest>[0-9a-f]{8}))? -->\r?\n(?P<body>.*?)\r?\n"
    r"<!-- /opswarden:(?P=name) -->",
    re.DOTALL,
)
_MARK = re.compile(r"<!--\s*/?opswarden:", re.IGNORECASE)
_SOURCE = re.compile(r"^- (S\d{1,4}): (.+)$", re.MULTILINE)


@dataclass
class Document:
    """A document in the making.

    Args:
        title: of the document.
        sources: what it rests on.
        parts: name, heading and lines, in their order.
        notes: what is not known, a sentence each.
        front: front matter, such as programs read; what has no value yet is left for people to fill in.
        is_known: whether any system knows what it is about.
    """

    title: str
    sources: Sources
    parts: list[tuple[str, str, list[str]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    front: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    is_known: bool = True

    def say(self, name: str, heading: str, lines: Sequence[str], nothing: str = UNKNOWN) -> None:
        """Add a part; without lines it says that there is nothing."""
        self.parts.append((name, heading, [*lines] or [nothing]))

    def written(self) -> list[tuple[str, str]]:
        """The parts of ours: name and text with its marks."""
        parts = [*self.parts]
        if self.notes:
            parts.append(("not-known", "Not known", [f"- {note}" for note in self.notes]))
        parts.append(("sources", "Sources", [f"- {line}" for line in self.sources.lines()] or ["None."]))
        return [(name, _part(name, heading, lines)) for name, heading, lines in parts]

    def text(self) -> str:
        """What is ours alone."""
        return self.head() + "\n\n".join(text for _, text in self.written()) + "\n"

    def head(self) -> str:
        """The front matter; empty without any."""
        lines = [
            f"{key}: {json.dumps(value, ensure_ascii=False)}".removesuffix(' ""') for key, value in self.front.items()
        ]
        return "\n".join(["---", *lines, "---", ""]) if lines else ""


@dataclass(frozen=True)
class Merged:
    """A file as it is now.

    Args:
        text: of the whole file.
        by_hand: parts of ours that people wrote on in, so that they stayed as they were, though ours would differ.
    """

    text: str
    by_hand: tuple[str, ...] = ()


def merged(before: str | None, document: Document) -> Merged:
    """A file with its parts of ours as they are now, and everything of people's as it was.

    Raises:
        InputError: a mark in the file has lost its other half, so nobody can tell whose the text behind it is.
    """
    written = dict(document.written())
    if before is None:
        return Merged(f"{document.head()}# {document.title}\n\n{HAND}\n\n" + "\n\n".join(written.values()) + "\n")
    if _MARK.search(_PART.sub("", before)):
        raise InputError(
            "a mark of a part has lost its other half", remedy="put it back, or take both away with what is between"
        )
    seen: set[str] = set()
    by_hand: list[str] = []

    def part(match: re.Match[str]) -> str:
        name = match["name"]
        if match["digest"] and match["digest"] != digest_of(match["body"]):
            if name not in seen and written.get(name) != match[0]:
                by_hand.append(name)
            seen.add(name)
            return match[0]
        if name in seen or name not in written:
            return ""
        seen.add(name)
        return written[name]

    after = _PART.sub(part, before)
    after = _with_front(after, document.front)
    text = _with_new_parts(after, {name: text for name, text in written.items() if name not in seen}, [*written])
    return Merged(text, tuple(by_hand))


def renamed(before: str, title: str) -> str:
    """A file under another title, which stands in its first heading; everything else is as it was."""
    return re.sub(r"^# .*$", lambda _: f"# {title}", before, count=1, flags=re.MULTILINE)


def has_parts(text: str | None) -> bool:
    """Whether a part of ours is in a file."""
    return text is not None and _PART.search(text) is not None


def without_parts(text: str) -> str:
    """What people wrote, without our parts."""
    return _PART.sub("", text)


def _with_front(text: str, front: Mapping[str, str | Sequence[str]]) -> str:
    """What nobody filled in yet is filled in; what stands there stays."""
    head, end, rest = text.partition("\n---\n")
    if not text.startswith("---\n") or not end:
        return text
    lines = head.split("\n")
    for place, line in enumerate(lines):
        key, colon, there = line.partition(":")
        if colon and not there.strip() and front.get(key):
            lines[place] = f"{key}: {json.dumps(front[key], ensure_ascii=False)}"
    head = "\n".join(lines)
    return head + end + rest


def _with_new_parts(text: str, new: Mapping[str, str], order: Sequence[str]) -> str:
    """A part that was not there comes behind the one that it follows, else to the end."""
    for name, part in new.items():
        earlier = [each for each in order[: order.index(name)] if f"<!-- /opswarden:{each} -->" in text]
        if earlier:
            end = f"<!-- /opswarden:{earlier[-1]} -->"
            text = text.replace(end, f"{end}\n\n{part}", 1)
        else:
            text = f"{text.rstrip(chr(10))}\n\n{part}\n"
    return text


def numbers_before(before: str | None) -> dict[str, int]:
    """The numbers that the sources of a file have, so that a source that stays keeps its own."""
    found = {} if before is None else {what: name for name, what in _SOURCE.findall(before)}
    return {what: int(name[1:]) for what, name in found.items()}


def digest_of(body: str) -> str:
    """What tells whether people wrote on in a part; spaces at the ends of lines count for nothing."""
    lines = "\n".join(line.rstrip() for line in body.strip().splitlines())
    return hashlib.sha256(lines.encode()).hexdigest()[:8]


def _part(name: str, heading: str, lines: Sequence[str]) -> str:
    # Nobody's words may end a part or begin one.
    clean = [_MARK.sub("<! --", line) for line in lines]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(clean)).strip("\n")
    body = f"## {heading}\n\n{body}"
    return f"<!-- opswarden:{name} {digest_of(body)} -->\n{body}\n<!-- /opswarden:{name} -->"
