"""How far a secret reaches, and what stands in its place when there is none."""

from __future__ import annotations

import re

# Ends at a space, or at punctuation after which something else begins; doubled punctuation inside a word is no end.
RUN = (
    r"""(?:[^\s&;,)}\]"'`<>\\\x1a]"""
    r"""|(?:&&|;;|,,)(?=[^\s&;,)}\]"'`<>\\])(?![\w.\-]{1,40}=)"""
    r"""|[&;,)}\]"'`<>](?![\s&;,)}\]"'`<>\\]|\Z|[\w.\-]{1,40}=)|\\(?!["'nrt]))"""
)
SAMPLE = 64
"""As much of a value as is needed to judge it; keys lie in values, and reading each to its end costs the square."""
SAMPLED_RUN = rf"{RUN}{{1,{SAMPLE}}}+"
BRACED = r"\{[^{}\n\"':=]{1,128}\}"
"""How ODBC and SQL Server quote a value."""

_NOTHING = re.compile(
    r"""(?:null|none|nil|undefined|n/?a|true|false|yes|no|empty|unset|missing|invalid|expired|required|optional|unknown"""
    r"""|[{(\[<]{1,3}|\*+|•+|x{3,}|\.{3,}|…|-+|\?+"""
    r"""|[<\[({]{0,2}(?:redacted|masked|hidden|removed|filtered|withheld|secret|password|token|none|null|unset)[>\])}]{0,2})\Z""",
    re.IGNORECASE,
)
# The first word of a sentence about it: `password: must be longer`, `token: not found`.
_SENTENCE = re.compile(
    r"(?:not|must|should|cannot|can|could|may|will|was|were|is|are|has|had|does|did|too|failed|for|the|please|at|in|"
    r"from|with|no|unable|error|field|length|minimum|exception|revoked|rejected|accepted|incorrect|wrong|mismatch|changed|"
    r"rotated|disabled|enabled|provided|unchanged)[,:]?\Z",
    re.IGNORECASE,
)
# A name to be filled in, without a default behind it; a value without quotes ends before the closing brace.
_NAME = r"[A-Za-z_][\w.:/\-]{0,80}"
_TEMPLATE = re.compile(
    rf"\$\{{(?!\w*:-){_NAME}\}}\Z|\$\([^\n]{{0,4096}}\Z"
    r"|\$?\{\{(?:[^{}]{1,80}\}\})?\Z|\$[A-Z_][A-Z0-9_]{0,60}\Z|\{\}\Z"
    r"|%[sdr]\Z|%\([a-z_]{1,40}\)s\Z|<[A-Za-z_ \-]{1,40}>\Z"
    r"|(?:os\.environ\b|os\.getenv\(|process\.env\.|env\.[A-Z_]+\Z|secretKeyRef\Z|valueFrom\Z"
    r"|arn:aws:secretsmanager:|projects/[\w\-]{1,64}/secrets/)[^\n]{0,200}\Z"
)
_UNCLOSED = re.compile(rf"\$\{{(?!\w*:-){_NAME}\}}\Z")
# The name of a secret in a secrets manager, its checksum in an annotation, its name in the values of a chart.
_NAMED = re.compile(
    r"(?:arn:aws[\w\-]{0,8}:secretsmanager:[\w\-:]{0,64}|(?:checksum|hash|digest|sha256)/[\w.\-]{1,48}[\"']?: ?[\"']?"
    r"|existingSecret[\"']?[:=] ?[\"']?)\Z"
)
_REACH = 96
# `;Password=… …;User=…`: between semicolons a value may hold spaces and ampersands.
_BEHIND_SEMICOLON = re.compile(r"[ ]?=[ ]?[\w .\-]{1,32};")
_TO_SEMICOLON = re.compile(r"[^;\n\"'`]{0,128}(?=;[ ]?[A-Za-z][\w .\-]{0,32}=)")
# A line of YAML that is a key and a value and nothing more.
_KEY_OF_LINE = re.compile(r"[ \t]{1,4}:[\"']?[\w.\-]{1,64}[\"']?(?: -)?[ \t]*(?:\n|\Z)")
_REST_OF_LINE = re.compile(r"[^\s\"'`]{0,128}(?:[ \t][^\s=\"'`#,;]{1,64}(?<!:)){0,6}(?=[ \t]*(?:\n|\Z))")
_FLAG = re.compile(r"[ \t=]{1,4}[\w\-]{1,64}--")
_REST_OF_ARGUMENT = re.compile(r"[^\s\"'`]{0,256}")
_RUN_ON = re.compile(rf"{RUN}*+")


def is_nothing(text: str, start: int, end: int) -> bool:
    """Whether a value says that there is none, or that something will be put there."""
    value = text[start:end].strip()
    if not value or _NOTHING.match(value) or _TEMPLATE.match(value) or _UNCLOSED.match(value + text[end : end + 1]):
        return True
    if _NAMED.search(text[max(0, start - _REACH) : start]):
        return True
    # `--password=<password>` is no tag that is closed.
    if text[start - 1 : start] == ">" and text[start - 2 : start - 1] != "=" and end < len(text):
        return text[end : end + 2] not in {"</", "<\\"}
    quoted = start > 0 and text[start - 1] in "\"'`"
    return not quoted and len(value) <= 16 and _SENTENCE.match(value) is not None


def reach(text: str, start: int, end: int) -> tuple[int, int]:
    """The value in full: past the sample of it."""
    if end - start == SAMPLE:
        rest = _RUN_ON.match(text, end)
        end = rest.end() if rest else end
    return start, end


def to_neighbour(text: str, start: int, end: int) -> int:
    """Where a value without quotes ends, when the fields around it tell: before the next field or at the line's end."""
    behind = text[max(0, start - 72) : start][::-1]
    if _BEHIND_SEMICOLON.match(behind):
        rest = _TO_SEMICOLON.match(text, end)
    elif _KEY_OF_LINE.match(behind):
        rest = _REST_OF_LINE.match(text, end)
    elif _FLAG.match(behind):
        rest = _REST_OF_ARGUMENT.match(text, end)
    else:
        return end
    return rest.end() if rest else end
