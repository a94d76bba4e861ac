"""Log records without personal data and secrets, whoever wrote them.

A filter of a *handler* sees every record that reaches it, from libraries too; a filter of a logger does not. `protect`
puts filter and formatter where they belong.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from .engine import Redaction
from .types import TextWithheld

# What logging itself puts into a record; other fields come from `extra=`.
STANDARD_FIELDS = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}


class ScrubbingFilter(logging.Filter):
    """Scrubs message, arguments, exception and extra fields of a record in place.

    A record that cannot be scrubbed keeps its level, logger and time, and loses everything else.
    """

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the record goes on, clean."""
        try:
            self._scrub(record)
        except Exception as error:  # noqa: BLE001 - also a message that cannot be put together must not pass
            _empty(record, error)
        return True

    def _scrub(self, record: logging.LogRecord) -> None:
        scrub = self._redaction.scrub
        record.msg, record.args = scrub(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_info = None
        record.exc_text = scrub(record.exc_text) if record.exc_text else None
        record.stack_info = scrub(record.stack_info) if record.stack_info else None
        for name in record.__dict__.keys() - STANDARD_FIELDS:
            record.__dict__[name] = self._field(name, record.__dict__[name])

    def _field(self, name: str, value: object) -> object:
        """An extra field; what is neither text nor number becomes the scrubbed text of it."""
        if value is None or isinstance(value, bool):
            return value
        text = str(value)
        scrubbed = self._redaction.scrub(text, key=name)
        return value if scrubbed == text and isinstance(value, (int, float)) else scrubbed


class ScrubbingFormatter(logging.Formatter):
    """Scrubs what another formatter made of a record: the last word before a line leaves.

    Args:
        inner: makes the line.
    """

    def __init__(self, redaction: Redaction, inner: logging.Formatter) -> None:
        super().__init__()
        self._redaction = redaction
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The line, clean; a marker in its place when it could not be proven clean."""
        try:
            return self._redaction.scrub(self._inner.format(record))
        except Exception as error:  # noqa: BLE001 - as above
            return f"{record.levelname} {_withheld(error)}"


def protect(handlers: Iterable[logging.Handler], redaction: Redaction) -> None:
    """Let nothing through these handlers that was not scrubbed, whether they send lines or fields."""
    for handler in handlers:
        handler.addFilter(ScrubbingFilter(redaction))
        handler.setFormatter(ScrubbingFormatter(redaction, handler.formatter or logging.Formatter()))


def _withheld(error: Exception) -> str:
    """What stands in place of a record; names the reason and nothing of its text."""
    reason = error.reason if isinstance(error, TextWithheld) else type(error).__name__
    return f"[log record withheld: {reason}]"


def _empty(record: logging.LogRecord, error: Exception) -> None:
    record.msg, record.args = _withheld(error), ()
    record.exc_info = record.exc_text = record.stack_info = None
    for name in record.__dict__.keys() - STANDARD_FIELDS:
        del record.__dict__[name]
