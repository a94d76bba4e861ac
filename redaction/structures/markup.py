"""XML: the content of elements under their names and those of the elements around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .key_names import joined
from .pairs_found import Pair

_TAG = re.compile(r"<(/?)([A-Za-z][\w:.\-]{0,63}+)(?:[ \t\r\n][^<>]{0,1024})?(?<!/)>(\s{0,80}<!\[CDATA\[)?")
_CONTENT = re.compile(r"[^<]*+")
_DEEPEST = 64
_CELLS = frozenset({"table", "tr", "th", "td"})


class _Columns:
    """What stands above the cells of a table of HTML, or in front of them in their row."""

    def __init__(self) -> None:
        self._above: list[str] = []
        self._in_row: list[str] = []
        self._cell = 0

    def key(self, name: str, text: str, at: int) -> str | None:
        """The name of the column or row of a cell that begins at a place; None of everything else."""
        if name == "table":
            self._above, self._in_row = [], []
        elif name == "tr":
            if self._in_row and not self._cell:
                self._above = self._in_row
            self._in_row, self._cell = [], 0
        elif name == "th":
            content = _CONTENT.match(text, at, at + 100)
            self._in_row.append(content.group().strip() if content else "")
        else:
            self._cell += 1
            if self._in_row:
                return self._in_row[-1] or None
            if self._cell <= len(self._above):
                return self._above[self._cell - 1] or None
        return None


def elements(text: str) -> Iterator[Pair]:
    """Every element with text in it; `<customer><name>x` gives `customer.name`."""
    above: list[str] = []
    section_end = 0
    columns = _Columns()
    for match in _TAG.finditer(text):
        name, at = match[2].rpartition(":")[2], match.end()
        if match.start() < section_end:
            continue
        if match[1]:
            # What was never closed inside is closed with it.
            if name in above:
                del above[len(above) - 1 - above[::-1].index(name) :]
            continue
        if (lower := name.lower()) in _CELLS:
            key = columns.key(lower, text, at)
            if key is not None and at < len(text) and text[at] != "<":
                yield Pair(key, at, True)
        if match[3]:
            section_end = text.find("]]>", at)
            section_end = section_end if section_end >= 0 else len(text)
            yield Pair(joined(above, name), at, False, section_end)
        elif at < len(text) and text[at] != "<" and not text[at].isspace():
            yield Pair(name, at, True)
            if above:
                yield Pair(joined(above, name), at, True)
        if len(above) < _DEEPEST:
            above.append(name)
