"""The outline of a text: one byte for each character that says what kind it is.

Fixed bytes are found in it many times faster than an expression finds their kinds in the text, so passes look here for
the few places where they may apply at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

# Capitals, small letters, figures, blanks and line breaks, what ends a clause or parts figures, and everything else.
_KINDS = {
    **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A"),
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "a"),
    **dict.fromkeys("0123456789", "0"),
    **{sign: sign for sign in " \t\n.,-/_"},
}
_FIGURE = ord("0")
_OUTLINE = bytes(ord(_KINDS.get(chr(code), "?")) for code in range(256))


def outline(text: str) -> bytes:
    """`A` for a capital, `a` for a small letter, `0` for a figure, blanks, line breaks and `.,-/_` as they are.

    Everything else is `?`, also what is not ASCII.
    """
    return text.encode("ascii", "replace").translate(_OUTLINE)


def places(outlined: bytes, sign: bytes) -> Iterator[int]:
    """Where a sign of at least one byte begins, overlaps included."""
    at = outlined.find(sign)
    while at >= 0:
        yield at
        at = outlined.find(sign, at + 1)


def runs_of_figures(outlined: bytes, separators: bytes, least: int) -> list[tuple[int, int]]:
    """The longest stretches of at least so many figures with at most one separator between two of them."""
    import numpy as np  # noqa: PLC0415 - 80 ms that short texts need not pay

    if not outlined:
        return []
    kinds = np.frombuffer(outlined, dtype=np.uint8)
    figures = kinds == _FIGURE
    parting = np.zeros(len(kinds), dtype=np.bool_)
    for separator in separators:
        parting |= kinds == separator
    parting[1:-1] &= figures[:-2] & figures[2:]
    parting[[0, -1]] = False
    edges = np.flatnonzero(np.diff(figures | parting, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    # Every second sign of a run is a figure, so most are told by their length.
    long = ends - starts >= least
    starts, ends = starts[long], ends[long]
    counted = np.zeros(len(kinds) + 1, dtype=np.int32)
    np.cumsum(figures, out=counted[1:])
    long = counted[ends] - counted[starts] >= least
    return list(zip(starts[long].tolist(), ends[long].tolist(), strict=True))


def windows(
    outlined: bytes, signs: Sequence[bytes], before: int, after: int, is_wanted: Callable[[int], bool] | None = None
) -> list[tuple[int, int]]:
    """Stretches around the places of signs, sorted and apart: so many characters before and behind where one begins.

    With `is_wanted`, only around those places of which it says so.
    """
    length = len(outlined)
    found: list[tuple[int, int]] = []
    first, last = 0, -1
    begins: list[int] = []
    for sign in signs:
        at = outlined.find(sign)
        while at >= 0:
            begins.append(at)
            at = outlined.find(sign, at + 1)
    begins.sort()
    for at in begins if is_wanted is None else filter(is_wanted, begins):
        if at - before > last:
            if last >= 0:
                found.append((first, last))
            first = max(0, at - before)
        last = min(length, at + after)
    if last >= 0:
        found.append((first, last))
    return found
