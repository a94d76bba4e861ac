"""Postmortems in Markdown: what happened, what was the cause, what solved it.

Between two lines of `---` at the start stand `title`, `date`, `run`, `alert`, `entities`, `indicators`, `errors`,
`changes`, `cause` and `resolution`, all of them optional. What is missing there is taken from the sections: the cause
from one named cause or root cause, what solved it from one named resolution, mitigation, remediation or fix.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..plain_yaml import DocumentError, documents
from ..runbooks.documents import Runbook
from ..runbooks.documents import parse as parse_markdown
from .past import Feature, FeatureKind, PastIncident, feature

_LISTS: tuple[tuple[str, FeatureKind], ...] = (
    ("alert", "alert"),
    ("alerts", "alert"),
    ("entity", "entity"),
    ("entities", "entity"),
    ("services", "entity"),
    ("indicators", "indicator"),
    ("errors", "log"),
    ("changes", "change"),
)
_CAUSES = ("root cause", "cause", "causes", "root causes", "what was the cause")
_RESOLUTIONS = ("resolution", "what solved it", "fix", "mitigation", "remediation", "how it was solved")
_MOST_ITEMS = 100
_LONGEST_LINE = 400


def read_postmortem(name: str, text: str) -> PastIncident:
    """The incident of a document; a front matter that cannot be read counts as none."""
    front = _front_matter(text)
    page = parse_markdown(name, text)
    at = _time(front.get("date"))
    return PastIncident(
        id=name,
        source="postmortem",
        at=at,
        title=_line(front.get("title")) or page.title,
        features=frozenset(_features(front)),
        cause=_line(front.get("cause")) or _section(page, _CAUSES),
        resolution=_line(front.get("resolution")) or _section(page, _RESOLUTIONS),
        is_confirmed=True,
        text=text,
        run_id=_line(front.get("run")),
    )


def _front_matter(text: str) -> Mapping[str, Any]:
    if not text.startswith("---\n"):
        return {}
    front, closed, _ = text[4:].partition("\n---")
    if not closed:
        return {}
    try:
        found = documents(front)
    except DocumentError:
        return {}
    value = found[0].value if found else None
    return value if isinstance(value, dict) else {}


def _features(front: Mapping[str, Any]) -> Iterable[Feature]:
    for key, kind in _LISTS:
        value = front.get(key)
        for item in (value if isinstance(value, list) else [value])[:_MOST_ITEMS]:
            if isinstance(item, str) and item.strip():
                yield feature(kind, item)


def _section(page: Runbook, headings: tuple[str, ...]) -> str:
    """The first paragraph of the first section under one of these headings."""
    for section in page.sections:
        if section.heading.casefold().strip(" :.") in headings and section.text:
            return _line(section.text.split("\n\n", 1)[0])
    return ""


def _line(value: object) -> str:
    return " ".join(value.split())[:_LONGEST_LINE] if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    """A day or a moment; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
