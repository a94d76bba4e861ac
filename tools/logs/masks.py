"""What varies from line to line, blotted out before lines are compared, in three passes of which one sees every line.

The first pass is one pattern (RE2) over every line where it lies: any run of letters and digits with a digit in it.
What it leaves is counted, and everything else looks only at texts that differ then: quoted text, addresses and long
tokens in a second pass of SQL, so that lines full of them fold before anything is limited, and `variables.py` in a
third. A body of any length costs the same: of a long one the head and the tail count, where message and exception
stand.

Source: masking before mining, He, Zhu, Zheng and Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree",
ICWS 2017; the order of the passes is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ..arrow import compute as pc
from .stacktraces import IS_FRAME, folded_sql
from .structured import message_sql

WILDCARD = "<*>"

_HEAD, _TAIL = 400, 200
_CUT = " … "
_CUT_OFF = "[A-Za-z0-9_.+@%-]*"
"""What a cut may have split: half an address would not be recognised any more."""


@dataclass(frozen=True)
class Step:
    r"""Replace every match of a pattern (RE2); `\1` in the replacement is its first group."""

    pattern: str
    replacement: str


# Of all numbers the class of an HTTP status changes the meaning of a line; letters survive the steps below.
_STATUSES = (
    Step(r'(?i)\b(status|status[_ ]?code|code|http/[0-9.]+)([\s=:,"]{1,3})5[0-9][0-9]\b', r"\1\2FIVExx"),
    Step(r'(?i)\b(status|status[_ ]?code|code|http/[0-9.]+)([\s=:,"]{1,3})4[0-9][0-9]\b', r"\1\2FOURxx"),
)
_STATUS_SIGNS = ("tatus", "TATUS", "ode", "ODE", "HTTP/")
"""Finding one of these costs a twentieth of a pattern, and most lines have none."""

_COLOURS = Step("\\x1b\\[[0-9;]*m", "")

# Any run of letters and digits with a digit in it, together with what strings numbers together: dates, addresses.
_VALUES = Step(r"[A-Za-z0-9]*[0-9](?:[A-Za-z0-9]|[.:,/_-][0-9])*", WILDCARD)

_SECOND = (
    # JSON without a message: what a field is called is kept, what text it holds is a value.
    Step(r'("[A-Za-z_@][A-Za-z0-9_.@-]*"\s*:\s*)"(?:[^"\\]|\\.)*"', rf"\1{WILDCARD}"),
    # The request line of an access log says more than "some quoted text".
    Step(r'"((?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) [^"]*)"', r"\1"),
    Step(r'"[^":{}\[\]]*"([^:]|$)', rf"{WILDCARD}\1"),
    Step(r"(^|[\s=(:,\[])'[^'\n]*'", rf"\1{WILDCARD}"),
    Step(r"(?:[A-Za-z0-9_.+-]|<\*>)+@(?:[A-Za-z0-9-]|<\*>)+(?:\.(?:[A-Za-z0-9-]|<\*>)+)+", WILDCARD),
    Step(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", WILDCARD),
    Step(r"\b[a-z][a-z0-9+.-]*://[^\s,;\"')\]}]+", WILDCARD),
    # What the first pass left of ids in parts and of addresses, then keys, tokens and base64.
    Step(r"<\*>(?:[-:.+_]{1,2}(?:[0-9a-fA-F]{1,4}[-:.+_]){0,4}<\*>)+", WILDCARD),
    Step(r"(?:[A-Za-z0-9+/_-]|<\*>){40,}={0,2}", WILDCARD),
)


def _replaced(expression: str, step: Step) -> str:
    pattern, replacement = (text.replace("'", "''") for text in (step.pattern, step.replacement))
    return f"regexp_replace({expression}, '{pattern}', '{replacement}', 'g')"


def first_pass(source: str, body: str, text: str) -> str:
    """A DuckDB query: all of `source`, with the text that the first pass leaves of a column; null is the empty text.

    Step by step in queries within queries, for an expression that is written twice is worked out twice.

    Args:
        source: a table or a query in brackets.
        body: its column.
        text: the name of the new column.
    """
    head, tail = f"left({body}, {_HEAD})", f"right({body}, {_TAIL})"
    ends = f"regexp_replace({head}, '{_CUT_OFF}$', '') || '{_CUT}' || regexp_replace({tail}, '^{_CUT_OFF}', '')"
    plain = f"CASE WHEN strlen({body}) <= {_HEAD + _TAIL} THEN {body} ELSE {ends} END"
    has_status = " OR ".join(f"contains({text}, '{sign}')" for sign in _STATUS_SIGNS)
    marked = text
    for step in _STATUSES:
        marked = _replaced(marked, step)
    steps = (
        f"CASE WHEN contains({text}, chr(27)) THEN {_replaced(text, _COLOURS)} ELSE {text} END",
        f"CASE WHEN {has_status} THEN {marked} ELSE {text} END",
        _replaced(text, _VALUES),
    )
    query = f"(SELECT *, coalesce({message_sql(body)}, {folded_sql(body)}, {plain}, '') AS {text} FROM {source})"  # noqa: S608 - all parts are ours
    for replaced in steps:
        query = f"(SELECT * REPLACE ({replaced} AS {text}) FROM {query})"  # noqa: S608 - all parts are ours
    return query


_HAS_STATUS = "|".join(step.pattern.replace("(?i)", "(?i:", 1) + ")" for step in _STATUSES)
_NOT_PLAIN = rf"^\{{|\n|{IS_FRAME}|(?:msg|message)=\"|\x1b|{_HAS_STATUS}"


def first_pass_of_plain(bodies: pa.Array) -> tuple[pa.Array, pa.Array]:
    """What the first pass leaves of lines in memory, in half the time, and which lines only `first_pass` can do.

    Args:
        bodies: texts without null.
    """
    not_plain = pc.or_(
        pc.greater(pc.binary_length(bodies), _HEAD + _TAIL), pc.match_substring_regex(bodies, _NOT_PLAIN)
    )
    return pc.replace_substring_regex(bodies, _VALUES.pattern, _VALUES.replacement), not_plain


def second_pass(column: str) -> str:
    """A DuckDB expression over the texts that the first pass left."""
    expression = column
    for step in _SECOND:
        expression = _replaced(expression, step)
    return expression
