"""The runbooks that a triage found: one for the alert, one for the cause that it suspects; and which to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TOOL = "runbooks.match"


def in_order(found: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Pages in the order in which somebody should open them, each once.

    A page that people have written for this very alert comes first. One that only shares words with it is a page on the
    symptom; the one on the suspected cause, which knows more, comes before it.

    Args:
        found: summaries of `runbooks.match`; of those for the alert the first counts, and so of those for the cause.
    """
    pages = [page for page in found if _text(page, "title")]
    alerts = [page for page in pages if page.get("about") != "cause"][:1]
    causes = [page for page in pages if page.get("about") == "cause"][:1]
    if alerts and causes and _text(alerts[0], "name") == _text(causes[0], "name"):
        return tuple(alerts)
    is_by_words = bool(alerts) and alerts[0].get("matched_by") == "words"
    return (*causes, *alerts) if is_by_words else (*alerts, *causes)


def told(pages: Sequence[Mapping[str, Any]]) -> str:
    """The step to start with and the page it stands in, and the title of the other page; each says what it is for."""
    first, *others = pages
    name = " › ".join(part for part in (_text(first, "title"), _text(first, "section")) if part)
    step, doubt = _text(first, "step"), _doubt(first)
    line = f"{step} — {name}{doubt}" if step else f"read {name}{doubt}"
    if others or first.get("about") == "cause":
        line = f"{_purpose(first)}: {line}"
    return "; ".join((line, *(f"{_purpose(page)}: {_text(page, 'title')}" for page in others)))


def _purpose(page: Mapping[str, Any]) -> str:
    return "for the suspected cause" if page.get("about") == "cause" else "for the alert"


def _doubt(page: Mapping[str, Any]) -> str:
    """What a page rests on where nobody has written it for the alert."""
    if page.get("matched_by") != "words":
        return ""
    other = _text(page, "or_else")
    return f" (shares words only{f'; {other} fits about as well' if other else ''})"


def _text(page: Mapping[str, Any], name: str) -> str:
    value = page.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""
