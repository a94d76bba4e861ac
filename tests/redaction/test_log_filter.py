"""Log records on their way out."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.log_filter import ScrubbingFilter, ScrubbingFormatter, protect

CANARIES = ("ana@example.com", "hunter2", "4111111111111111")


class _Kept(logging.Handler):
    """Keeps records as a handler that sends fields would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept() -> _Kept:
    return _Kept()


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(redaction: Redaction, kept: _Kept, lines: io.StringIO) -> Iterator[logging.Logger]:
    stream = logging.StreamHandler(lines)
    stream.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s %(user)s", defaults={"user": "-"}))
    protect([kept, stream], redaction)
    logger = logging.getLogger("opswarden.tests.scrubbing")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.handlers = [kept, stream]
    yield logger
    logger.handlers = []


def _everything(record: logging.LogRecord) -> str:
    return repr(record.__dict__)


def test_message_and_arguments(logger: logging.Logger, kept: _Kept, lines: io.StringIO) -> None:
    logger.info("user %s used %s with password=%s", "ana@example.com", 4111111111111111, "hunter2")
    assert lines.getvalue() == (
        "INFO opswarden.tests.scrubbing user <EMAIL_ADDRESS> used <CREDIT_CARD> with password=<SECRET> -\n"
    )
    assert not any(canary in _everything(kept.records[0]) for canary in CANARIES)


def test_a_value_split_between_message_and_argument(logger: logging.Logger, lines: io.StringIO) -> None:
    logger.info("password=%s, mail to %s@example.com", "hunter2", "ana")
    assert not any(canary in lines.getvalue() for canary in CANARIES)


def test_exceptions_and_stacks(logger: logging.Logger, kept: _Kept, lines: io.StringIO) -> None:
    try:
        raise ValueError("cannot charge 4111111111111111") from KeyError("ana@example.com")
    except ValueError:
        logger.exception("failed for ana@example.com", stack_info=True)
    assert "ValueError: cannot charge <CREDIT_CARD>" in lines.getvalue()
    assert not any(canary in lines.getvalue() + _everything(kept.records[0]) for canary in CANARIES)


def test_extra_fields(logger: logging.Logger, kept: _Kept, lines: io.StringIO) -> None:
    logger.info(
        "x", extra={"user": "ana@example.com", "password": "hunter2", "latency_ms": 41, "body": {"password": "hunter2"}}
    )
    (record,) = kept.records
    assert record.__dict__["latency_ms"] == 41
    assert not any(canary in lines.getvalue() + _everything(record) for canary in CANARIES)


def test_records_of_other_loggers_too(redaction: Redaction, kept: _Kept) -> None:
    protect([kept], redaction)
    parent = logging.getLogger("opswarden.tests.parent")
    parent.propagate, parent.handlers = False, [kept]
    logging.getLogger("opswarden.tests.parent.library").warning("token=%s", "abcdef123456")
    parent.handlers = []
    assert kept.records[0].getMessage() == "token=<SECRET>"


@pytest.mark.parametrize(
    ("message", "args"),
    [("canary \ud800", ()), ("canary %d", ("x",)), ("canary %s %s", ("x",)), ("canary " * 20, ())],
)
def test_what_cannot_be_scrubbed_is_withheld(message: str, args: tuple[object, ...], kept: _Kept) -> None:
    redaction = Redaction(size_limit_bytes=100)
    protect([kept], redaction)
    record = logging.LogRecord("x", logging.ERROR, "file.py", 1, message, args, None)
    record.__dict__["user"] = "canary"
    kept.handle(record)
    assert record.getMessage().startswith("[log record withheld: ")
    assert "canary" not in _everything(record)
    assert record.levelname == "ERROR"


def test_the_formatter_alone_fails_closed() -> None:
    formatter = ScrubbingFormatter(Redaction(size_limit_bytes=30), logging.Formatter("%(message)s"))
    record = logging.LogRecord("x", logging.ERROR, "file.py", 1, "canary " * 9, (), None)
    assert formatter.format(record) == "ERROR [log record withheld: too-large]"


def test_the_filter_never_drops_a_record(redaction: Redaction) -> None:
    record = logging.LogRecord("x", logging.INFO, "file.py", 1, "fine", (), None)
    assert ScrubbingFilter(redaction).filter(record)
    assert record.getMessage() == "fine"
