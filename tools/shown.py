"""How much of a clean text is shown: on one line or in paragraphs, within so many tokens, no placeholder cut in half.

A tool hands over texts as they are in the data, because redaction reads structures of several lines: the head of a
table above its column, the kind of a manifest above its values. So its result model says how each text will be shown,
and the gate does that when the text is clean.
"""

from __future__ import annotations

import re
import types
import typing
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, TypeAlias, Union

from pydantic import BaseModel

from ..core.canonical import JsonValue
from ..core.tokens import estimate_tokens
from .spec import OneLine, Paragraphs

Form: TypeAlias = OneLine | Paragraphs

_HEAD_SHARE = 2 / 3
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ufeff]+")
_STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
_ATOM = re.compile(r"<[A-Z][A-Z0-9_]{1,59}(?:·[0-9a-z]{4,27})?>|\[text withheld: [a-z-]{1,40}\]")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)", re.MULTILINE)
_LONGEST_WORD = 24
_MARK_TOKENS = 12  # what says that something is left out; for less, nothing is


def flat(text: str) -> str:
    """A text on one line, without control characters."""
    return _UNPRINTABLE.sub(" ", text).strip()


def shortened(text: str, limit_tokens: int, gap: str = "\n") -> str:
    """A clean text, or its head and tail within about the limit, cut between words and outside of placeholders.

    Args:
        text: clean; a cut may go through anything else.
        limit_tokens: of what comes back.
        gap: stands on both sides of the mark that says how much is left out.
    """
    if estimate_tokens(text) <= limit_tokens:
        return text
    atoms = [match.span() for match in _ATOM.finditer(text)]
    room = limit_tokens * 4
    while room > 16:
        head, tail = _edges(text, room, atoms)
        cut = f"{text[:head]}{gap}[… {tail - head} characters left out …]{gap}{text[tail:]}".strip()
        if estimate_tokens(cut) <= limit_tokens + 16:
            return cut
        room = room * 3 // 4
    return text[: _outside(min(16, len(text)), atoms)[0]]


def _edges(text: str, room: int, atoms: Sequence[tuple[int, int]]) -> tuple[int, int]:
    head = min(round(room * _HEAD_SHARE), len(text))
    tail = max(len(text) - (room - head), head)
    before = max(text.rfind(mark, max(head - _LONGEST_WORD, 0), head) for mark in " \n")
    after = [at + 1 for mark in " \n" if (at := text.find(mark, tail, tail + _LONGEST_WORD)) != -1]
    head, tail = before if before > 0 else head, min(after, default=tail)
    return _outside(head, atoms)[0], max(_outside(tail, atoms)[1], head)


def _outside(place: int, atoms: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The nearest places before and after that lie inside of nothing."""
    return next(((start, end) for start, end in atoms if start < place < end), (place, place))


def in_paragraphs(text: str, limit_tokens: int) -> str:
    """A clean document, or its first and last whole paragraphs; where it has none so short, cut as any text."""
    if estimate_tokens(text) <= limit_tokens:
        return text
    room = limit_tokens * 4
    ends = [match.start() for match in _EMPTY_LINE.finditer(text)]
    head = max((place for place in ends if place <= room * _HEAD_SHARE), default=0)
    tail = min((place for place in ends if place >= len(text) - room * (1 - _HEAD_SHARE)), default=len(text))
    if head == 0 or estimate_tokens(text[:head]) + estimate_tokens(text[tail:]) > limit_tokens:
        return shortened(text, limit_tokens)
    return f"{text[:head]}\n\n[… {tail - head} characters left out …]{text[tail:]}"


def end_of_paragraphs(text: str, most: int) -> int:
    """The end of the last whole paragraph up to a place that is in no block of code; 0 if there is none."""
    fences = [found.start() for found in _FENCE.finditer(text)]
    ends = [found.end() for found in _EMPTY_LINE.finditer(text, 0, most)]
    return next((end for end in reversed(ends) if bisect_left(fences, end) % 2 == 0), 0)


def as_shown(value: JsonValue, model: type[BaseModel]) -> JsonValue:
    """The clean JSON of a result, every text in the form that its field declares, and none that steers a terminal."""
    forms = forms_of(model)
    flats: dict[str, list[str]] = {}

    def flatten(path: str, text: str) -> str:
        if isinstance(forms.get(path), OneLine):
            text = flat(text)
            flats.setdefault(path, []).append(text)
            return text
        # Not taken out: two halves that redaction saw apart must not become one.
        return text if text.isprintable() else _STEERING.sub("\ufffd", text)

    value = _mapped(value, "", forms, flatten)
    rooms = {path: _room(forms.get(path), texts) for path, texts in flats.items()}

    def cut(path: str, text: str) -> str:
        form = forms.get(path)
        if isinstance(form, Paragraphs):
            return in_paragraphs(text, form.tokens)
        if path in rooms and estimate_tokens(text) > rooms[path] + _MARK_TOKENS:
            return shortened(text, rooms[path], " ")
        return text

    return _mapped(value, "", forms, cut)


def _room(form: Form | None, texts: Sequence[str]) -> int:
    """What each of the texts of a field may take, so that together they fit."""
    if not isinstance(form, OneLine) or form.together is None:
        return form.tokens if form else 0
    return min(form.tokens, fair_share([estimate_tokens(text) for text in texts], form.together))


def fair_share(weights: Sequence[int], limit: int) -> int:
    """The largest share such that members above it, cut to it, fit together with the smaller ones."""
    left, remaining = limit, sorted(weights)
    while remaining:
        share = max(left // len(remaining), 1)
        if remaining[0] > share:
            return share
        left -= remaining.pop(0)
    return limit


def _mapped(
    value: JsonValue,
    path: str,
    forms: Mapping[str, Form | None],
    change: Callable[[str, str], str],
) -> JsonValue:
    """The value with every text and every key of a dictionary changed; paths as `forms_of` writes them."""
    if isinstance(value, str):
        return change(path, value)
    if isinstance(value, Mapping):
        if f"{path}{{key}}" not in forms:
            inner = f"{path}." if path else ""
            return {key: _mapped(item, f"{inner}{key}", forms, change) for key, item in value.items()}
        keys = _distinct(change(f"{path}{{key}}", key) for key in value)
        return {
            key: _mapped(item, f"{path}{{}}", forms, change) for key, item in zip(keys, value.values(), strict=True)
        }
    if isinstance(value, Sequence):
        return [_mapped(item, f"{path}[]", forms, change) for item in value]
    return value


def _distinct(names: Iterable[str]) -> list[str]:
    """Two keys that became the same stay two."""
    kept: dict[str, None] = {}
    for name in names:
        candidate, count = name, 1
        while candidate in kept:
            count += 1
            candidate = f"{name} ({count})"
        kept[candidate] = None
    return list(kept)


@lru_cache(maxsize=512)
def forms_of(model: type[BaseModel]) -> Mapping[str, Form | None]:
    """The form of every leaf of a result model, by its path as `spec.trust_of` writes it; None where it has none."""
    found: dict[str, Form | None] = {}
    for name, field in model.model_fields.items():
        _walk(name, Annotated[(field.annotation, None, *field.metadata)], found)
    return found


def _walk(path: str, annotation: Any, found: dict[str, Form | None]) -> None:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        form = next((mark for mark in arguments[1:] if isinstance(mark, (OneLine, Paragraphs))), None)
        if form is not None:
            found[path] = form
        else:
            _walk(path, arguments[0], found)
    elif origin in (Union, types.UnionType):
        for member in arguments:
            _walk(path, member, found)
    elif origin in (list, tuple, set, frozenset):
        for member in arguments:
            _walk(f"{path}[]", member, found)
    elif origin in (dict, Mapping):
        _walk(f"{path}{{key}}", arguments[0], found)
        _walk(f"{path}{{}}", arguments[-1], found)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found.update({f"{path}.{inner}": form for inner, form in forms_of(annotation).items()})
    else:
        found.setdefault(path, None)
