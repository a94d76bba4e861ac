"""What varies from line to line, blotted out before lines are compared: numbers, ids, addresses, quoted text.

One list of steps in RE2 syntax, run as SQL where the lines lie (DuckDB) or over an Arrow column; both give the same
text. A body of any length costs the same: of a long one the head and the tail count, where message and exception stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

from ..arrow import compute as pc

WILDCARD = "<*>"

_HEAD, _TAIL = 400, 200
_CUT = " … "


@dataclass(frozen=True)
class Step:
    r"""Replace every match of a pattern (RE2); `\1` in the replacement is its first group."""

    pattern: str
    replacement: str


_TELLING_KEYS = (
    "msg|message|event|error|err|exception|reason|status|state|code|type|kind|method|outcome|result|action|stage"
)

STEPS: tuple[Step, ...] = (
    # JSON: what a message-like key says is kept as words, other texts are values; a bare string after a key likewise.
    Step(rf'"({_TELLING_KEYS})"\s*:\s*"((?:[^"\\]|\\.)*)"', r"\1: \2"),
    Step(r'("[A-Za-z_@][A-Za-z0-9_.@-]*"\s*:\s*)"(?:[^"\\]|\\.)*"', rf"\1{WILDCARD}"),
    # The request line of an access log says more than "some quoted text".
    Step(r'"((?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) [^"]*)"', r"\1"),
    # Of all numbers the class of an HTTP status changes the meaning of a line; letters survive the steps below.
    Step(r'(?i)\b(status|status[_ ]?code|code|http/[0-9.]+)([\s=:,"]{1,3})5[0-9][0-9]\b', r"\1\2FIVExx"),
    Step(r'(?i)\b(status|status[_ ]?code|code|http/[0-9.]+)([\s=:,"]{1,3})4[0-9][0-9]\b', r"\1\2FOURxx"),
    Step(r'"[^":{}\[\]]*"([^:]|$)', rf"{WILDCARD}\1"),
    Step(r"(^|[\s=(:,\[])'[^'\n]*'", rf"\1{WILDCARD}"),
    Step(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", WILDCARD),
    Step(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", WILDCARD),
    # Keys, tokens, base64.
    Step(r"[A-Za-z0-9+_-]{40,}={0,2}", WILDCARD),
    # Any run of letters and digits with a digit in it, together with what strings numbers together: dates, addresses.
    Step(r"[A-Za-z0-9]*[0-9](?:[A-Za-z0-9]|[.:,/_-][0-9])*", WILDCARD),
)

_FINISH = (
    (re.compile(r"FIVExx"), "5xx"),
    (re.compile(r"FOURxx"), "4xx"),
    # A list of values is as good as one, however long.
    (re.compile(r"<\*>(?:\s*[,;|]\s*<\*>)+"), WILDCARD),
    (re.compile(r',(?=")'), ", "),
    # Line breaks stay: redaction reads the head of a table above its column. Whoever shows the text flattens it.
    (re.compile(r"[^\S\n]+"), " "),
)


def finish(masked: str) -> str:
    """The last touch on a masked text: white space, lists of values, the readable form of status classes.

    Cheap only because it sees each masked text once.
    """
    for pattern, replacement in _FINISH:
        masked = pattern.sub(replacement, masked)
    return masked.strip()


_CUT_OFF = "[A-Za-z0-9_.+@%-]*"
"""What a cut may have split: half an address would not be recognised any more."""


def sql_of(column: str) -> str:
    """A DuckDB expression that masks a column; `column` is a name of ours, never outside text."""
    head, tail = f"left({column}, {_HEAD})", f"right({column}, {_TAIL})"
    ends = f"regexp_replace({head}, '{_CUT_OFF}$', '') || '{_CUT}' || regexp_replace({tail}, '^{_CUT_OFF}', '')"
    expression = f"coalesce(CASE WHEN strlen({column}) <= {_HEAD + _TAIL} THEN {column} ELSE {ends} END, '')"
    for step in STEPS:
        pattern, replacement = (text.replace("'", "''") for text in (step.pattern, step.replacement))
        expression = f"regexp_replace({expression}, '{pattern}', '{replacement}', 'g')"
    return expression


def mask(bodies: pa.Array) -> pa.Array:
    """Mask a column of texts; null becomes the empty text."""
    bodies = pc.fill_null(bodies, "")
    long = pc.greater(pc.binary_length(bodies), _HEAD + _TAIL)
    head = pc.replace_substring_regex(pc.utf8_slice_codeunits(bodies, 0, _HEAD), f"{_CUT_OFF}$", "")
    tail = pc.replace_substring_regex(pc.utf8_slice_codeunits(bodies, -_TAIL), f"^{_CUT_OFF}", "")
    masked = pc.if_else(long, pc.binary_join_element_wise(head, tail, _CUT), bodies)
    for step in STEPS:
        masked = pc.replace_substring_regex(masked, pattern=step.pattern, replacement=step.replacement)
    return masked
