"""Log templates by Drain: a tree of fixed depth leads a line to the few templates it can belong to.

Source: He, Zhu, Zheng and Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017. Ours
differs in four points. It is fed masked texts, each once, the frequent ones first. Places that are masked on both sides
say nothing about how alike two texts are. A text that speaks of trouble never joins one that does not, because
"connection accepted" and "connection refused" differ in one word of many. And a leaf that is full makes no more
templates: the text joins the nearest one, or hostile input would make the search quadratic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .levels import speaks_of_trouble
from .masks import WILDCARD

_WHITE = re.compile(r"\s+")
_Key = tuple[int, bool, str, str]


@dataclass
class _Template:
    number: int
    tokens: list[str]
    gaps: list[str]
    """White space before each token, as in the first text."""


@dataclass
class Drain:
    """Collects templates from masked texts.

    Args:
        similarity: the share of tokens that a text and a template must have in common, in (0, 1].
        max_children: how many different words a node of the tree tells apart; the rest share one child.
        max_templates: how many templates a leaf holds.
    """

    similarity: float = 0.5
    max_children: int = 100
    max_templates: int = 100
    _leaves: dict[_Key, list[_Template]] = field(default_factory=dict, repr=False)
    _words: dict[tuple[int, bool, str], set[str]] = field(default_factory=dict, repr=False)
    _templates: list[_Template] = field(default_factory=list, repr=False)

    def add(self, text: str) -> int:
        """Find or make the template of a masked text, and widen it to fit; returns its number, counted from 0."""
        tokens = text.split()
        leaf = self._leaves.setdefault(self._path(tokens, text), [])
        best, best_score = None, -1.0
        for template in leaf:
            score = _agreement(template.tokens, tokens)
            if score > best_score:
                best, best_score = template, score
        if best is None or (best_score < self.similarity and len(leaf) < self.max_templates):
            best = _Template(len(self._templates), tokens, ["", *_WHITE.findall(text.strip())][: len(tokens)])
            self._templates.append(best)
            leaf.append(best)
            return best.number
        best.tokens = [old if old == new else WILDCARD for old, new in zip(best.tokens, tokens, strict=True)]
        return best.number

    def texts(self) -> list[str]:
        """The templates by number."""
        return [
            "".join(part for pair in zip(template.gaps, template.tokens, strict=True) for part in pair)
            for template in self._templates
        ]

    def _path(self, tokens: list[str], text: str) -> _Key:
        trouble = speaks_of_trouble(text)
        first = self._child((len(tokens), trouble, ""), tokens[0] if tokens else "")
        second = self._child((len(tokens), trouble, first), tokens[1] if len(tokens) > 1 else "")
        return len(tokens), trouble, first, second

    def _child(self, node: tuple[int, bool, str], word: str) -> str:
        if WILDCARD in word:
            return WILDCARD
        known = self._words.setdefault(node, set())
        if word not in known:
            if len(known) >= self.max_children:
                return WILDCARD
            known.add(word)
        return word


def _agreement(template: list[str], tokens: list[str]) -> float:
    """Share of equal tokens among those that are not masked on both sides, in [0, 1]; 1 if there are none."""
    equal = counted = 0
    for old, new in zip(template, tokens, strict=True):
        if old == new:
            if old == WILDCARD:
                continue
            equal += 1
        counted += 1
    return equal / counted if counted else 1.0


def by_similarity(texts: Iterable[str], *, similarity: float = 0.5) -> tuple[list[int], list[str]]:
    """The number of the template of every text, and the templates by number."""
    drain = Drain(similarity=similarity)
    numbers = [drain.add(text) for text in texts]
    return numbers, drain.texts()
