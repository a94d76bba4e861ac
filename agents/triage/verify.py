"""Check a claim against the evidence it cites, by code: no model judges another.

A claim is supported when (1) it cites evidence that exists and carries data, (2) every quotation stands in that
evidence, (3) every number in it stands there too, within rounding, (4) every entity it names is known and stands
there. This proves that a claim rests on what was seen, not that its reasoning is right; a person still reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from .types import Claim, DiagnosisClaim, Evidence

_NUMBER = re.compile(
    r"(?<![\w.·])(?P<number>-?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"(?P<unit> ?(?:%|(?:[num]?s|[kmgt]i?b|b|m|h|d|x|k|pp|rps|qps)(?![\w·])))?(?![\w·]|\.\d)",
    re.IGNORECASE,
)
"""A number and perhaps its unit; not the digits of names, versions and addresses."""
_CODE = re.compile(r"`([^`\n]{1,256})`")
_EVIDENCE_ID = re.compile(r"\bE\d+\b")
_QUOTE_MIN = 3
_SMALL_COUNTS = frozenset(str(number) for number in range(11))
"""Counting words in digits ("2 services") need no source; a small number with a unit does."""


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
    for name in cited:
        if name not in evidence:
            return "cites evidence that does not exist"
    usable = [evidence[name] for name in cited if evidence[name].status in ("ok", "truncated")]
    if not usable:
        return "cites only evidence without data"
    text = "\n".join(_text_of(item) for item in usable)
    folded = _fold(text)
    for quote in claim.quotes:
        if len(quote.strip()) < _QUOTE_MIN or _fold(quote) not in folded:
            return "a quotation is not in the cited evidence"
    if not _numbers_stand(claim.text, text):
        return "a number is not in the cited evidence"
    for name in _named(claim.text, known_names):
        if name not in known_names:
            return "names an entity that does not exist"
        if _fold(name) not in folded:
            return "names an entity that the cited evidence does not mention"
    return ""


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


def _named(text: str, known_names: frozenset[str]) -> set[str]:
    """Names in backticks that look like entities, and known names that stand in the text as whole words."""
    marked = {match for match in _CODE.findall(text) if match in known_names or _looks_like_entity(match)}
    plain = {name for name in known_names if len(name) > 3 and mentions(text, name)}
    return marked | plain


def _looks_like_entity(name: str) -> bool:
    """`service:` marks an entity by convention; anything else in backticks may be a metric or a quotation."""
    return name.startswith("service:")


def _numbers_stand(claim: str, text: str) -> bool:
    found = _NUMBER.finditer(_EVIDENCE_ID.sub(" ", claim))
    wanted = [match["number"] for match in found if match["unit"] or match["number"] not in _SMALL_COUNTS]
    if not wanted:
        return True
    present = [_value(match) for match in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", text, re.IGNORECASE)]
    return all(any(_agrees(number, value) for value in present) for number in wanted)


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _agrees(stated: str, value: float) -> bool:
    """Whether `stated` is `value` rounded to the digits it shows, as it is or as a percentage of it."""
    number = _value(stated)
    decimals = len(stated.partition(".")[2].partition("e")[0])
    half_step = 0.5 * 10**-decimals + 1e-9
    # 1.0 per mille: a model that writes 1,203 for 1203.4 is right, one that writes 1,300 is not.
    tolerance = max(half_step, abs(value) * 0.001)
    return any(abs(abs(number) - abs(value * factor)) <= max(tolerance, half_step) for factor in (1.0, 100.0))
