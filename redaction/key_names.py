"""Reading a key: the words it is made of, and which rules they wake."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, TypeVar

from .definition import Keyed

T = TypeVar("T")

_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST_ENDING_WORDS = 5
# Words at the end of a key that say which one or in what dress, not what it is.
_TRAILERS = frozenset({"old", "new", "value", "val", "raw", "text", "plain", "plaintext", "str", "string", "primary"})
_TRAILERS_TOO = frozenset({"secondary", "header", "current", "previous", "prev", "hash", "b64", "base64", "encrypted"})


@lru_cache(maxsize=8192)
def key_words(key: str) -> tuple[str, ...]:
    """The lower-case words of a key: `billing.customerName2` is billing, customer, name, 2."""
    return tuple(word.casefold() for part in _CAMEL.split(key) for word in _WORD.findall(part))


def key_stem(key: str) -> tuple[str, ...]:
    """`key_words` without the words at its end that do not say what it is."""
    words = key_words(key)
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _TRAILERS or words[-1] in _TRAILERS_TOO):
        words = words[:-1]
    return words


def ends_with(key: str, endings: frozenset[str]) -> bool:
    """Whether the last word or words of a key are among the endings."""
    words = key_stem(key)
    return any("_".join(words[-count:]) in endings for count in range(1, min(len(words), _LONGEST_ENDING_WORDS) + 1))


class KeyIndex(Generic[T]):
    """Which rules a key wakes.

    Args:
        rules: each keyed rule with what belongs to it.
    """

    def __init__(self, rules: Iterable[tuple[Keyed, T]]) -> None:
        self._by_ending: dict[str, list[tuple[Keyed, T]]] = {}
        for keyed, owner in rules:
            # `cardNumber`, `card_number` and `cardnumber` are one ending.
            for ending in {_glued(ending) for ending in keyed.endings}:
                self._by_ending.setdefault(ending, []).append((keyed, owner))
        self.rules = lru_cache(maxsize=8192)(self._rules)

    def _rules(self, key: str) -> tuple[tuple[Keyed, T], ...]:
        words = key_stem(key)
        found: dict[int, tuple[Keyed, T]] = {}
        for count in range(1, min(len(words), _LONGEST_ENDING_WORDS) + 1):
            for keyed, owner in self._by_ending.get("".join(words[-count:]), ()):
                if keyed.unless.isdisjoint(words) and (not keyed.alone or _is_alone(key, count)):
                    found[id(keyed)] = (keyed, owner)
        return tuple(found.values())


def _is_alone(key: str, count: int) -> bool:
    """Whether the last `count` words of a key are all there is behind its last dot."""
    return len(key_stem(key.rpartition(".")[2])) == count


def _glued(ending: str) -> str:
    return "".join(key_words(ending))
