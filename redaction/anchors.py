"""Which of many fixed texts can occur in a text at all, told from the triples of bytes in it.

There are hundreds of anchors and most texts hold few of them. Looking for each costs a pass over the text; which
triples of bytes occur costs one pass for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORTH_IT = 4_096
"""Shorter texts are searched for every anchor; that is faster than counting."""
_BUCKETS = 1 << 16


class Anchors:
    """Fixed texts, sifted before they are searched for.

    Args:
        anchors: lower-case texts.
    """

    def __init__(self, anchors: Sequence[str]) -> None:
        self._always = tuple(anchor for anchor in anchors if len(anchor.encode()) < 3)
        self._sifted = tuple(anchor for anchor in anchors if len(anchor.encode()) >= 3)
        self._all = tuple(anchors)
        self._triples: NDArray[np.signedinteger[Any] | np.unsignedinteger[Any]] | None = None
        self._starts: list[int] = []

    def possible(self, lower: str) -> Sequence[str]:
        """Those that may occur in a text of small letters; all that do occur are among them."""
        if len(lower) < _WORTH_IT or not self._sifted:
            return self._all
        import numpy as np  # noqa: PLC0415 - 80 ms that short texts need not pay

        if self._triples is None:
            parts = [_triples(anchor.encode()) for anchor in self._sifted]
            self._starts = [0, *np.cumsum([len(part) for part in parts])[:-1].tolist()]
            self._triples = np.concatenate(parts)
        occurs = np.zeros(_BUCKETS, dtype=np.bool_)
        occurs[_triples(lower.encode("utf-8", "surrogatepass"))] = True
        kept = np.logical_and.reduceat(occurs[self._triples], self._starts)
        return (*self._always, *(self._sifted[place] for place in np.flatnonzero(kept).tolist()))


def _triples(encoded: bytes) -> NDArray[np.signedinteger[Any] | np.unsignedinteger[Any]]:
    """The bucket of every triple of bytes."""
    import numpy as np  # noqa: PLC0415 - as above

    values = np.frombuffer(encoded, dtype=np.uint8).astype(np.uint32)
    return (values[:-2] * 7919 + values[1:-1] * 331 + values[2:]) & (_BUCKETS - 1)
