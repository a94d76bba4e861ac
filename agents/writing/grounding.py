"""Whether a draft says nothing that is not in its sources: every number, every name and every link, by code.

A statement ends with the sources it rests on, as in `[S1, S3]`; what is in it has to stand in those. A checked block
has no mark, so what it holds may stand in any source of the page. A name is what no sentence needs: a word in
backticks, one with a hyphen, an underscore, a point or a slash inside, one with capitals inside, or one that begins
with a capital inside of a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ...tools.runbooks.selectors import UnreadableExpression, selectors_of
from .sources import Source

_MARK = re.compile(r" ?\[(S\d{1,4}(?:, S\d{1,4})*)\]")
_LINK = re.compile(r"https?://[^\s)>\]\"'`]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?")
_NUMBER = re.compile(
    r"(?<![\w.:/-])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?P<share> ?(?:%|per cent))?(?P<unit> (?:day|hour|minute)s?\b)?"
    r"(?![\w:/-]|\.\d)"
)
_ANY_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_ANY_FIGURE = re.compile(r"-?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?(?: ?(?:%|per cent))?")
_UTC = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?:Z|\+00:00)?")
"""A moment that a text may show to the second, with a space, where its source has more digits."""
_CODE = re.compile(r"`([^`\n]+)`")
_NAME = re.compile(r"[^\W\d_]\w*(?:[-_./:]\w+)+|[A-Za-z]\w*[a-z0-9][A-Z]\w*|[A-Z]{2,}\w*")
_CAPITAL = re.compile(r"(?<=[a-zà-ÿ0-9,;] )[A-ZÀ-Ý][\w]+")
_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60}
_STRUCTURE = re.compile(r"^\s*(?:\d{1,3}[.)]\s|#{1,6}\s+\d{1,3}[.)]\s|(?:when|undoes|runbook|last_verified):)")
_INDEX = re.compile(r"\[\d{1,3}\]")
_FENCE = re.compile(r"^\s*(?:```|~~~)")

WORDS = frozenset(
    "on-call e.g. i.e. SLO SLOs P95 P99 UTC PromQL JSON YAML SVG HTML API APIs GPU CPU ID TODO opswarden Opswarden "
    "follow-up roll-back end-to-end PSI p-value".split()
)
"""Words of ours that look like names."""


@dataclass(frozen=True)
class Ungrounded:
    """Something that no source has."""

    line: int
    kind: Literal["number", "name", "link", "time", "mark"]
    text: str


def ungrounded(text: str, sources: Sequence[Source], words: Collection[str] = ()) -> list[Ungrounded]:
    """What a draft says that is not in its sources.

    Args:
        text: Markdown, front matter and all.
        sources: of the draft.
        words: names that need no source, such as those of tools and of our own keys.
    """
    by_id = {each.id: _Known.of((each,)) for each in sources}
    everything = _Known.of(sources)
    allowed = WORDS | frozenset(words)
    found: list[Ungrounded] = []
    for line, body, is_code in _lines(text):
        marks = [name for match in _MARK.finditer(body) for name in match[1].split(", ")] if not is_code else []
        found += [Ungrounded(line, "mark", name) for name in marks if name not in by_id]
        known = _Known.joined([by_id[name] for name in marks if name in by_id]) if marks else everything
        if not marks and not is_code and not _is_structural(body):
            known = _Known(frozenset(), "")
        bare = _STRUCTURE.sub("", _MARK.sub("", body)) if not body.lstrip().startswith(("when:", "undoes:")) else ""
        found += [Ungrounded(line, kind, what) for kind, what in _wrong(bare, known, allowed, is_code=is_code)]  # type: ignore[arg-type]  # the kinds are those above
    return found


def checkable(sentence: str) -> dict[str, Counter[str]]:
    """Everything of a sentence that code can hold against a source, counted: code, links, moments, numbers, names."""
    plain = _CODE.sub(" ", sentence)
    found = {"code": Counter(_CODE.findall(sentence)), "link": Counter(_LINK.findall(plain))}
    plain = _LINK.sub(" ", plain)
    found["moment"] = Counter(_MOMENT.findall(plain))
    plain = _MOMENT.sub(" ", plain)
    found["number"] = Counter(match[0].replace(" ", "") for match in _ANY_FIGURE.finditer(plain))
    found["name"] = Counter([*_NAME.findall(plain), *_CAPITAL.findall(plain)])
    return found


@dataclass(frozen=True)
class _Known:
    numbers: frozenset[float]
    text: str

    @staticmethod
    def of(sources: Sequence[Source]) -> _Known:
        text = "\n".join(each.text for each in sources)
        text = text.replace("`", "'")
        text += "".join(f"\n{each[1]} {each[2]}" for each in _UTC.finditer(text))
        return _Known(frozenset(float(each) for each in _ANY_NUMBER.findall(text)), " ".join(text.split()).casefold())

    @staticmethod
    def joined(parts: Sequence[_Known]) -> _Known:
        return _Known(frozenset().union(*(each.numbers for each in parts)), "\n".join(each.text for each in parts))

    def has_number(self, text: str, *, is_share: bool, unit_s: int = 0) -> bool:
        """Whether a figure stands in the sources: as it is, in percent, or in seconds where it has a unit."""
        value = float(text)
        decimals = len(text.partition("e")[0].partition(".")[2])
        digits = len(text.lstrip("-0.").replace(".", ""))
        room = max(0.5 * 10.0**-decimals, 0.0) if decimals or digits < 4 else abs(value) * 0.0005
        scales = (1.0, 100.0) if is_share else (1.0, 1 / unit_s) if unit_s else (1.0,)
        return any(
            abs(value - scale * each) <= (room if decimals or each % 1 else 0.0) + 1e-9 or scale * each == value
            for each in self.numbers
            for scale in scales
        )

    def has(self, text: str) -> bool:
        """Whether a name stands in the sources, or every part of a selector that is put together of them."""
        if text.casefold() in self.text:
            return True
        if "{" not in text:
            return False
        try:
            found = selectors_of(text)
        except UnreadableExpression:
            return False
        parts = [part for each in found for one in each.conditions for part in (one.label, one.value)]
        return bool(found) and all(part.casefold() in self.text for part in (*parts, *(each.metric for each in found)))


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Lines with their numbers, and whether they are front matter or code; the front's list of sources is left out."""
    is_front, is_fenced, is_sources = False, False, False
    for place, line in enumerate(text.splitlines(), start=1):
        if line.rstrip() == "---" and (place == 1 or is_front):
            is_front = not is_front
            continue
        if is_front:
            is_sources = line.startswith("sources:") or (is_sources and line.startswith((" ", "-")))
            if not is_sources and not line.startswith(("runbook:", "last_verified:")):
                yield place, line, True
            continue
        if line.startswith("#"):
            is_sources = line.strip("# ").casefold() == "sources"
        if _FENCE.match(line):
            is_fenced = not is_fenced
            continue
        if not is_sources and not line.startswith("<!--"):
            yield place, line, is_fenced


def _is_structural(line: str) -> bool:
    """Headings and the heads of tables repeat what stands below them with a mark."""
    return line.startswith(("#", "|")) and not _MARK.search(line)


def _wrong(line: str, known: _Known, allowed: Collection[str], *, is_code: bool) -> Iterator[tuple[str, str]]:
    code = [] if is_code else _CODE.findall(line)
    for match in _LINK.finditer(line):
        if not known.has(match[0].rstrip(".,;")):
            yield "link", match[0]
    line = _LINK.sub(" ", line)
    for match in _MOMENT.finditer(line):
        if not known.has(match[0]):
            yield "time", match[0]
    line = _INDEX.sub(" ", _MOMENT.sub(" ", line)) if is_code else _MOMENT.sub(" ", line)
    for match in _NUMBER.finditer(line if is_code else _CODE.sub(" ", line)):
        figure = match[0].removesuffix(match["unit"] or "").removesuffix(match["share"] or "").strip()
        unit_s = _SECONDS.get((match["unit"] or "").strip().removesuffix("s"), 0)
        if not known.has_number(figure, is_share=bool(match["share"]), unit_s=unit_s):
            yield "number", match[0]
    plain = line if is_code else _CODE.sub(" ", line).replace("_", " ")
    names = [
        *code,
        *(_NAME.findall(line) if is_code else _NAME.findall(plain)),
        *([] if is_code else _CAPITAL.findall(plain)),
    ]
    for name in dict.fromkeys(names):
        if name not in allowed and not known.has(name):
            yield "name", name
