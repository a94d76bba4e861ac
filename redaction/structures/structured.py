"""Keys and values that only the structure around them brings together; each kind is looked for where its signs are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .arguments import arguments
from .bound_values import bound
from .columns import columns
from .documents import documents
from .indented import indented
from .kubernetes import secret_data
from .languages import spoken
from .markup import elements
from .named_values import named
from .nested import members
from .pairs_found import Pair
from .records import records
from .sql import literals
from .tables import cells

# A line that ends with a colon or the sign of a block scalar.
_OPENS_BLOCK = re.compile(r"\n(?<=[:|>\-+\r]\n)")

_FRONT = re.compile(r"[^\W\d]\w{0,63}=\"(?=[^\"\n]{1,4096}\n)")


def structured(text: str) -> Iterator[Pair]:
    """Pairs of all structures, not in order; some come twice."""
    yield from members(text)
    yield from arguments(text)
    yield from named(text)
    yield from documents(text)
    yield from spoken(text)
    yield from records(text)
    yield from bound(text)
    if "</" in text:
        yield from elements(text)
    if "'" in text or "(" in text:
        yield from literals(text)
    if "\n" in text:
        lines = _from_first_line(text)
        yield from cells(lines)
        yield from columns(lines)
        if _OPENS_BLOCK.search(lines) is not None:
            yield from indented(lines)
        yield from secret_data(lines)
    else:
        yield from secret_data(text)


def _from_first_line(text: str) -> str:
    """The text with `key="` at its very beginning blanked, so that what follows stands on a line of its own."""
    front = _FRONT.match(text)
    return f"{' ' * (front.end() - 1)}\n{text[front.end() :]}" if front else text
