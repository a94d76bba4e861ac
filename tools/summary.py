"""Keep a summary small however big the data is: texts that can be cleaned, and as many whole entries as will fit."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from ..core.tokens import estimate_tokens
from .shown import as_shown, end_of_paragraphs

M = TypeVar("M", bound=BaseModel)

_HEAD_SHARE = 2 / 3
_LONGEST_WHOLE = 8_000
_LONGEST_DOCUMENT = 32_768
_LONGEST_READ = 65_536
_FRAME = re.compile(r"\n(?=[ \t]{0,16}(?:at |File \"|\.\.\. ))")
_SEAM = re.compile(
    r"(?<!\S)[a-z]{2,}[,.;:]?[ \t]+(?=[a-z]{2,}(?![^\s,.;:]))"  # between two plain lower-case words
    r"|" + _FRAME.pattern  # between two frames of a stack trace
)
# What begins like JSON or XML, two lines of YAML, two rows of a table: what tells of a value may stand far from it.
_STRUCTURE = re.compile(
    r"\A\s*+[{\[<]|^[ \t]*+(?:- )?[\w.-]{1,64}:(?:[ \t][^\n]*+)?\n[ \t]*+(?:- )?[\w.-]{1,64}:(?:\s|\Z)"
    r"|^(?:[^\n,]*+,(?! )){2}[^\n]*+\n(?:[^\n,]*+,(?! )){2}",
    re.MULTILINE,
)


def one_line(text: str | None, limit_tokens: int = 60) -> str:
    """A text for a field that is shown on one line (`spec.OneLine`), as it is in the data: flattened when it is clean.

    Redaction comes after us. It needs the whole text, and half a card number or a value without its key would escape
    it. So a text is whole up to 8,000 characters. A longer one is cut to about the limit, at seams: where no number,
    address, name or key can lie across. One that has none, or is built like a manifest or a table, is left out.
    """
    found = (text or "").strip()
    return found if len(found) <= _LONGEST_WHOLE else _between_seams(found, limit_tokens * 4)


def paragraphs(text: str, limit_tokens: int = 1_500) -> str:
    """A document for a field that shows whole paragraphs of it (`spec.Paragraphs`): whole up to 32,768 characters.

    Of a longer one, its start within the limit, up to an empty line that is in no block of code.
    """
    if len(text) <= _LONGEST_DOCUMENT:
        return text
    return _joined(text, end_of_paragraphs(text, limit_tokens * 4), len(text))


def _between_seams(text: str, room: int) -> str:
    if _STRUCTURE.search(text, 0, _LONGEST_READ):
        return _joined(text, 0, len(text))
    # What begins in the head and ends behind it would be half a structure.
    most = min(round(room * _HEAD_SHARE), *(at for sign in "{<" if (at := text.find(sign)) != -1), len(text))
    head = max((found.end() for found in _SEAM.finditer(text, 0, most + 64) if found.end() <= most), default=0)
    if len(text) > _LONGEST_READ:
        # Not looked at whole, so only its start can be trusted to begin where something begins.
        return _joined(text, head, len(text))
    tail = len(text) - round(room * (1 - _HEAD_SHARE))
    frame = _FRAME.search(text, max(tail, head))
    return _joined(text, head, frame.end() if frame else len(text))


def _joined(text: str, head: int, tail: int) -> str:
    return f"{text[:head]} [… {tail - head} characters left out …] {text[tail:]}".strip()


def _tokens(entry: BaseModel) -> int:
    """Of an entry as it will be shown, about: redaction comes between."""
    return estimate_tokens(json.dumps(as_shown(entry.model_dump(mode="json"), type(entry)), ensure_ascii=False))


def first_that_fit(entries: Sequence[M], limit_tokens: int) -> tuple[M, ...]:
    """The longest run from the start that fits, at least one entry; for lists in order of importance."""
    kept: list[M] = []
    used = 0
    for entry in entries:
        used += _tokens(entry)
        if kept and used > limit_tokens:
            break
        kept.append(entry)
    return tuple(kept)


def ends_that_fit(entries: Sequence[M], limit_tokens: int) -> tuple[M, ...]:
    """Head and tail that fit, two thirds of the room for the head; for lists in order of time."""
    sizes = [_tokens(entry) for entry in entries]
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
