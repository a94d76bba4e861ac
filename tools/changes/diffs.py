"""What a diff does, told from its lines alone: whether it could alter behaviour, and in which way.

Nothing of it is run, and nothing but words, numbers and a closed set of kinds leaves this module: a diff is text that
outsiders can write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from .quantities import Quantity, factor_between, quantities_of, skeleton_of
from .words import words_of_text

DiffKind = Literal["nothing", "cosmetic", "logging", "moved", "patch", "version", "values", "removal", "query", "code"]
"""What a diff does.

`nothing`: only comments, imports and blank lines. `cosmetic`: only colours and sizes on a page. `logging`: only log
lines, metrics and spans. `moved`: code is arranged anew with all its constants kept. `patch` and `version`: a
dependency's version. `values`: a number is another one. `removal`: a
condition, constant or call is gone and nothing stands in its place. `query`: a new query. `code`: anything else.
"""

_MOST_LINES = 600
_ALIKE = 0.6
_NEAR = 8

_COMMENT = re.compile(r"^(//|#(?![0-9a-fA-F]{3,8}\b)|/\*|\*|--\s|<!--|\"\"\"|''')")
_TRAILING = re.compile(r"\s(//|#)\s.*$")
_IMPORT = re.compile(r"^(import\b|from\s+\S+\s+import\b|#include\b|using\s+[\w.]+;|package\b|require\b|use\s+[\w:]+;)")
_LOGGING = re.compile(
    r"(?i)\b(log|logs|logger|logging|slog|zap|console|print|println|printf|metric|metrics|prometheus|counter|histogram|"
    r"gauge|span|tracer|otel|attribute)\b[\w.:]*\s*[.({]|\bLOG_\w+\(|\.(inc|observe|setattributes|fields?)\("
)
_NOT_CODE = re.compile(r"^[\s{}()\[\];,]*$")
_STRING = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`")
_NOTHINGNESS = re.compile(r"\b(nil|null|None|undefined|NULL|nullptr|Nothing)\b")
_QUERY = re.compile(r"(?i)\b(select\b.+\bfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\b")
_CONDITION = re.compile(r"\b(if|unless|assert|require|ensure|guard|when)\b|\?\.")
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_HANDING_ON = re.compile(r"\bif\b(?=.*\berr(or)?\s*!=\s*nil)|\berr(or)?\s*!=\s*nil\b|(?<=\breturn )nil\b|,\s*nil\s*;?$")
"""Go's `if err != nil { return nil, err }` and `return item, nil`: who merges two of them has removed no condition."""
_VERSION = re.compile(r"\bv?(\d+)\.(\d+)\.(\d+)\b")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\b\d+(\.\d+)?(px|rem|em|pt)\b")


@dataclass(frozen=True)
class Substance:
    """What is left of a diff when both sides are laid against each other.

    Args:
        kind: what it does.
        factor: by how much a number changed, the larger over the smaller; 1 if none did.
        net: words of changed lines that stand on one side only.
        around: the other words of the diff.
    """

    kind: DiffKind
    factor: float
    net: frozenset[str]
    around: frozenset[str]


def substance_of(diff: str) -> Substance | None:
    """Read a unified diff; `None` if it holds no changed line.

    Args:
        diff: with or without file headers; lines of hunks begin with `+`, `-` or a space. What is longer than 600
            changed lines is cut.
    """
    removed, added, context = _sides(diff)
    if not removed and not added:
        return None
    before, after = (words_of_text("\n".join(side)) for side in (removed, added))
    net = before ^ after
    around = (before | after | words_of_text("\n".join(context))) - net
    gone, come = ([line for line in map(_bare, side) if line] for side in (removed, added))
    factor = _factor(gone, come)
    return Substance(_kind(gone, come, factor), factor, net, around)


def _sides(diff: str) -> tuple[list[str], list[str], list[str]]:
    removed: list[str] = []
    added: list[str] = []
    context: list[str] = []
    for line in diff.splitlines():
        if line.startswith(("+++", "---", "diff ", "index ")):
            continue
        if line.startswith("-"):
            removed.append(line[1:])
        elif line.startswith("+"):
            added.append(line[1:])
        else:
            context.append(line)
        if len(removed) + len(added) >= _MOST_LINES:
            break
    return removed, added, context


def _bare(line: str) -> str:
    """A line without its comment; empty for comments, imports and lone brackets."""
    text = line.strip()
    if _COMMENT.match(text) or _IMPORT.match(text) or _NOT_CODE.match(text):
        return ""
    return " ".join(_TRAILING.sub("", text).split())


def _kind(gone: Sequence[str], come: Sequence[str], factor: float) -> DiffKind:
    differing = [line for line in (*gone, *come) if (line in gone) != (line in come)]
    if not differing:
        return "nothing"
    bump = _bump(gone, come)
    if bump is not None:
        return bump
    if all(_COLOUR.search(line) for line in differing):
        return "cosmetic"
    if all(_LOGGING.search(line) for line in differing):
        return "logging"
    if factor > 1:
        return "values"
    if any(_QUERY.search(line) for line in come) and not any(_QUERY.search(line) for line in gone):
        return "query"
    lost = _constants(gone) - _constants(come)
    if not words_of_text("\n".join(come)) - words_of_text("\n".join(gone)) and (
        lost or _conditions(gone) > _conditions(come) or _calls(gone) - _calls(come)
    ):
        return "removal"
    if gone and come and not lost and not _constants(come) - _constants(gone):
        return "moved"
    return "code"


def _bump(gone: Sequence[str], come: Sequence[str]) -> DiffKind | None:
    """Whether nothing but version numbers of named things changed, and how far."""
    if len(gone) != len(come) or not gone:
        return None
    patch = True
    for before, after in zip(gone, come, strict=True):
        old, new = _VERSION.search(before), _VERSION.search(after)
        if old is None or new is None or _VERSION.sub("", before) != _VERSION.sub("", after):
            return None
        patch = patch and old.groups()[:2] == new.groups()[:2]
    return "patch" if patch else "version"


def _constants(lines: Sequence[str]) -> set[str]:
    """Numbers, the nothing of the language, and strings that are no sentence (a sentence is for people)."""
    found: set[str] = set()
    for line in (_HANDING_ON.sub("", line) for line in lines):
        found.update(_NOTHINGNESS.findall(line))
        for groups in _STRING.findall(line):
            text = next((part for part in groups if part), "")
            if " " not in text or _QUERY.search(text):
                found.add(text)
        found.update(f"{item.value:g}{item.unit}" for item in quantities_of(_STRING.sub('""', line)))
    return found


def _conditions(lines: Sequence[str]) -> int:
    return sum(len(_CONDITION.findall(_HANDING_ON.sub("", line))) for line in lines)


def _calls(lines: Sequence[str]) -> set[str]:
    return {name for line in lines for name in _CALL.findall(line)}


def _factor(gone: Sequence[str], come: Sequence[str]) -> float:
    """The largest factor between the numbers of a removed line and of the added one most like it, not far from it."""
    largest = 1.0
    for place, line in enumerate(gone):
        mine = quantities_of(line)
        if not mine or line in come:
            continue
        near = [
            other for other in come[max(0, place - _NEAR) : place + _NEAR + 1] if len(quantities_of(other)) == len(mine)
        ]
        likeness, other = max(((_likeness(line, other), other) for other in near), default=(0.0, ""))
        if likeness >= _ALIKE:
            largest = max(largest, _pairwise(mine, quantities_of(other)))
    return largest


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, skeleton_of(one).split(), skeleton_of(other).split(), autojunk=False).ratio()


def _pairwise(mine: Sequence[Quantity], others: Sequence[Quantity]) -> float:
    if len(mine) != len(others):
        return 1.0
    return max((factor_between(one, other) for one, other in zip(mine, others, strict=True)), default=1.0)
