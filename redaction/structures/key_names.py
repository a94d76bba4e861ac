"""Reading a key: the words it is made of, and which rules they wake."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

from ..definition import Keyed
from ..placeholders import without_marks
from ..views.confusables import in_latin

T = TypeVar("T")

_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST_ENDING_WORDS = 5
# Words at the end of a key that say which one or in what dress, not what it is.
_TRAILERS = frozenset({"old", "new", "value", "val", "raw", "text", "plain", "plaintext", "str", "string", "primary"})
_TRAILERS_TOO = frozenset(
    {"secondary", "header", "current", "previous", "prev", "hash", "b64", "base64", "encrypted", "sha", "hex"}
)
# Where something is used, as in `phone.home`.
_TRAILERS_OF_USE = frozenset({"home", "work", "office", "default"})
# Keys that say which part of the thing above them they are: `name.first`, `card.number`.
_PARTS = _TRAILERS | frozenset("first last middle given family full number no num code data content label".split())
# Operators of queries, and members of schemas with a value of the field that they stand in.
_OF_ABOVE = frozenset("query eq equals iexact exact contains icontains startswith startsWith like ilike".split()) | {
    *("example", "default", "const")
}
_ANY_TRAILER = _TRAILERS | _TRAILERS_TOO | _TRAILERS_OF_USE

ITEM = "[]"
"""At the end of a name in a key: the value is an item of a list, so that the name may be a plural."""

KEY_NAMES = ("name", "key", "Name", "Key", "field", "parameter", "param", "attribute", "header", "property", "column")
VALUE_NAMES = frozenset({"value", "Value", "val", "defaultValue", "default_value", "stringValue", "string_value"})
"""Members that together are one key and its value: `{"name": "DB_PASSWORD", "value": "x"}`."""

SECRET_DATA = frozenset({"data", "stringData"})
SECRET_KEY = "kubernetes.secret"  # noqa: S105 - a name
"""What is read over every value of a Kubernetes Secret, whatever its own key is."""

# Plurals of English, Spanish, Portuguese, French and Italian.
_SINGULARS = (("ies", "y"), ("es", ""), ("s", ""), ("oes", "ao"), ("ões", "ão"), ("ais", "al"), ("i", "o"))
_BARE = str.maketrans("ıđłøæßİ", "idloasI")


@lru_cache(maxsize=8192)
def key_words(key: str) -> tuple[str, ...]:
    """The lower-case words of a key: `billing.customerName2` is billing, customer, name, 2."""
    return tuple(word.casefold() for part in _CAMEL.split(unmarked(without_marks(key))) for word in _WORD.findall(part))


def unmarked(text: str) -> str:
    """Without accents that stand alone and vowel signs of Indic and Thai script, which would cut words to pieces."""
    if text.isascii():
        return text
    return "".join(part for part in text if not unicodedata.category(part).startswith("M"))


def key_stem(key: str) -> tuple[str, ...]:
    """`key_words` without the words at its end that do not say what it is."""
    words = key_words(key)
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _ANY_TRAILER):
        words = words[:-1]
    return words


def joined(above: Sequence[str], name: str) -> str:
    """The key of something under other keys: the one above it, and one more where these two only name a part."""
    if not above:
        return name
    count = 2 if name.casefold() in _PARTS else 1
    return ".".join((*above[-count:], name))


def speaks_of_above(name: str) -> bool:
    """Whether a member has a value of what it stands in: `{"full_name": {"$regex": "x"}}`, `phone: {example: "x"}`."""
    return name in _OF_ABOVE or (name[:1] == "$" and len(name) > 1)


def readings(key: str) -> Iterator[str]:
    """The ways to read a key: as it is, plurals of lists as one of them, parts in front, letters without accents."""
    forms = list(dict.fromkeys(_singulars(key))) if ITEM in key else [key]
    for form in forms:
        yield form
        above, dot, name = form.rpartition(".")
        # `name.first` is a first name.
        if dot and name.casefold() in _PARTS:
            yield f"{name}_{above.rpartition('.')[2]}"
        if not form.isascii() and (bare := without_accents(form)) != form:
            yield bare


def without_accents(text: str) -> str:
    """Latin letters without what is above and below them; letters of other scripts stay."""
    parts = unicodedata.normalize("NFD", text.translate(_BARE))
    kept = [part for at, part in enumerate(parts) if not (unicodedata.combining(part) and parts[at - 1 : at].isascii())]
    return unicodedata.normalize("NFC", "".join(kept))


def _singulars(key: str) -> Iterator[str]:
    """A key with list names as they are, and in the forms that their singular may have."""
    yield key.replace(ITEM, "")
    for shorter, longer in _SINGULARS:
        yield re.sub(rf"{shorter}\[\]", longer, key, flags=re.IGNORECASE).replace(ITEM, "")


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
            # `cardNumber`, `card_number` and `cardnumber` are one ending. A view may have put Latin letters into it.
            for ending in {_glued(form) for name in keyed.endings for form in (name, in_latin(name))}:
                self._by_ending.setdefault(ending, []).append((keyed, owner))
        self.rules = lru_cache(maxsize=8192)(self._rules)
        self.is_idle = lru_cache(maxsize=8192)(self._is_idle)

    def _is_idle(self, key: str) -> bool:
        """Whether a key wakes nothing, itself, over a list, or without a letter in front that escapes a line break."""
        return not any(map(self.rules, (key, key + ITEM, key[1:])))

    def _rules(self, key: str) -> tuple[tuple[Keyed, T], ...]:
        found: dict[int, tuple[Keyed, T]] = {}
        for reading in readings(key):
            # `value` says nothing in `emailValue`, and all in `cardVerificationValue`.
            for words in dict.fromkeys((key_stem(reading), key_words(reading))):
                for count in range(1, min(len(words), _LONGEST_ENDING_WORDS) + 1):
                    for keyed, owner in self._by_ending.get("".join(words[-count:]), ()):
                        if keyed.unless.isdisjoint(words) and (not keyed.alone or _is_alone(reading, words[-count:])):
                            found[id(keyed)] = (keyed, owner)
        return tuple(found.values())


def _is_alone(key: str, ending: tuple[str, ...]) -> bool:
    """Whether an ending is all there is behind the last dot of a key."""
    name = key.rpartition(".")[2]
    return ending in (key_stem(name), key_words(name))


def _glued(ending: str) -> str:
    return "".join(key_words(ending))
