"""Which of many fixed texts can occur in a text at all, told from what stands beside each other in it.

There are hundreds of anchors and most texts hold few of them. Looking for each costs a pass over the text; which pairs,
or which three and four bytes in a row, occur costs one pass for all of them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Rows: TypeAlias = NDArray[np.signedinteger[Any] | np.unsignedinteger[Any]]

_LONG = 4_096
"""From here on rows of bytes are counted with numpy; in shorter texts pairs are enough."""
_BUCKETS = 1 << 17
# How often characters occur in logs, roughly; what is not listed is seldom. Only the time depends on it.
_FREQUENT = {ord(character): place for place, character in enumerate("etaoinsr0 1lcd2h.u-35m4:p67f8g9/by_=w,v", 1)}
_PREFIX = re.compile(r"(?:[A-Za-z0-9 _/:<>@!#%&,;=~'\"-]|\\[^A-Za-z0-9])+")
_REPEATED = frozenset("?*{")


class Anchors:
    """Fixed texts, sifted before they are searched for.

    Args:
        anchors: lower-case texts of at least one character.
    """

    def __init__(self, anchors: Sequence[str]) -> None:
        self._always = tuple(anchor for anchor in anchors if len(anchor) > 1 and len(anchor.encode()) < 3)
        self._sifted = tuple(anchor for anchor in anchors if len(anchor) > 1 and len(anchor.encode()) >= 3)
        self._by_pair: dict[int, tuple[str, ...]] = {}
        for anchor in anchors:
            if len(anchor) > 1:
                encoded = anchor.encode()
                pair = min((encoded[at : at + 2] for at in range(len(encoded) - 1)), key=_frequency)
                number = int.from_bytes(pair, sys.byteorder)
                self._by_pair[number] = (*self._by_pair.get(number, ()), anchor)
        self._single = tuple(anchor for anchor in anchors if len(anchor) == 1)
        self._pairs = frozenset(self._by_pair)
        self._rows: _Rows | None = None
        self._starts: list[int] = []

    def possible(self, lower: str) -> Sequence[str]:
        """Those that may occur in a text of small letters; all that do occur are among them."""
        single = [anchor for anchor in self._single if anchor in lower]
        if len(lower) < _LONG or not self._sifted:
            by_pair = self._by_pair
            here = self._pairs_of(lower.encode("utf-8", "surrogatepass"))
            return single + [anchor for pair in here for anchor in by_pair[pair] if anchor in lower]
        import numpy as np  # noqa: PLC0415 - 80 ms that short texts need not pay

        if self._rows is None:
            parts = [_rows_of_anchor(anchor.encode()) for anchor in self._sifted]
            self._starts = [0, *np.cumsum([len(part) for part in parts])[:-1].tolist()]
            self._rows = np.concatenate(parts)
        occurs = np.zeros(2 * _BUCKETS, dtype=np.bool_)
        for rows in _rows(lower.encode("utf-8", "surrogatepass")):
            occurs[rows] = True
        kept = np.logical_and.reduceat(occurs[self._rows], self._starts)
        return (*single, *self._always, *(self._sifted[place] for place in np.flatnonzero(kept).tolist()))

    def _pairs_of(self, encoded: bytes) -> frozenset[int]:
        """Which of the pairs occur in a text: those that begin at even places, and those at odd ones."""
        return frozenset().union(
            *(
                self._pairs.intersection(
                    memoryview(encoded[begins : len(encoded) - (len(encoded) - begins) % 2]).cast("H")
                )
                for begins in (0, 1)
            )
        )


def literal_prefix(expression: str) -> str:
    """The fixed text, in small letters, that every match of an expression begins with; empty if none can be seen."""
    match = _PREFIX.match(expression)
    if match is None or "|" in _outside_groups(expression):
        return ""
    literal = match.group()
    if expression[match.end() : match.end() + 1] in _REPEATED:
        literal = re.sub(r"(?:\\.|.)\Z", "", literal)  # the last character is repeated, perhaps no time
    return re.sub(r"\\(.)", r"\1", literal).lower()


def _outside_groups(expression: str) -> str:
    """What stands at the top level of an expression."""
    depth, parts = 0, []
    for part in re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", expression, re.DOTALL):
        depth += (part == "(") - (part == ")")
        if depth == 0 and len(part) == 1:
            parts.append(part)
    return "".join(parts)


def _frequency(pair: bytes) -> float:
    return 1 / (_FREQUENT.get(pair[0], 99) * _FREQUENT.get(pair[1], 99))


def _rows_of_anchor(encoded: bytes) -> _Rows:
    """The buckets of every four bytes in a row; of the only three, where there are no more."""
    three, four = _rows(encoded)
    return four if len(four) else three


def _rows(encoded: bytes) -> tuple[_Rows, _Rows]:
    """The bucket of every three bytes in a row, and of every four; they share none."""
    import numpy as np  # noqa: PLC0415 - as above

    values = np.frombuffer(encoded, dtype=np.uint8).astype(np.uint32)
    three = values[:-2] * 7919 + values[1:-1] * 331 + values[2:]
    four = three[:-1] * 31 + values[3:] * 40_503
    return three & (_BUCKETS - 1), (four & (_BUCKETS - 1)) + _BUCKETS
