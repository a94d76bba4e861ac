"""Sentences that were computed in English, said in the language of a channel.

Reports, questions and digests are worded once, in English, for every surface and for the ledger. What Slack shows of
them is recognised by the form of the sentence; names, numbers and whatever outsiders wrote stay as they are. What has
no known form (a model's words, a runbook's step) is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .briefing_phrases import BRIEFINGS
from .computed_phrases import COMPUTED
from .digest_phrases import DIGESTS
from .question_phrases import QUESTIONS
from .words import LANGUAGES, Language, number

_SLOT = re.compile(r"\{(\w+)\}")
_WORD, _ANY = r"(\S+?)", r"(.+?)"
_LONGEST = 700
_MOST_PARTS, _DEEPEST = 24, 4


@dataclass(frozen=True)
class _Phrase:
    """A form of a sentence.

    Args:
        pattern: matches it; one group for each slot.
        slots: their names, in the order of the groups. `w…` holds one word, `t…` and `o…` a part that is said in the
            language as well, the latter only if its form is known, `l…` a list of such parts; all others are kept.
        literals: what the sentence holds in any case, so that most are told apart without the pattern.
        said: by language.
    """

    pattern: re.Pattern[str]
    slots: tuple[str, ...]
    literals: tuple[str, ...]
    said: tuple[str, ...]


def in_language(text: str, language: Language) -> str:
    """A computed line in a language, or as it is where its form is not known."""
    return _said(text, language, 0) or text


def is_known(text: str) -> bool:
    """Whether the form of a computed line is known."""
    return _said(text, "es", 0) is not None


def _said(text: str, language: Language, depth: int) -> str | None:
    if language == "en":
        return text
    if depth > _DEEPEST or len(text) > _LONGEST:
        return None
    # Lines are joined with semicolons, which some sentences hold themselves.
    is_joined = "; " in text
    found = _whole(text, language, depth, is_joined=is_joined)
    if found is not None:
        return found
    if is_joined:
        parts = text.split("; ", _MOST_PARTS)
        told = [_said(part, language, depth + 1) for part in parts]
        if any(part is not None for part in told):
            return "; ".join(new or old for new, old in zip(told, parts, strict=True))
        return None
    head, sep, rest = text.partition(": ")
    about = _said(rest, language, depth + 1) if sep else None
    if about is not None:
        return f"{head}: {about}"
    if text.endswith("."):
        ended = _said(text[:-1], language, depth + 1)
        return f"{ended}." if ended is not None else None
    return None


def _whole(text: str, language: Language, depth: int, *, is_joined: bool) -> str | None:
    for phrase in _phrases():
        if any(literal not in text for literal in phrase.literals):
            continue
        if is_joined and not any("; " in literal for literal in phrase.literals):
            continue
        match = phrase.pattern.fullmatch(text)
        if match is None:
            continue
        parts: dict[str, str] = {}
        for name, value in zip(phrase.slots, match.groups(), strict=True):
            told = _listed(value, language, depth) if name[0] == "l" else None
            if name[0] in "to":
                told = _said(value, language, depth + 1)
            if told is None and name[0] == "t":
                break
            parts[name] = told or number(value, language)
        else:
            return phrase.said[LANGUAGES.index(language)].format(**parts)
    return None


def _listed(text: str, language: Language, depth: int) -> str:
    parts = text.split(", ", _MOST_PARTS)
    return ", ".join(_whole(part, language, depth + 1, is_joined=False) or part for part in parts)


@cache
def _phrases() -> tuple[_Phrase, ...]:
    return tuple(_compiled())


def _compiled() -> Iterator[_Phrase]:
    for said in (*COMPUTED, *BRIEFINGS, *QUESTIONS, *DIGESTS):
        pieces = _SLOT.split(said[0])
        slots, texts = tuple(pieces[1::2]), pieces[::2]
        groups = [_WORD if name.startswith("w") else _ANY for name in slots]
        joined = re.escape(texts[0]) + "".join(
            group + re.escape(text) for group, text in zip(groups, texts[1:], strict=True)
        )
        yield _Phrase(re.compile(joined), slots, tuple(text for text in texts if text), said)
