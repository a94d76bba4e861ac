"""Pairs of languages that put no sign between a key and its value: maps of Clojure, properties of Erlang, clauses of
COBOL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pairs_found import Pair

# `{:card-number "4111…", :cvv 123}`, `#:customer{:full-name "…"}`; symbols and keywords as values tell nothing.
_KEYWORD = re.compile(r"(?<=[\s,{(\[]):([a-z][\w.\-/]{0,63})[?!*]?[ \t]{1,8}(?=[\"0-9\[#+\-])", re.IGNORECASE)
# A property of Erlang: `{pin,<<"1234">>}`.
_TUPLE = re.compile(r"\{([a-z][a-z0-9_]{1,40}),[ ]?(?=<<\"|\"|[0-9])")
# `WS-CARD-NO  PIC 9(16)  VALUE 4111….`
_CLAUSE = re.compile(r"\b([A-Z][A-Z0-9\-]{1,30})[ \t]{1,40}PIC[^\n'\"]{1,60}?[ \t]VALUE[ \t]{1,8}(?:IS )?(?=['\"0-9])")


def spoken(text: str) -> Iterator[Pair]:
    """Pairs of all of them."""
    if "{" in text and "{:" in text:
        yield from (Pair(match[1], match.end()) for match in _KEYWORD.finditer(text))
    if "<<" in text:
        yield from (Pair(match[1], match.end()) for match in _TUPLE.finditer(text))
    if "VALUE" in text and " PIC" in text:
        yield from (Pair(match[1], match.end()) for match in _CLAUSE.finditer(text))
