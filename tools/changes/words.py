"""The words of identifiers, files, log lines and metric names, so that a change can be laid beside the symptoms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9_]*|\d{3,12}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STEM = 5
_SHORTEST = 2
_MOST_TEXT = 16_000

_COMMON = frozenset(
    "the and for with from into over under that this then than not are was were has have had its our your all any each "
    "per via now can may will should out off onto upon when where which while also only more most less "
    "error errors err fail failed fails failure exception warn warning info debug fatal trace level message msg "
    "service services server client request requests response responses http https api app apps main src pkg lib cmd "
    "internal com org net www go py js ts java yaml yml json sql toml xml cpp rs rb "
    "func function def class const var let return returns import package public private static void int str string "
    "bool float byte bytes type struct interface self new make get set put add use used nil null none true false "
    "is in if else elif of on or to at by an as be do no it we id ok so up defer async await try catch finally raise "
    "throw throws fmt feat fix chore refactor docs test tests style perf ci build revert bump update updated change "
    "changed changes deploy deployed deployment release released config configuration flag enabled disabled".split()
)
"""Words of grammar, of programming languages and of every log: whoever shares only these shares nothing."""


def words_of_text(text: str) -> frozenset[str]:
    """Identifiers as a whole, their parts, words and longer numbers; lower case, words cut to their stem.

    `loadFavorites` gives loadfavorites, load and favor. Cutting words off after five letters is the plainest stemmer
    there is, and about as good as better ones for finding related texts.

    Source: McNamee and Mayfield, Character n-gram tokenization for European language text retrieval, Information
    Retrieval 7, 2004.
    """
    return next(words_of_texts([text]))


def words_of_texts(texts: Iterable[str]) -> Iterator[frozenset[str]]:
    """`words_of_text` of each; what stands in many of them is taken apart once."""
    known: dict[str, tuple[str, ...]] = {}
    for text in texts:
        tokens = set(_TOKEN.findall(text[:_MOST_TEXT]))
        for token in tokens:
            if token not in known:
                known[token] = tuple(_words_of_token(token))
        yield frozenset(word for token in tokens for word in known[token])


def words_of_names(names: Iterable[str]) -> frozenset[str]:
    """The words of entity names: who is changed is weighed apart from what is changed."""
    return frozenset(word for name in names for word in words_of_text(name))


def _words_of_token(token: str) -> Iterator[str]:
    parts = [part.lower() for part in _CAMEL.sub("_", token).split("_") if part]
    if len(parts) > 1:
        yield token.lower().replace("_", "")
    yield from (_stem(part) for part in parts if len(part) >= _SHORTEST and part not in _COMMON)


def _stem(word: str) -> str:
    return word if word[0].isdigit() else word[:_STEM]
