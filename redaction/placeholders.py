"""The marks that stand for what was removed.

`<EMAIL_ADDRESS_1·k3f9>` stands for the first e-mail address of the run whose nonce is `k3f9`; `<SECRET·k3f9>`, without
a number, for something nobody can restore. A text from outside that looks like one gets brackets that mean nothing:
`‹EMAIL_ADDRESS_1·k3f9›`. `<EMAIL_ADDRESS>`, without a nonce, is what a scrubbed log line or span shows; it stands for
nothing. `<EMAIL_ADDRESS·j…>`, with 26 characters behind the j, is a join token: it can be compared and never restored.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_NONCE_LENGTH = 4
_NUMBER_DIGITS = 7
_JOIN_LENGTH = 26  # characters of five bits for 128 bits

_MARK = rf"([A-Z][A-Z0-9_]{{0,47}}?)(?:_([1-9][0-9]{{0,{_NUMBER_DIGITS - 1}}}))?"
_NONCE = rf"·([0-9a-z]{{{_NONCE_LENGTH}}})"
_EXACT = re.compile(f"<{_MARK}{_NONCE}>")
_TYPED = re.compile(f"{_MARK}(?:{_NONCE})?")
_ANY_MARK = re.compile(f"<{_MARK}(?:·[0-9a-z]{{{_NONCE_LENGTH},{_JOIN_LENGTH + 1}}})?>")
_MARKS = re.compile(f"[<‹]{_MARK}{_NONCE}[>›]")
# Whatever a person or a model could take for one: any case, any length, spaces, and the dots that look alike.
_LOOK_ALIKE = re.compile(r"<(?=([ ]{0,4}\w{2,80}[ ]{0,4}[·•‧∙⋅・･ꞏ᛫][ ]{0,4}\w{3,32}[ ]{0,4}))\1>")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder; `number` is None when there is nothing to restore."""

    entity_type: str
    number: int | None
    nonce: str

    def __str__(self) -> str:
        number = "" if self.number is None else f"_{self.number}"
        return f"<{self.entity_type}{number}·{self.nonce}>"


@dataclass(frozen=True, slots=True)
class Place:
    """A placeholder found at [start, end) of a text."""

    start: int
    end: int
    placeholder: Placeholder


def read_placeholder(text: str) -> Placeholder | None:
    """What a person typed: exactly a placeholder, with or without its brackets and its nonce (empty then)."""
    inside = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    found = _TYPED.fullmatch(inside)
    return Placeholder(found[1], int(found[2]) if found[2] else None, found[3] or "") if found else None


def run_nonce(key: bytes, run_id: str) -> str:
    """Four characters (20 bits) that mark a run's placeholders; without the key nobody can tell them from its id."""
    digest = hmac.digest(key, run_id.encode(), hashlib.sha256)
    return "".join(_ALPHABET[byte & 31] for byte in digest[:_NONCE_LENGTH])


def places(text: str) -> tuple[Place, ...]:
    """Everything in a text that has exactly the form of a placeholder, of whatever run."""
    if "·" not in text:
        return ()
    return tuple(
        Place(match.start(), match.end(), Placeholder(match[1], int(match[2]) if match[2] else None, match[3]))
        for match in _EXACT.finditer(text)
    )


def look_alikes(text: str) -> tuple[tuple[int, int], ...]:
    """The ranges of a (folded or decoded) text that could be taken for a placeholder, exact ones included."""
    return tuple(match.span() for match in _LOOK_ALIKE.finditer(text)) if "<" in text and not text.isascii() else ()


def disarmed(look_alike: str) -> str:
    """The same text in brackets that mean nothing."""
    return f"‹{look_alike[1:-1]}›"


def is_disarmed(text: str) -> bool:
    """Whether a look-alike has its meaningless brackets already."""
    return text.startswith("‹") and text.endswith("›")


def without_marks(text: str) -> str:
    """A key without the placeholders in it, whose letters are no words."""
    return _MARKS.sub(" ", text) if "·" in text else text


def holds_mark(text: str) -> bool:
    """Whether something was taken out of a text: it holds a placeholder, a marker or a join token."""
    return "<" in text and _ANY_MARK.search(text) is not None


def join_mark(entity_type: str, digest: bytes) -> str:
    """A join token; `digest` is 16 bytes."""
    number = int.from_bytes(digest, "big")
    return f"<{entity_type}·j{''.join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_JOIN_LENGTH)))}>"


def marker(entity_type: str) -> str:
    """What stands for a value outside of any run."""
    return f"<{entity_type}>"


def marker_pattern(entity_types: Collection[str]) -> re.Pattern[str]:
    """Finds markers, placeholders and join tokens of the given entity types, to be left alone by a second scrubbing."""
    names = "|".join(sorted(map(re.escape, entity_types), key=len, reverse=True))
    number, nonce = rf"_[1-9][0-9]{{0,{_NUMBER_DIGITS - 1}}}", rf"·[0-9a-z]{{{_NONCE_LENGTH}}}"
    return re.compile(rf"<(?:{names})(?:·j[{_ALPHABET}]{{{_JOIN_LENGTH}}}|(?:{number})?(?:{nonce})?)>")
