"""Log lines of processes that stay: one JSON object each where that is wanted, and redacted whoever wrote them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from opswarden.apps import logs
from opswarden.apps.logs import LogFormat, protect_logs
from opswarden.redaction.engine import Redaction
from opswarden.redaction.settings import RedactionSettings, redaction_of

MAIL = "mia.santos@shop.example"
Lines = Callable[[], list[str]]


@pytest.fixture
def redaction() -> Redaction:
    return redaction_of(RedactionSettings())


@pytest.fixture
def written(redaction: Redaction, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[LogFormat], Lines]]:
    root, ours = logging.getLogger(), logging.getLogger("opswarden")
    before, level = list(root.handlers), ours.level
    root.handlers[:] = [handler for handler in before if not isinstance(handler, logs._Protected)]

    def protected(log_format: LogFormat) -> Lines:
        protect_logs(redaction, log_format)
        return lambda: capsys.readouterr().err.splitlines()

    yield protected
    root.handlers[:] = before
    ours.setLevel(level)


def test_each_line_is_an_object_with_its_fields(written: Callable[[LogFormat], Lines]) -> None:
    lines = written("json")
    facts = {"incident": "inc_1", "leg": 2, "ended": "reported", "seconds": 1.25, "owner": MAIL}
    logging.getLogger("opswarden.service").info("leg %d of %s", 2, MAIL, extra=facts)
    logging.getLogger("somebody.else").info("chatter")
    (line,) = lines()
    found: dict[str, Any] = json.loads(line)
    assert {name: found[name] for name in ("incident", "leg", "ended", "seconds", "level", "logger")} == {
        "incident": "inc_1", "leg": 2, "ended": "reported", "seconds": 1.25, "level": "info",
        "logger": "opswarden.service",
    }  # fmt: skip
    assert found["ts"].endswith("Z")
    assert MAIL not in line


def test_errors_of_libraries_stay_in_one_line_and_hold_no_value(written: Callable[[LogFormat], Lines]) -> None:
    lines = written("json")
    try:
        raise ValueError(f'no "account" of\n{MAIL}')
    except ValueError:
        logging.getLogger("somebody.else").exception('it "broke"\nfor %s', MAIL)
    (line,) = lines()
    found = json.loads(line)
    assert (found["level"], "ValueError" in found["exception"], "Traceback" in found["exception"]) == ("error",) + (
        True,
    ) * 2
    assert MAIL not in line


def test_what_is_no_json_once_it_is_clean_loses_its_text(
    written: Callable[[LogFormat], Lines], redaction: Redaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, scrub = written("json"), redaction.scrub

    def breaking(text: str, **how: Any) -> str:
        return scrub(text, **how).replace('"ts"', "ts")

    monkeypatch.setattr(type(redaction), "scrub", lambda _self, text, **how: breaking(text, **how))
    logging.getLogger("somebody.else").warning("secret words")
    (line,) = lines()
    assert json.loads(line) == {"level": "warning", "message": "[log record withheld: not-json]"}


def test_as_text_only_warnings_are_written(written: Callable[[LogFormat], Lines]) -> None:
    lines = written("text")
    logging.getLogger("opswarden.service").info("nothing to see")
    logging.getLogger("opswarden.service").warning("%s is late", MAIL)
    (line,) = lines()
    assert line.startswith("WARNING opswarden.service: ")
    assert MAIL not in line


def test_it_is_set_up_once(written: Callable[[LogFormat], Lines]) -> None:
    written("json")
    written("json")
    assert sum(isinstance(each, logs._Protected) for each in logging.getLogger().handlers) == 1
