"""Building the recognizer of a kind of document that every country has and numbers in its own way.

There is no check digit to rely on: under a key of the document whatever looks like a number of one counts, with a low
score, so that the recognizer of a country wins where it knows more; behind the word only the usual shapes do.
"""

from __future__ import annotations

import re

from ..definition import Check, Definition, Digits, Evidence, Hit, Keyed, Lettered, alphanumeric
from ..structures.key_names import key_words
from ..structures.key_values import key_behind
from .diagnosis import says_diagnosis
from .identifiers import evidence_words

# Unquoted, a space ends it: another column may follow.
_BARE = r"[0-9A-Za-z](?:[.\-/]{0,2}[0-9A-Za-z]){3,24}(?![0-9A-Za-z_])"
_WHOLE = re.compile(r"[0-9A-Za-z](?:[ .\-/]{0,2}[0-9A-Za-z]){3,24}\Z")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-")


def document(
    entity_type: str,
    *,
    keys: str,
    length: tuple[int, int],
    digits: int,
    score: float,
    words: str = "",
    shapes: tuple[str, ...] = (),
    unless: str = "",
    name: str = "",
) -> Definition:
    """The definition of a kind of document.

    Args:
        entity_type: upper case.
        keys: names that its number stands under, in any language.
        length: how many letters and digits it has at least and at most.
        digits: how many digits at least.
        score: how sure a value under a key is.
        words: in front of a number that has one of the shapes, they say what it is; `keys` do not.
        shapes: as for `identifier`.
        unless: words in a key that make it something else.
        name: tells recognizers of one entity type apart.
    """
    evidence = evidence_words(words)
    return Definition(
        entity_type,
        (
            Keyed(
                frozenset(keys.split()),
                bare=_BARE,
                whole=True,
                unless=frozenset(unless.split()),
                check=_numbered(length, digits, score),
            ),
            *(_shaped(shape, evidence) for shape in shapes),
        ),
        identity=alphanumeric,
        name=name,
    )


def _numbered(length: tuple[int, int], digits: int, score: float) -> Check:
    least, most = length

    def check(text: str, start: int, end: int) -> Hit | None:
        found = text[start : min(end, start + 64)].strip()
        start += len(text[start:end]) - len(text[start:end].lstrip())
        value = alphanumeric(found)
        if not _WHOLE.match(found) or _UUID.match(found) or not least <= len(value) <= most:
            return None
        if sum(map(str.isdecimal, value)) < digits or len(set(value)) == 1:
            return None
        # `order_id_number` ends like `id_number`.
        if says_diagnosis(key_words(key_behind(text, start) or "")):
            return None
        return start, start + len(found), score

    return check


def _shaped(shape: str, evidence: Evidence) -> Digits | Lettered:
    if "A" in shape:
        return Lettered(rf"(?<![A0])(?:{shape})(?![A0])", evidence=evidence)
    return Digits(rf"(?<![0-9])(?:{shape})(?![0-9])", least=7, evidence=evidence)
