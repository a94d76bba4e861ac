"""What a message says: the words of a person, or an alert of a bot, with what it is about and how bad it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .settings import severity_of

_OVER = re.compile(r"\[?\b(?:resolved|recovered|closed|ok)\b(?::\d+)?\]?", re.IGNORECASE)
_FIRING = re.compile(r"\[(?:firing|alerting|triggered)(?::\d+)?\]\s*", re.IGNORECASE)
_MARKUP = re.compile(r"[*_`~]|<[^>|]*\||[<>]|:[a-z0-9_+-]+:")
_MENTIONED = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_LINKED = re.compile(r"<(?:https?://)?([^|>]*)(?:\|([^>]*))?>")
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*")
_SEVERITY = re.compile(r"\b(?:severity|priority|level)\b\W{0,6}([A-Za-z0-9]{2,16})", re.IGNORECASE)
_LONGEST = 20_000


@dataclass(frozen=True)
class AlertText:
    """An alert as a message words it; outsiders can write all of it.

    Args:
        name: the first line.
        entity: the first known name in it; empty if there is none.
        severity: the word for it; empty if it has none.
    """

    name: str
    entity: str
    severity: str
    is_over: bool


def alert_in(text: str, names: Sequence[str]) -> AlertText:
    """Read a message.

    Args:
        text: every text of the message, line by line.
        names: of entities that are known; longer ones win over shorter ones in the same place.
    """
    text = text[:_LONGEST]
    plain = _MARKUP.sub(" ", text)
    lines = [" ".join(line.split()) for line in plain.splitlines() if line.strip()]
    first = _OVER.sub("", _FIRING.sub("", lines[0])).strip(" :-") if lines else ""
    return AlertText(
        name=first or "alert",
        entity=_entity(text, names),
        severity=_severity(plain),
        is_over=bool(lines and _OVER.match(lines[0])),
    )


def _entity(text: str, names: Sequence[str]) -> str:
    known = {name.casefold(): name for name in names}
    found = (known.get(word.casefold().rstrip(".")) for word in _WORD.findall(text))
    return next((name for name in found if name), "")


def _severity(plain: str) -> str:
    for word in _SEVERITY.findall(plain):
        if severity_of(word):
            return str(word).casefold()
    words = (word for word in _WORD.findall(plain.partition("\n")[0]) if severity_of(word) == "critical")
    return next(words, "").casefold()


def plain_words(text: str) -> str:
    """What a person wrote without mentions; links become what they show."""
    text = _MENTIONED.sub(" ", text)
    text = _LINKED.sub(lambda found: found[2] or found[1], text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
