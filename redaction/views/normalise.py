"""Views of a text in which disguises are gone, each with a map back to the code points of the input.

The *folded* view has compatibility forms, digits of all scripts, letters that pass for Latin ones, unusual spaces and
dashes in their ASCII dress, and no invisible characters, control characters or terminal colours. The *decoded* view has
escapes undone as well, the *unwrapped* one holds together what log formatting and odd separators have split, and those
of texts inside of quoted texts have their line breaks. All are scanned, because undoing a disguise can also cut a value
short.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .confusables import unmixed
from .escapes import unescaped, unquoted
from .folding import Replacement, foldings, is_usual, terminal_codes
from .string_escapes import unstrung
from .unwrapping import form_spaces, unwrapped

OPAQUE = "\x1a"
"""Stands in a view for a placeholder: one control character that no rule matches and no folded text contains."""

_DECODE_DEPTH = 4
_STRING_DEPTH = 5


@dataclass(frozen=True, slots=True)
class _Piece:
    """One stretch of a view: copied from the view before (`fresh` false), or put in place of what stood there."""

    at: int
    start: int
    end: int
    fresh: bool


@dataclass(frozen=True)
class View:
    """A text to scan and where its characters came from."""

    text: str
    pieces: tuple[_Piece, ...] = ()
    """Empty: the text is the input itself."""
    below: View | None = None
    """The view this one was made from; None: the input."""

    def to_input(self, start: int, end: int) -> tuple[int, int]:
        """The input range behind [start, end) of this view; start < end."""
        if self.pieces:
            start, end = self._map(start)[0], self._map(end - 1)[1]
        return self.below.to_input(start, end) if self.below is not None else (start, end)

    def _map(self, place: int) -> tuple[int, int]:
        piece = self.pieces[bisect_right(self.pieces, place, key=lambda piece: piece.at) - 1]
        if piece.fresh:
            return piece.start, piece.end
        at = piece.start + place - piece.at
        return at, at + 1


def views(text: str, opaque: Sequence[tuple[int, int]] = ()) -> tuple[View, ...]:
    """The folded view, and where the text calls for them the spaced, the decoded and the unwrapped one.

    Something invisible between two digits may hide a number (so it is dropped) or keep two numbers apart (so the
    spaced view has a space in its place).

    Args:
        text: the input.
        opaque: sorted, disjoint ranges of the input that are to be looked at as one unknown thing each.
    """
    found: list[View] = []
    folded = View(text)
    if opaque or not is_usual(text):
        replacements = list(_together(_foldings(text, opaque)))
        folded = _rewrite(folded, replacements)
        if any(not fresh and text[start] != "\r" for start, _, fresh in replacements):
            found.append(_rewrite(View(text), [(start, end, fresh or " ") for start, end, fresh in replacements]))
        folded = _rewrite(folded, unmixed(folded.text))
    found.append(folded)
    # In a form a blank is `+`, which cannot be told once its quotes are decoded.
    is_form = "+" in folded.text and "%22" in folded.text
    levels = tuple(_decoded(_rewrite(folded, form_spaces(folded.text)) if is_form else folded))
    found += levels
    decoded = levels[-1] if levels else folded
    whole = _rewrite(decoded, unwrapped(decoded.text))
    if whole is not decoded:
        found.append(whole)
    return (*_unstrung(decoded), *found)


def plain(text: str) -> str:
    """A text without any disguise: what a person reads in it."""
    return views(text)[-1].text


def _unstrung(view: View) -> Iterator[View]:
    for _ in range(_STRING_DEPTH):
        inner = _rewrite(view, unstrung(view.text))
        if inner is view:
            return
        view = inner
        yield view


def _decoded(view: View) -> Iterator[View]:
    """The view with its escapes undone, all at once; before quoted-printable is undone again, it is one of its own.

    What that gives may look like more of it by chance: `=3D45`.
    """
    first, is_unquoted = view, False
    for _ in range(_DECODE_DEPTH):
        before = view
        view = _rewrite(view, unescaped(view.text))
        if view is before:
            view = _rewrite(view, unquoted(view.text))
            if view is not before and is_unquoted:
                yield before
            is_unquoted = True
        if view is before:
            break
        view = _rewrite(_rewrite(view, terminal_codes(view.text)), unmixed(view.text))
    if view is not first:
        yield view


def _rewrite(view: View, replacements: Iterable[Replacement]) -> View:
    """The view with some ranges replaced; an empty replacement drops the range."""
    parts: list[str] = []
    pieces: list[_Piece] = []
    length = done = 0
    for start, end, fresh in replacements:
        if start > done:
            parts.append(view.text[done:start])
            pieces.append(_Piece(length, done, start, fresh=False))
            length += start - done
        if fresh:
            parts.append(fresh)
            pieces.append(_Piece(length, start, end, fresh=True))
            length += len(fresh)
        done = end
    if done == 0:
        return view
    if done < len(view.text):
        parts.append(view.text[done:])
        pieces.append(_Piece(length, done, len(view.text), fresh=False))
    return View("".join(parts), tuple(pieces), view)


def _together(replacements: Iterable[Replacement]) -> Iterator[Replacement]:
    """Neighbours that leave nothing as one: a file that a crash has filled up is millions of them."""
    first = done = -1
    for start, end, fresh in replacements:
        if fresh or start != done:
            if done >= 0:
                yield first, done, ""
            first = done = -1
        if fresh:
            yield start, end, fresh
        else:
            first, done = (start if first < 0 else first), end
    if done >= 0:
        yield first, done, ""


def _foldings(text: str, opaque: Sequence[tuple[int, int]]) -> Iterator[Replacement]:
    done = 0
    for start, end in opaque:
        yield from foldings(text, done, start)
        yield start, end, OPAQUE
        done = end
    yield from foldings(text, done, len(text))
