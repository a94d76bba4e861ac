"""JSON and logfmt lines: what they say is under a key, and so is their level.

The keys are those of common loggers: zap, logrus, pino, bunyan, structlog, python-json-logger, Logback, Serilog, the
Elastic Common Schema and OpenTelemetry. Read by pattern (RE2) and not by a parser, so that a cut or broken line counts
as far as it goes. Of a line with a message its other fields are attributes: they neither tell two lines apart nor make
a pattern new.
"""

from __future__ import annotations

_STRING = r'"((?:[^"\\]|\\.)*)"'
_MESSAGE_KEYS = r"message|msg|@?event|log|@mt|@m"
_ERROR_KEYS = r"error|err|exception|exc_info|error\.message|exception\.message|exception\.type|@x"
_STATUS_KEYS = r"status|status[_.]?code|http[_.]status[_.]?(?:code)?|http\.response\.status_code"
LEVEL_KEYS = r"level|severity|severity_text|lvl|levelname|log\.level|loglevel|@l"

_FIRST_CHARACTERS = 2_000
"""Where the keys are looked for; a body of any length costs the same."""


def _captured(column: str, pattern: str) -> str:
    quoted = pattern.replace("'", "''")
    return f"nullif(regexp_extract({column}, '{quoted}', 1), '')"


def message_sql(column: str) -> str:
    """A DuckDB expression: message, error and status of a structured line; null of any other line."""
    text = f"left({column}, {_FIRST_CHARACTERS})"
    json = _said(
        text,
        message=rf'"(?:{_MESSAGE_KEYS})"\s*:\s*{_STRING}',
        error=rf'"(?:{_ERROR_KEYS})"\s*:\s*{_STRING}',
        status=rf'"(?:{_STATUS_KEYS})"\s*:\s*"?([45][0-9][0-9])\b',
    )
    quoted = _said(
        text,
        message=rf"(?:^|\s)(?:{_MESSAGE_KEYS})={_STRING}",
        error=rf"(?:^|\s)(?:{_ERROR_KEYS})={_STRING}",
        status=rf'(?:^|\s)(?:{_STATUS_KEYS})="?([45][0-9][0-9])\b',
    )
    return f"""CASE WHEN {column}[1] = '{{' THEN {json}
        WHEN contains({column}, 'msg="') OR contains({column}, 'message="') THEN {quoted} END"""


def _said(text: str, *, message: str, error: str, status: str) -> str:
    with_error = f"coalesce(' error: ' || {_captured(text, error)}, '')"
    with_status = f"coalesce(' status: ' || {_captured(text, status)}, '')"
    return f"left({_captured(text, message)} || {with_error} || {with_status}, 600)"


def level_sql(level: str, body: str) -> str:
    """A DuckDB expression: the level as written in its column, else in the body; null if neither has one.

    Of a plain body only a word in capitals at its start counts.
    """
    head = f"left({body}, {_FIRST_CHARACTERS})"
    in_json = _captured(head, rf'"(?:{LEVEL_KEYS})"\s*:\s*"?([A-Za-z]+|[1-6]0\b)')
    in_logfmt = _captured(head, rf'(?:^|\s)(?:{LEVEL_KEYS})="?([A-Za-z]+)')
    at_start = _captured(
        f"left({body}, 100)",
        r"(?:^|[\s\[|(<])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|PANIC)(?:[\s\]|:,)>]|$)",
    )
    return f"""coalesce(nullif(trim({level}), ''),
        CASE WHEN {body}[1] = '{{' THEN {in_json} ELSE coalesce({in_logfmt}, {at_start}) END)"""
