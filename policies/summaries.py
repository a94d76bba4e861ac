"""Making a result small: lists are cut from the middle, long texts lose theirs, and the reader is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..core.canonical import JsonValue, canonical_json
from ..core.tokens import estimate_tokens
from ..tools.shown import fair_share, shortened
from ..tools.summary import one_line

_SAFE_INTEGER = 2**53
# Redaction looks at whole texts, so that no cut leaves half an address behind; beyond this many characters it may not.
_RAW_TEXT_LIMIT = 32_768
# How much more is cleaned than will be shown: texts are flattened and cut afterwards.
_RAW_FACTOR = 16
_SHORTEST_TEXT_TOKENS = 24


@dataclass(frozen=True)
class Shortened:
    """A value that fits, and what is missing.

    Args:
        left_out: one line per cut: where, and how many items or whether text is missing; no content.
    """

    value: JsonValue
    left_out: tuple[str, ...]


def plain_json(value: object) -> JsonValue:
    """JSON that has a canonical form: no NaN, no infinities, no lone surrogates, no integer beyond 2**53.

    What does not fit is replaced: numbers by `null` or a text, half characters by U+FFFD.
    """
    if isinstance(value, Mapping):
        return {str(plain_json(str(key))): plain_json(item) for key, item in value.items()}
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not _is_whole(value) else value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence):
        return [plain_json(item) for item in value]
    return str(value)


def bound(value: JsonValue, limit_tokens: int) -> Shortened:
    """A first, coarse cut before redaction: whole items of lists go, texts stay whole unless they are huge."""
    return _Cutter(_within_reason, _Weights()).cut(value, limit_tokens * _RAW_FACTOR)


def _within_reason(text: str, _limit: int) -> str:
    return text if len(text) <= _RAW_TEXT_LIMIT else one_line(text, _RAW_TEXT_LIMIT // 8)


def fit(value: JsonValue, limit_tokens: int) -> Shortened:
    """The final cut, of a redacted value, to about `limit_tokens`; at worst what is left is a text, cut hard."""
    room = limit_tokens
    shortest, weights = Shortened(value, ()), _Weights()
    for _ in range(4):
        cutter = _Cutter(lambda text, limit: shortened(text, max(limit, _SHORTEST_TEXT_TOKENS)), weights)
        shortest = cutter.cut(value, room)
        if weights.of(shortest.value) <= limit_tokens * 5 // 4:
            return shortest
        room = room * 2 // 3  # many members at their smallest size are still too much together
    text = shortened(canonical_json(shortest.value).decode(), limit_tokens)
    return Shortened(text, ("the result is too wide to be shown whole",))


class _Cutter:
    def __init__(self, cut_text: Callable[[str, int], str], weights: _Weights) -> None:
        self._shorter = cut_text
        self._weigh = weights.of
        self._left_out: list[str] = []

    def cut(self, value: JsonValue, limit: int) -> Shortened:
        return Shortened(self._cut(value, limit, "result"), tuple(dict.fromkeys(self._left_out)))

    def _cut(self, value: JsonValue, limit: int, path: str) -> JsonValue:
        if self._weigh(value) <= limit:
            return value
        if isinstance(value, str):
            return self._cut_text(value, limit, path)
        if isinstance(value, Mapping):
            return self._cut_mapping(value, limit, path)
        if isinstance(value, Sequence):
            return self._cut_list(value, limit, path)
        return value

    def _cut_text(self, text: str, limit: int, path: str) -> str:
        shorter = self._shorter(text, limit)
        if shorter != text:
            self._left_out.append(f"the middle of the text at {path!r} is left out")
        return shorter

    def _cut_mapping(self, value: Mapping[str, JsonValue], limit: int, path: str) -> dict[str, JsonValue]:
        """The small members keep what they need; the large ones share the rest evenly; of very many the ends stay."""
        most = max(limit // 4, 8)
        if len(value) > most:
            self._left_out.append(f"{len(value) - most} of {len(value)} entries in the middle of {path!r} are left out")
            kept = list(value)[: most - most // 3] + list(value)[len(value) - most // 3 :]
            value = {key: value[key] for key in kept}
        weights = {key: self._weigh(item) + _text_weight(key) for key, item in value.items()}
        share = fair_share(list(weights.values()), limit)
        return {
            key: item if weights[key] <= share else self._cut(item, max(share - _text_weight(key), 1), f"{path}.{key}")
            for key, item in value.items()
        }

    def _cut_list(self, value: Sequence[JsonValue], limit: int, path: str) -> list[JsonValue]:
        """Head and tail, two to one; at least the first item and, of several, the last."""
        least = min(2, len(value))
        # One item may take at most half, so that a giant does not push everybody else out.
        items = [self._cut(item, max(limit // 2, 8), f"{path}[]") for item in _ends(value, limit)]
        weights = [self._weigh(item) for item in items]
        head, tail, used = 0, 0, 0
        while head + tail < len(items):
            takes_head = head <= 2 * tail
            weight = weights[head] if takes_head else weights[-1 - tail]
            if used + weight > limit and head + tail >= least:
                break
            used += weight
            head, tail = (head + 1, tail) if takes_head else (head, tail + 1)
        if head + tail < len(value):
            self._left_out.append(
                f"{len(value) - head - tail} of {len(value)} items in the middle of {path!r} are left out"
            )
        return items[:head] + items[len(items) - tail :]


def _ends(value: Sequence[JsonValue], limit: int) -> Sequence[JsonValue]:
    """No more items than could ever fit, so that a list of a million is not weighed."""
    most = limit + 2
    return value if len(value) <= 2 * most else [*value[:most], *value[-most:]]


class _Weights:
    """Tokens of values as JSON, roughly and cheaply; each branch is weighed once, however often it is cut."""

    def __init__(self) -> None:
        # With the branch itself, so that no other one can get its id meanwhile.
        self._known: dict[int, tuple[object, int]] = {}

    def of(self, value: JsonValue) -> int:
        if isinstance(value, str):
            return _text_weight(value)
        if value is None or isinstance(value, (int, float)):
            return 2
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        if isinstance(value, Mapping):
            weight = sum(_text_weight(key) + self.of(item) for key, item in value.items()) + 1
        else:
            weight = sum(map(self.of, value)) + 1
        self._known[id(value)] = value, weight
        return weight


def _text_weight(text: str) -> int:
    return (len(text) + 3) // 4 + 1 if text.isascii() else estimate_tokens(text) + 1


def _is_whole(text: str) -> bool:
    """Whether a text has a UTF-8 form."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
