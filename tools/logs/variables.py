"""The third pass: kinds of values that a text still holds after its digits and quotations are blotted out.

Each rule is about a class that is the same in all software (paths, host names, durations, sizes, flags, values of
keys), none about one system. Which classes count as values follows Khan, Shin, Bianculli and Briand, "Guidelines for
Assessing the Accuracy of Log Message Template Identification Techniques", ICSE 2022: numbers, truth values, null,
paths, words glued to a value, and values in a row are one value. It runs over texts that differ, so it may be thorough.
"""

from __future__ import annotations

import re

from .masks import CUT_END, WILDCARD

_V = r"<\*>"
_SOURCE = re.compile("java|kt|scala|py|go|[jt]sx?|rb|cs|c|cc|cpp|cxx|h|hpp|rs|php|mm?|swift|pl|lua|exs?|erl|clj")
_DOMAINS = "com|net|org|edu|gov|mil|int|info|biz|io|dev|cloud|app|local|localdomain|internal|lan|corp|svc|example|test"
_UNITS = (
    r"[KMGTP]i?B|[KMGT]b|B|bytes?|ns|us|µs|μs|ms|msecs?|milliseconds?|microseconds?|nanoseconds?|s|secs?|seconds?|mins?"
    r"|minutes?|h|hrs?|hours?|days?|%"
)
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]{3,6})?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:[a-z]{3,6})?"
_ZONE = r"(?:AM|PM|UTC|GMT|Z|[ECMP][SD]T|CES?T)"
_TELLING = re.compile(
    "(?i:msg|message|event|error|err|exception|reason|cause|status|state|code|type|kind|method|outcome|result|action"
    "|stage|success|ok)"
)
"""Keys whose words change what a line means; they are left to the comparison of lines."""

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Paths and what looks like one: from the root, of a drive, or of three parts and more.
    (re.compile(rf"(?<![\w>.])(?:[A-Za-z]:)?(?:[\\/](?:[\w.@%+$~*-]|{_V})+)+[\\/]?"), WILDCARD),
    (re.compile(rf"(?<![\w/])(?:[\w.@%+$~-]|{_V})+(?:/(?:[\w.@%+$~*-]|{_V})+){{2,}}/?"), WILDCARD),
    # Hosts: by their last label, or by a port behind labels that are no file of source code.
    (
        re.compile(
            rf"(?<![\w.>])(?:[A-Za-z](?:[\w-]|{_V})*|{_V}(?:[\w-]|{_V})*)(?:\.(?:[\w-]|{_V})+)*"
            rf"\.(?:{_DOMAINS})(?:\.[a-z]{{2}})?(?![\w.-])(?::{_V})?"
        ),
        WILDCARD,
    ),
    (
        re.compile(
            rf"(?<![\w.>-])(?:[a-z][a-z0-9-]*|{_V})(?:\.(?:[a-z0-9-]|{_V})+){{2,}}\.(?!id|is|in|to|so|do|no|my|at|it|as|me|js)[a-z]{{2}}(?![\w.-])"
        ),
        WILDCARD,
    ),
    # Dates in words, and what is behind a time of day.
    (re.compile(rf"(?:{_DAY},?\s+)?{_MONTH}\s+{_V}(?:\s+{_ZONE}\b)?"), WILDCARD),
    (re.compile(rf"(?:{_DAY},?\s+)?{_V}[\s-]{_MONTH}\b(?:[\s-]{_V})?"), WILDCARD),
    (re.compile(rf"{_V}\s+{_ZONE}\b"), WILDCARD),
    # Amounts: sign, comparison and unit go with the number.
    (re.compile(rf"(?<![\w>*])[-+~#<≤>≥]{_V}"), WILDCARD),
    (re.compile(rf"{_V} ?(?:{_UNITS})(?:/s)?(?![\w.])"), WILDCARD),
    # Hexadecimal words without a digit, and what the digits left of addresses.
    (
        re.compile(
            rf"(?<![\w:.])(?:[a-f]{{1,4}}::?|[A-F]{{1,4}}::?)*{_V}(?:::?(?:[a-f]{{1,4}}|[A-F]{{1,4}}|{_V}))+(?![\w])"
        ),
        WILDCARD,
    ),
    (re.compile(rf"(?<![\w:.])(?:[a-f]{{2,4}}::?|[A-F]{{2,4}}::?)+{_V}(?![\w])"), WILDCARD),
    (re.compile(r"\b(?:[a-f]{8,}|[A-F]{8,})\b"), WILDCARD),
)

_WITH_PORT = re.compile(rf"(?<![\w.>])(?:[\w-]|{_V})+(?:\.(?:[\w-]|{_V})+)*\.(?P<last>(?:[\w-]|{_V})+):{_V}")
_FLAG = re.compile(r"(?<![\w.\"-])(?:true|false|null|True|False|NULL|TRUE|FALSE|undefined|NaN)(?![\w.-])")
_KEYED = re.compile(
    rf"(?<![=!<>])\b([A-Za-z_][\w.-]*) ?=(?![=~])(?: ?\{{?\"?)?"
    rf"(?P<value>(?:[^\s,;(){{}}\[\]\"|&=]|{_V})*(?:\{{[^{{}}]*\}}|\([^()]*\)|\[[^\[\]]*\])?)"
)
_ROWS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Parts of one value, then values in a row: as good as one, however many.
    (re.compile(rf"[-_]+{_V}"), f"-{WILDCARD}"),
    (re.compile(rf"{_V}(?:[-_.:/@+x]{{1,2}}{_V})+"), WILDCARD),
    (re.compile(rf"\[{_V}(?:, ?{_V})+\]"), f"[{WILDCARD}]"),
    (re.compile(rf"{_V}(?:\s*[,;|]\s*{_V})+"), WILDCARD),
    (re.compile(rf"{_V}(?: {_V})+"), WILDCARD),
    (re.compile(rf"((?:\w+[-_.])?{_V})(?:,? \1(?![\w.-]))+"), r"\1"),
)
_ALIKE = re.compile(r"([\w.]*\([^()\n]*\)|[\w.]*\{[^{}\n]*\})(?:[,;]? ?\1)+")
"""Objects in a row that are printed alike."""
_OPEN_END = re.compile(r"[,;:=]?\s*[\w.]*[({\[][^(){}\[\]]*$|[,;:=\s]+$")
_LAST: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("FIVExx"), "5xx"),
    (re.compile("FOURxx"), "4xx"),
    (re.compile(r',(?=")'), ", "),
    # Line breaks stay: redaction reads the head of a table above its column. Whoever shows the text flattens it.
    (re.compile(r"[^\S\n]+"), " "),
)


def _host(match: re.Match[str]) -> str:
    """`name.part:number` is a host with its port, unless it is a line of a source file."""
    return match.group() if _SOURCE.fullmatch(match["last"]) else WILDCARD


def _key_value(match: re.Match[str]) -> str:
    whole, value = match.group(), match["value"]
    if _TELLING.fullmatch(match[1]) and value != WILDCARD:
        return whole
    return whole[: len(whole) - len(value)] + WILDCARD


_STATUS = re.compile(r"\b[45]xx\b")


def without_status(finished: str) -> str:
    """The same with the class of an HTTP status blotted out as well."""
    return _in_a_row(_STATUS.sub(WILDCARD, finished)) if "xx" in finished else finished


def _in_a_row(text: str) -> str:
    for pattern, replacement in _ROWS:
        text = pattern.sub(replacement, text)
    return _ALIKE.sub(r"\1", text)


def _without_open_end(text: str) -> str:
    """What was cut off began somewhere: leave the last object away that is not closed, for how much of it is there says
    how long the values before were.
    """
    text = text.removesuffix(CUT_END).rstrip()
    for _ in range(2):
        text = _OPEN_END.sub("", text)
    return text


def finish(masked: str) -> str:
    """Blot out the rest; line breaks stay.

    Args:
        masked: a text as `masks.py` left it.
    """
    for pattern, replacement in _RULES:
        masked = pattern.sub(replacement, masked)
    masked = _WITH_PORT.sub(_host, masked)
    masked = _FLAG.sub(WILDCARD, masked)
    if "=" in masked:
        masked = _KEYED.sub(_key_value, masked)
    masked = _in_a_row(masked)
    if masked.endswith(CUT_END):
        masked = _without_open_end(masked)
    for pattern, replacement in _LAST:
        masked = pattern.sub(replacement, masked)
    return masked.strip()
