"""What a change touches: its files, its diff, the numbers it alters, the words it is described by."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .diffs import DiffKind, substance_of
from .quantities import factor_between, quantities_of
from .words import words_of_text

_FILES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "documentation",
        re.compile(
            r"(?i)(^|/)(docs?|documentation|runbooks?)/|\.(md|rst|adoc)$"
            r"|(^|/)(readme|changelog|license|notice|codeowners|authors|contributing)[^/]*$"
        ),
    ),
    (
        "tests",
        re.compile(
            r"(?i)(^|/)(tests?|__tests__|testdata|fixtures|golden|spec|e2e)/|(^|/)test_[^/]*$|_test\.\w+$|\.(test|spec)\.\w+$"
            r"|(^|/)\w+Tests?\.\w+$|\.snap$"
        ),
    ),
    (
        "the build",
        re.compile(
            r"(?i)(^|/)\.(github|circleci|gitlab|buildkite|azure-pipelines)(/|[.-])|(^|/)(jenkinsfile|\.travis\.yml)$"
            r"|(^|/)\.(golangci|eslint|prettier|pre-commit|editorconfig|gitignore|gitattributes|pylint|flake8)[^/]*$"
        ),
    ),
    ("the look of pages", re.compile(r"(?i)\.(css|scss|sass|less|svg|png|jpe?g|gif|ico|woff2?|ttf)$")),
    ("another environment", re.compile(r"(?i)(^|/)(staging|stage|dev|development|sandbox|preview|local|qa)/")),
)

_WEIGHT: Mapping[DiffKind, float] = {
    "logging": 0.1,
    "moved": 0.2,
    "patch": 0.3,
    "version": 0.7,
    "code": 1.0,
    "query": 2.0,
    "removal": 3.0,
}
_NOTE: Mapping[DiffKind, str] = {
    "nothing": "alters only comments or imports",
    "cosmetic": "alters only the look of pages",
    "logging": "alters only what is logged or measured",
    "moved": "moves code and keeps all its constants",
    "patch": "raises a dependency by a patch version",
    "version": "changes the version of a dependency",
    "query": "adds a query",
    "removal": "takes a condition, a constant or a call away",
}
_MOST_WEIGHT = 8.0
_FROM_TO = re.compile(
    r"(?P<old>\d[\w.]*(?:\s?(?:ms|s|min|h|[KMG]i?B?|%))?)\s*(?:->|=>|→|\bto\b)\s*(?P<new>\d[\w.]*(?:\s?(?:ms|s|min|h|[KMG]i?B?|%))?)"
)
_REVERSAL = re.compile(r"(?i)\b(revert(s|ed|ing)?|roll(s|ed|ing)?[ -]?back|rollbacks?|back ?out)\b")
_DIFF_NAMES = frozenset(("diff", "patch"))
_FILE_NAMES = frozenset(("file", "files", "path", "paths", "files_changed", "changed_files"))


@dataclass(frozen=True)
class Content:
    """What is known of what a change alters.

    Args:
        net: words of what is different afterwards.
        around: words of its description, its files and the rest of its diff.
        weight: how much likelier than an average change such a one is to alter behaviour; 0 if it cannot.
        notes: why, one clause each, after "it".
        is_open: whether its files or its diff can be seen.
        is_reversal: whether it says of itself that it takes another one back.
    """

    net: frozenset[str]
    around: frozenset[str]
    weight: float
    notes: tuple[str, ...]
    is_open: bool
    is_reversal: bool

    @property
    def is_harmless(self) -> bool:
        """Whether nothing it touches can alter how a service behaves."""
        return self.weight == 0


def content_of(kind: str, summary: str, attributes: Mapping[str, str]) -> Content:
    """Read a change as it is recorded.

    The weights are an order of kinds and no measurement: what only moves code is an unlikely cause, a limit cut to a
    sixtieth or a check that is gone a likely one.

    Args:
        kind: of the change.
        summary: its one-line description.
        attributes: whatever else is recorded of it; a diff under `diff` or `patch`, files under `files` or `paths`.
    """
    files = [
        path
        for name, text in attributes.items()
        if name.lower() in _FILE_NAMES
        for path in re.split(r"[\s,]+", text)
        if path
    ]
    diffs = [
        text
        for name, text in attributes.items()
        if name.lower() in _DIFF_NAMES or text.startswith(("@@ ", "diff --git "))
    ]
    rest = [text for name, text in attributes.items() if name.lower() not in _FILE_NAMES and text not in diffs]
    found = substance_of("\n".join(diffs)) if diffs else None
    around = words_of_text("\n".join((summary, *files, *rest)))
    reversal = _REVERSAL.search(f"{kind} {summary}") is not None
    touched = _only_touches(files)
    if touched:
        return Content(frozenset(), around, 0.0, (f"touches only {touched}",), True, reversal)
    if found is None:
        factor = _stated_factor([summary, *rest])
        notes = (f"changes a number by a factor of {factor:.3g}",) if factor > 1 else ()
        return Content(frozenset(), around, _by_factor(factor), notes, bool(files), reversal)
    if found.kind in ("nothing", "cosmetic"):
        return Content(frozenset(), around, 0.0, (_NOTE[found.kind],), True, reversal)
    if found.kind == "values":
        weight, note = _by_factor(found.factor), f"changes a number by a factor of {found.factor:.3g}"
    else:
        weight, note = _WEIGHT[found.kind], _NOTE.get(found.kind, "")
    return Content(found.net, (around | found.around) - found.net, weight, (note,) if note else (), True, reversal)


def _only_touches(files: Sequence[str]) -> str:
    """What all files are, if none of them can alter how a service behaves; empty otherwise."""
    kinds = [next((name for name, pattern in _FILES if pattern.search(path)), "") for path in files]
    return " and ".join(dict.fromkeys(kinds)) if kinds and all(kinds) else ""


def _stated_factor(texts: Sequence[str]) -> float:
    """The largest factor between two numbers of a text such as `pool 64 to 16`."""
    largest = 1.0
    for text in texts:
        for match in _FROM_TO.finditer(text[:2_000]):
            old, new = quantities_of(match["old"]), quantities_of(match["new"])
            if len(old) == len(new) == 1:
                largest = max(largest, factor_between(old[0], new[0]))
    return largest


def _by_factor(factor: float) -> float:
    """1 for no change, one more for every doubling or halving, at most 8."""
    return min(1.0 + math.log2(factor), _MOST_WEIGHT)
