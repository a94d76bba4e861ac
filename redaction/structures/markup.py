"""XML: the content of elements under their names and those of the elements around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .key_names import joined
from .pairs_found import Pair

_TAG = re.compile(r"<(/?)([A-Za-z][\w:.\-]{0,63}+)(?:[ \t\r\n][^<>]{0,1024})?(?<!/)>(\s{0,80}<!\[CDATA\[)?")
_CONTENT = re.compile(r"[^<]*+")
_DEEPEST = 64


def elements(text: str) -> Iterator[Pair]:
    """Every element with text in it; `<customer><name>x` gives `customer.name`."""
    above: list[str] = []
    section_end = 0
    for match in _TAG.finditer(text):
        name, at = match[2].rpartition(":")[2], match.end()
        if match.start() < section_end:
            continue
        if match[1]:
            # What was never closed inside is closed with it.
            if name in above:
                del above[len(above) - 1 - above[::-1].index(name) :]
            continue
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
