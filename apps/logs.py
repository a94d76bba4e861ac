"""Log lines are an exit like any other: what libraries and we write to the log is scrubbed first."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from ..core.clock import to_iso
from ..redaction.engine import Redaction
from ..redaction.log_filter import STANDARD_FIELDS, protect

LogFormat: TypeAlias = Literal["text", "json"]


class _Protected(logging.StreamHandler):  # type: ignore[type-arg]  # the stream's type is of no interest
    """Marks the handler that is ours, so that it is made once."""


class _JsonLine(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the fields that came with it."""

    def format(self, record: logging.LogRecord) -> str:
        extra = {name: value for name, value in record.__dict__.items() if name not in STANDARD_FIELDS}
        line = {
            **extra,
            "ts": to_iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name, text in (("exception", record.exc_text), ("stack", record.stack_info)):
            if text:
                line[name] = text
        return json.dumps(line, default=str, sort_keys=True)


class _StillJson(logging.Formatter):
    """What was JSON is JSON after the last scrubbing too; a line that is not loses its text."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        line = self._inner.format(record)
        try:
            json.loads(line)
        except ValueError:
            return json.dumps({"level": record.levelname.lower(), "message": "[log record withheld: not-json]"})
        return line


def protect_logs(redaction: Redaction, log_format: LogFormat = "text") -> None:
    """Send warnings of every library to stderr through redaction, in a process that is ours.

    A host program that has set up logging keeps its handlers; it can protect them with `redaction.log_filter.protect`.

    Args:
        redaction: what every record passes.
        log_format: `json` for one object a line, for machines, which then also says what we have done.
    """
    root = logging.getLogger()
    if any(isinstance(handler, _Protected) for handler in root.handlers):
        return
    handler = _Protected()
    is_json = log_format == "json"
    handler.setFormatter(_JsonLine() if is_json else logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.INFO if is_json else logging.WARNING)
    protect([handler], redaction)
    if is_json:
        handler.setFormatter(_StillJson(handler.formatter or _JsonLine()))
        # Ours alone: what libraries say below a warning is for nobody here.
        logging.getLogger("opswarden").setLevel(logging.INFO)
    root.addHandler(handler)
