"""What cannot be proven clean is withheld with its reason at every exit; the run goes on, and the ledger knows."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from presidio_analyzer import Pattern as PresidioPattern
from presidio_analyzer import PatternRecognizer
from presidio_analyzer import pattern_recognizer as presidio_patterns

from opswarden.core.errors import RedactionError
from opswarden.policies.types import Audience, ModelReply, ModelRequest, Notice
from opswarden.redaction.definition import Definition, Hit, Pattern
from opswarden.redaction.engine import Redaction
from opswarden.redaction.log_filter import protect
from opswarden.redaction.spans import ScrubbingSpanExporter
from opswarden.tests.apps.calm import rewrite, with_column
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.leaks.leaks import bytes_below
from opswarden.tests.apps.staging import PACKAGES
from opswarden.tests.policies.worlds import Line, ToolFailed, World

WORD = "zqpoison"
SECRET = "canary.zq7@example.com"
POISONED = f"{WORD} told {SECRET}"


def _raises(text: str, start: int, end: int) -> Hit | None:
    raise KeyError(text)


def _astray(text: str, start: int, end: int) -> Hit | None:
    return start, len(text) + 1, 1.0


def _slow() -> Redaction:
    return Redaction([PatternRecognizer("BADGE", patterns=[PresidioPattern("slow", rf"{WORD}.(?:a|aa)+c", 0.8)])])


FAILURES: dict[str, tuple[Callable[[], Redaction], str, str]] = {
    "a recognizer that raises": (
        lambda: Redaction([Definition("BADGE", (Pattern(WORD, check=_raises),))]),
        POISONED,
        "recognizer-failed",
    ),
    "a recognizer that points outside": (
        lambda: Redaction([Definition("BADGE", (Pattern(WORD, check=_astray),))]),
        POISONED,
        "recognizer-failed",
    ),
    "an expression out of time": (_slow, f"{WORD} {'a' * 60} {SECRET}", "recognizer-failed"),
    "a text over its limit": (lambda: Redaction(size_limit_bytes=4_000), f"{POISONED} " * 120, "too-large"),
    "too much to examine": (lambda: Redaction(candidate_limit=100), f"{POISONED} a=1 " * 150, "too-much-work"),
}


@pytest.fixture(params=FAILURES, ids=list(FAILURES))
def failure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Redaction, str, str]:
    monkeypatch.setattr(presidio_patterns, "REGEX_TIMEOUT_SECONDS", 0.05)
    make, text, reason = FAILURES[request.param]
    return make(), text, reason


@pytest.fixture
def world(failure: tuple[Redaction, str, str], tmp_path: Path) -> World:
    return World(tmp_path / "world", redaction=failure[0])


def _is_silent(*said: object) -> None:
    text = "".join(map(str, said))
    assert WORD not in text
    assert SECRET not in text


def _reason_in_the_ledger(world: World, reason: str) -> None:
    """The newest entry says what was withheld and why; nothing that was stored holds the text."""
    newest = world.records()[-1]
    assert newest.kind.endswith((".outcome", ".decided"))
    assert reason in json.dumps(newest.body)
    _is_silent(world.everything_stored().decode(errors="replace"))


class TestTheGate:
    def test_a_result(self, world: World, failure: tuple[Redaction, str, str]) -> None:
        """One poisoned text among good ones is withheld by itself; the others are shown, and the ledger counts it."""
        world.shop.lines = [Line(text="fine", count=1), Line(text=failure[1], count=2), Line(text="fine too", count=3)]
        gate = world.open()
        said = gate.call("logs.search", {"query": "x"}, call_id="c1")
        assert [line["text"] for line in said.summary["lines"]] == [
            "fine",
            f"[text withheld: {failure[2]}]",
            "fine too",
        ]  # type: ignore[index,call-overload]  # the summary of this tool
        assert "withheld" in said.message
        again = gate.call("logs.search", {"query": "x"}, call_id="c1")
        assert again.summary == said.summary
        _reason_in_the_ledger(world, failure[2])
        world.shop.lines = [Line(text="fine", count=1)]
        after = gate.call("logs.search", {"query": "y"}, call_id="c2")
        assert (after.status, "fine" in str(after.summary)) == ("ok", True)
        _is_silent(said, again, after)

    def test_arguments(self, world: World, failure: tuple[Redaction, str, str]) -> None:
        said = world.open().call("logs.search", {"query": failure[1]}, call_id="c1")
        assert (said.status, said.code) == ("denied", "redaction-failed")
        assert world.effects.all() == []
        _is_silent(said)
        _reason_in_the_ledger(world, failure[2])

    def test_what_a_tool_says_when_it_fails(self, world: World, failure: tuple[Redaction, str, str]) -> None:
        def fail(_name: str) -> None:
            raise ToolFailed(failure[1], remedy=failure[1])

        world.shop.before = fail
        said = world.open().call("logs.search", {"query": "x"}, call_id="c1")
        assert said.status == "error"
        _is_silent(said, world.everything_stored().decode(errors="replace"))

    def test_a_prompt(self, world: World, failure: tuple[Redaction, str, str]) -> None:
        gate = world.open()
        with pytest.raises(RedactionError) as withheld:
            gate.prompt(ModelRequest(({"role": "user", "content": failure[1]},)), endpoint="own", call_id="p1")
        assert world.own.seen == []
        _is_silent(withheld.value, withheld.value.remedy)
        _reason_in_the_ledger(world, failure[2])

    def test_an_answer(self, world: World, failure: tuple[Redaction, str, str]) -> None:
        gate = world.open()
        world.own.replies = [ModelReply(failure[1])]
        with pytest.raises(RedactionError) as withheld:
            gate.prompt(ModelRequest(({"role": "user", "content": "hi"},)), endpoint="own", call_id="p1")
        _is_silent(withheld.value, withheld.value.remedy)
        _reason_in_the_ledger(world, failure[2])

    def test_a_streamed_answer(self, world: World, failure: tuple[Redaction, str, str]) -> None:
        gate = world.open()
        world.own.pieces = [failure[1][at : at + 9] for at in range(0, len(failure[1]), 9)]
        world.own.replies = [ModelReply(failure[1])]
        seen: list[object] = []
        with pytest.raises(RedactionError) as withheld:
            seen += gate.prompt_stream(ModelRequest(({"role": "user", "content": "hi"},)), endpoint="own", call_id="p1")
        _is_silent(withheld.value, *seen)
        _reason_in_the_ledger(world, failure[2])

    def test_a_message_to_people(self, world: World, failure: tuple[Redaction, str, str]) -> None:
        gate = world.open()
        with pytest.raises(RedactionError) as withheld:
            gate.tell(Audience("terminal", "stdout", "payments"), Notice("k", {"a": failure[1]}), call_id="t1")
        assert world.mouth.sent == []
        _is_silent(withheld.value, withheld.value.remedy)
        _reason_in_the_ledger(world, failure[2])


def test_a_span(failure: tuple[Redaction, str, str]) -> None:
    redaction, text, reason = failure
    collected = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(ScrubbingSpanExporter(redaction, collected)))
    tracer = provider.get_tracer("t")
    with pytest.raises(RuntimeError), tracer.start_as_current_span("one") as one:
        one.set_attribute("a", text)
        raise RuntimeError(text)
    with tracer.start_as_current_span(text), tracer.start_as_current_span("inner"):
        pass
    first, inner, outer = collected.get_finished_spans()
    assert first.name == outer.name == f"[span withheld: {reason}]"
    assert inner.name == "inner"
    _is_silent(*(span.to_json() for span in (first, inner, outer)))


def test_a_log_record(failure: tuple[Redaction, str, str]) -> None:
    redaction, text, reason = failure
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    protect([handler], redaction)
    logger = logging.Logger("t")
    logger.addHandler(handler)
    logger.error("before")
    logger.error("it was %s", text, extra={"more": text})
    try:
        raise RuntimeError(text)
    except RuntimeError:
        logger.exception("failed")
    logger.error("after")
    lines = stream.getvalue().splitlines()
    assert lines == ["before", *[f"[log record withheld: {reason}]"] * 2, "after"]


@pytest.fixture(params=["raises", "astray"])
def poisons(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("POISON_HOW", request.param)
    (home / "opswarden.toml").write_text('packages = ["poisons:register"]\n', encoding="utf-8")


@pytest.mark.usefixtures("poisons")
class TestTheCommandLine:
    def test_a_triage_goes_on_without_the_poisoned_result(
        self, cli: Cli, home: Path, calm: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(0)

        def poison(table: Any) -> Any:
            bodies = table["body"].to_pylist()
            bodies[-60:] = [f"request failed {POISONED}"] * 60
            return with_column(table, "body", pa.array(bodies))

        rewrite(calm, "logs", poison)
        said = cli("triage", calm, "--format", "json")
        assert said.code == 0, said.err
        withheld = [item for item in said.json["evidence"] if "withheld" in json.dumps(item)]
        assert "logs" in {item["tool"].partition(".")[0] for item in withheld}
        assert any(item["status"] == "ok" for item in said.json["evidence"])
        entries = cli("audit", "tail", "-n", 1_000, "--format", "json")
        assert "recognizer-failed" in entries.out
        stored = b"".join(content for _, content in bytes_below(home)).decode(errors="replace")
        _is_silent(said.out, said.err, entries.out, caplog.text, stored)

    def test_a_poisoned_title(self, cli: Cli, home: Path, calm: Path) -> None:
        manifest = json.loads((calm / "snapshot.json").read_text())
        (calm / "snapshot.json").write_text(json.dumps(manifest | {"title": POISONED}), encoding="utf-8")
        said = cli("triage", calm)
        assert said.code == 0, said.err
        assert said.out.splitlines()[0].strip() == "[text withheld: recognizer-failed]", "it was read, and not shown"
        entries = cli("audit", "tail", "-n", 1_000, "--format", "json")
        assert "recognizer-failed" in entries.out
        stored = b"".join(content for _, content in bytes_below(home)).decode(errors="replace")
        _is_silent(said.out, said.err, entries.out, stored)

    def test_redact(self, cli: Cli, home: Path) -> None:
        said = cli("redact", stdin=f"fine\n{POISONED}\n".encode())
        assert said.code != 0
        _is_silent(said.out, said.err)
        assert "recognizer" in said.err
        as_json = cli("redact", "--format", "json", "--explain", stdin=f"fine\n{POISONED}\n".encode())
        assert (as_json.code, as_json.out) == (said.code, "")
        _is_silent(as_json.err)

    def test_an_error_message(self, cli: Cli) -> None:
        assert "/nowhere/plain is no snapshot" in cli("triage", "/nowhere/plain").err, (
            "the message names what was given"
        )
        said = cli("triage", f"/nowhere/{POISONED}")
        assert (said.code, said.out) == (2, "")
        assert "the error's text is withheld" in said.err
        assert "fix: give a folder" in said.err
        _is_silent(said.err)


def test_bytes_that_are_no_text(cli: Cli, home: Path) -> None:
    said = cli("redact", stdin=b"fine\n" + SECRET.encode() + b" \xff\xfe\n")
    assert said.code == 2
    assert said.out == ""
    _is_silent(said.err)
