"""Keep a summary small however big the data is: whole entries, as many as fit, the first or both ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from ..core.tokens import estimate_tokens

M = TypeVar("M", bound=BaseModel)

_HEAD_SHARE = 2 / 3
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_LONGEST_WHOLE = 8_000
_LONGEST_READ = 32_768
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufeff]+")
_SEAM = re.compile(
    r"(?<!\S)[a-z]{2,}[,.;:]?[ \t]+(?=[a-z]{2,}(?![^\s,.;:]))"  # between two plain lower-case words
    r"|<\*>[,;:\])}]*[ \t]+"  # after what is masked already
    r"|[\"\]}\w],[ \t]*(?=\"[A-Za-z_])"  # between two members of a JSON object
    r"|\n(?=\s*(?:at |File \"|\.\.\. ))"  # between two frames of a stack trace
)


def one_line(text: str | None, limit_tokens: int) -> str:
    """A text from the data on one line, without control characters: all of it, or its head and tail.

    Redaction comes after us, and half a card number or half an address would escape it. So a text is only cut at a
    seam: where no number, address, name or key can lie across. A text without seams stays whole up to 8,000 characters,
    for the gate to cut when it is clean, and a longer one is left out.
    """
    return _UNPRINTABLE.sub(" ", _within((text or "").strip(), limit_tokens, _SEAM)).strip()


def paragraphs(text: str, limit_tokens: int) -> str:
    """A document as it is, or its first and last whole paragraphs; cut like `one_line`, but only at empty lines."""
    return _within(text, limit_tokens, _EMPTY_LINE)


def _within(text: str, limit_tokens: int, seam: re.Pattern[str]) -> str:
    room = limit_tokens * 4
    if len(text) > _LONGEST_READ:
        # Not looked at whole, so only its start can be trusted to begin where something begins.
        return _joined(text, max((found.end() for found in seam.finditer(text[:room])), default=0), len(text))
    if len(text) <= limit_tokens or estimate_tokens(text) <= limit_tokens:
        return text
    seams = [found.end() for found in seam.finditer(text)]
    head = max((place for place in seams if place <= room * _HEAD_SHARE), default=0)
    tail = min((place for place in seams if place >= len(text) - room * (1 - _HEAD_SHARE)), default=len(text))
    if head == 0 and tail == len(text) and len(text) <= _LONGEST_WHOLE:
        return text
    return _joined(text, head, max(tail, head))


def _joined(text: str, head: int, tail: int) -> str:
    return f"{text[:head]} [… {tail - head} characters left out …] {text[tail:]}"


def first_that_fit(entries: Sequence[M], limit_tokens: int) -> tuple[M, ...]:
    """The longest run from the start that fits, at least one entry; for lists in order of importance."""
    kept: list[M] = []
    used = 0
    for entry in entries:
        used += estimate_tokens(entry.model_dump_json())
        if kept and used > limit_tokens:
            break
        kept.append(entry)
    return tuple(kept)


def ends_that_fit(entries: Sequence[M], limit_tokens: int) -> tuple[M, ...]:
    """Head and tail that fit, two thirds of the room for the head; for lists in order of time."""
    sizes = [estimate_tokens(entry.model_dump_json()) for entry in entries]
    if sum(sizes) <= limit_tokens:
        return tuple(entries)
    head = first_that_fit(entries, round(limit_tokens * _HEAD_SHARE))
    left = limit_tokens - sum(sizes[: len(head)])
    tail: list[M] = []
    for entry, size in zip(reversed(entries[len(head) :]), reversed(sizes[len(head) :]), strict=True):
        left -= size
        if left < 0:
            break
        tail.append(entry)
    return (*head, *reversed(tail))
