"""Check a claim against the evidence it cites, by code: no model judges another.

A claim is supported when it cites evidence that exists and carries data, and everything in it that code can recognise
stands there: quotations, numbers with their units, moments, entities, directions, what began first, and what is said
not to be there. This proves that a claim rests on what was seen, not that its reasoning is right; a person still reads
it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from .numbers import wrong_moment, wrong_number
from .rows import onsets, usable
from .types import Claim, DiagnosisClaim, Evidence
from .wording import denies, wrong_denial, wrong_order, wrong_way

_CODE = re.compile(r"`([^`\n]{1,256})`")
_QUOTE_MIN = 3


def check(claim: DiagnosisClaim, evidence: Mapping[str, Evidence], known_names: Iterable[str]) -> Claim:
    """Set a claim's status; the first thing that is wrong is named in `problem`."""
    cited = tuple(dict.fromkeys(claim.evidence))
    problem = _problem(claim, cited, evidence, frozenset(known_names))
    return Claim(
        text=claim.text,
        evidence=cited,
        status="unsupported" if problem else "supported",
        author="model",
        problem=problem,
    )


def _problem(
    claim: DiagnosisClaim, cited: Sequence[str], evidence: Mapping[str, Evidence], known_names: frozenset[str]
) -> str:
    if not cited:
        return "cites no evidence"
    if any(name not in evidence for name in cited):
        return "cites evidence that does not exist"
    all_cited, denied = [evidence[name] for name in cited], denies(claim.text)
    named = named_in(claim.text, known_names)
    # That nothing is there is shown by results without data too.
    wrong = wrong_denial(denied, all_cited, named & known_names) if denied else ""
    if wrong:
        return wrong
    items = usable(all_cited)
    if not items:
        return "" if denied and not claim.quotes else "cites only evidence without data"
    folded = _fold("\n".join(map(_text_of, items)))
    for quote in claim.quotes:
        if len(quote.strip()) < _QUOTE_MIN or _fold(quote) not in folded:
            return "a quotation is not in the cited evidence"
    if wrong := wrong_number(claim.text, items) or wrong_moment(claim.text, items):
        return wrong
    for name in named:
        if name not in known_names:
            return "names an entity that does not exist"
        if not denied and _fold(name) not in folded:
            return "names an entity that the cited evidence does not mention"

    def names(text: str) -> Collection[str]:
        return {name for name in named if mentions(text, name)}

    return wrong_way(claim.text, items, names) or wrong_order(claim.text, onsets(evidence.values()), names)


def _text_of(item: Evidence) -> str:
    return json.dumps({"scope": item.scope, "summary": item.summary}, ensure_ascii=False, default=str)


def _fold(text: str) -> str:
    """Without case, without the difference between kinds of white space, and without JSON's escapes of them."""
    return " ".join(text.replace('\\"', '"').replace("\\n", " ").replace("\\t", " ").casefold().split())


def mentions(text: str, name: str) -> bool:
    """Whether a name stands in a text as a whole word; `store` does not stand in `feature-store`."""
    # The plain search first: there can be thousands of names, and nearly none of them is there.
    if name.casefold() not in text.casefold():
        return False
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def named_in(text: str, known_names: Iterable[str]) -> set[str]:
    """Names in backticks that look like entities, and known names that stand in the text as whole words."""
    known = frozenset(known_names)
    marked = {match for match in _CODE.findall(text) if match in known or _looks_like_entity(match)}
    plain = {name for name in known if len(name) > 3 and mentions(text, name)}
    return marked | plain


def _looks_like_entity(name: str) -> bool:
    """`service:` marks an entity by convention; anything else in backticks may be a metric or a quotation."""
    return name.startswith("service:")
