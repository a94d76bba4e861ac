"""What a recognizer is made of: one definition serves Presidio's engine and the built-in scan.

Regular expressions here are for `re`. They use possessive or bounded repeats, so that no text makes them slower than
linear. A group named `value` narrows the match to what is to be removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Hit: TypeAlias = tuple[int, int, float]
"""Start, end and score."""

Check: TypeAlias = Callable[[str, int, int], "Hit | None"]
"""Looks at `text[start:end]` and a bounded stretch around it; the hit, which may be narrower or wider, or None."""

Several: TypeAlias = Callable[[str, int, int], "Sequence[Hit]"]
"""A check that may give any number of hits."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression tried over the whole text.

    Args:
        needs: lower-case texts of which one must occur somewhere before the expression is tried at all.
        near: in ASCII text, outlines of which one stands around or in every match: `A` for a capital, `a` for a small
            letter, `0` for a figure, blanks, line breaks and `.,-/` as they are. It saves time.
        reach: so many characters before the beginning of the outline, and so many behind it, the match lies.
        may_begin: with `near`, says of the place where an outline begins whether a hit may lie there at all.
    """

    expression: str
    score: float = 0.85
    check: Check | None = None
    needs: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    reach: tuple[int, int] = (0, 0)
    may_begin: Callable[[str, int], bool] | None = None


@dataclass(frozen=True, slots=True)
class Anchored:
    """A match around a fixed text, found much faster than a free expression.

    Args:
        anchors: lower-case ASCII texts; case is ignored when they are looked for.
        after: matched where an anchor starts, so it spells the anchor out.
        before: matched against the reversed text in front of the anchor, at most `reach` characters of it.
        several: instead of `check`, where one anchor may hold several hits.
    """

    anchors: tuple[str, ...]
    after: str
    before: str = ""
    reach: int = 64
    score: float = 0.9
    check: Check | None = None
    several: Several | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What has to speak for a bare number beside its check digits, because other numbers look the same.

    Args:
        words: words of which one in the key, or shortly before the number, says what it is; several words that stand
            beside each other are glued: `taxid`.
        one_in: of so many random numbers of the shape one passes the check; 1 if there is no check.
        even_times: whether a number that reads as a time counts without a word; where the check leaves few times over.
        telling: of each the one word without which it is not there, where that is known; it saves time.
    """

    words: frozenset[str]
    one_in: int = 1
    even_times: bool = False
    telling: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Digits:
    """A shape of digits, tried only inside runs of digits with single separators between them.

    Args:
        expression: sees every digit as 0 and nothing around the run, so it spells digits `[0-9]`; what they are and
            what stands beside them is for `check`.
        least: characters, separators included, that a run must have.
        several: instead of `check`, where one shape may hold several hits.
        evidence: asked for before `check`; with None the shape tells enough.
        begins: the digits that every hit begins with, where nothing but the shape is asked for; it saves time.
    """

    expression: str
    least: int
    score: float = 0.85
    check: Check | None = None
    several: Several | None = None
    evidence: Evidence | None = None
    begins: str = ""


@dataclass(frozen=True, slots=True)
class Lettered:
    """A shape of capitals and digits, tried only inside words that mix both and have single separators at most.

    Args:
        expression: sees every digit as 0, every capital as A, and nothing around the word.
        evidence: as for `Digits`.
    """

    expression: str
    score: float = 0.85
    check: Check | None = None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Long:
    """A shape of a word of at least 16 letters, digits and `+ / _ -`, tried only inside such words.

    Args:
        expression: sees the word and nothing around it; `(?<![A-Za-z0-9])` at its start also matches where it begins.
            Empty for the whole word.
        least: shorter words are not looked at; most of a log's are.
    """

    expression: str
    score: float = 0.85
    check: Check | None = None
    least: int = 16


@dataclass(frozen=True, slots=True)
class Keyed:
    """A value recognised by the key it stands under: `key=value`, JSON, headers, query strings, flags, XML tags.

    Args:
        endings: what a key's words end with, words joined by `_`: `customer_name` covers `billing.customerName`.
        bare: what a value without quotes looks like.
        whole: a value in quotes is taken as it is; otherwise `bare` has to match it from its start.
        unless: words in a key that make it something else (`service` before `name`).
        alone: the key, or what follows its last dot, is the ending and nothing more.
    """

    endings: frozenset[str]
    bare: str = r"\S+"
    whole: bool = False
    unless: frozenset[str] = frozenset()
    alone: bool = False
    score: float = 0.85
    check: Check | None = None


Rule: TypeAlias = Pattern | Anchored | Digits | Lettered | Long | Keyed

_ENTITY_TYPE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]*[A-Z][A-Z0-9]*)*\Z")


WORD_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
"""Matches where a word of ASCII letters and digits may begin; `_` does not hide one, nor does an escaped line break."""


def starts_word(text: str, start: int) -> bool:
    """Whether no letter or digit touches from the left; the letter of an escaped line break does not count."""
    return start == 0 or not text[start - 1].isalnum() or text[max(0, start - 2) : start] in {"\\n", "\\r", "\\t"}


def is_entity_type(name: str) -> bool:
    """Whether a name can stand in a placeholder: capitals, digits and `_`, and no number as its last word."""
    return len(name) <= 48 and _ENTITY_TYPE.match(name) is not None


def casefolded(value: str) -> str:
    """Case and runs of spaces do not make another value."""
    return " ".join(value.casefold().split())


def alphanumeric(value: str) -> str:
    """Separators and case do not make another value."""
    return "".join(part for part in value.casefold() if part.isalnum())


@dataclass(frozen=True)
class Definition:
    """One recognizer.

    Args:
        entity_type: Presidio's name where it has one.
        restorable: whether its values may enter the vault. False for secrets, card numbers and what authenticates.
        identity: two values with the same identity get the same placeholder.
    """

    entity_type: str
    rules: tuple[Rule, ...]
    restorable: bool = True
    identity: Callable[[str], str] = casefolded
    name: str = ""
    """What tells recognizers of one entity type apart; its lower case by default."""
    country: str = ""
    """ISO 3166-1 alpha-2 code of the country that gives these numbers out; empty for what is the same everywhere."""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.entity_type.lower())
        if not is_entity_type(self.entity_type):
            raise ValueError(f"{self.entity_type!r} cannot stand in a placeholder")
