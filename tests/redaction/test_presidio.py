"""Presidio in both directions: our recognizers in its engine, its recognizers in ours."""

from __future__ import annotations

import logging

import pytest
import tldextract
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_analyzer import pattern_recognizer as presidio_patterns
from presidio_analyzer.predefined_recognizers import EmailRecognizer

from opswarden.core.errors import ConfigError
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.presidio import DefinedRecognizer, analyzer_engine
from opswarden.redaction.recognizers.built_in import BUILT_IN
from opswarden.redaction.types import TextWithheld


@pytest.fixture(scope="module")
def engine() -> AnalyzerEngine:
    return analyzer_engine()


def test_our_recognizers_are_its_recognizers(engine: AnalyzerEngine) -> None:
    recognizers = engine.get_recognizers()
    assert {recognizer.name for recognizer in recognizers} == {definition.name for definition in BUILT_IN}
    assert all(isinstance(recognizer, EntityRecognizer) for recognizer in recognizers)


def test_a_recognizer_looks_only_for_what_is_asked() -> None:
    recognizer = DefinedRecognizer(BUILT_IN[0])
    assert recognizer.analyze("4111111111111111", ["EMAIL_ADDRESS"]) == []
    assert len(recognizer.analyze("4111111111111111", ["CREDIT_CARD"])) == 1


def test_its_decision_log_is_off(engine: AnalyzerEngine, caplog: pytest.LogCaptureFixture) -> None:
    assert engine.log_decision_process is False
    with caplog.at_level(logging.DEBUG):
        engine.analyze("customer_name=Jane", language="en")
    assert "Jane" not in caplog.text


def test_context_words_count_without_a_model() -> None:
    badge = PatternRecognizer("BADGE", patterns=[Pattern("badge", r"\b[0-9]{6}\b", 0.1)], context=["badge"])
    engine = analyzer_engine((), [badge])
    (result,) = engine.analyze("his badge is 123456", language="en")
    assert result.score >= 0.4


def test_its_email_recognizer_does_not_call_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_call(*_: object, **__: object) -> None:
        raise AssertionError("called out")

    monkeypatch.setattr("requests.Session.send", no_call)
    engine = analyzer_engine((), [EmailRecognizer()])
    assert tldextract.extract("a.co.uk").suffix == "co.uk"
    assert len(engine.analyze("ana@example.com", language="en")) == 1


BADGE = PatternRecognizer("BADGE", patterns=[Pattern("badge", r"\bB-[0-9]{6}\b", 0.8)])


def test_its_recognizers_work_in_our_engine() -> None:
    redaction = Redaction([BADGE])
    run = redaction.for_run("run_1", vault=MemoryVault())
    assert redaction.scrub("B-123456 of ana@example.com") == "<BADGE> of <EMAIL_ADDRESS>"
    text = run.text("B-123456 and Ｂ-１２３４５６")
    mark = text.partition(" and ")[0]
    assert text == f"{mark} and {mark}"
    assert run.clean_ours(text).text == text
    assert run.restore(mark, frozenset({"BADGE"})) == "B-123456"


def test_its_score_decides() -> None:
    weak = PatternRecognizer("BADGE", patterns=[Pattern("badge", r"\bB-[0-9]{6}\b", 0.2)])
    assert Redaction([weak]).scrub("B-123456") == "B-123456"
    assert Redaction([weak], foreign_threshold=0.1).scrub("B-123456") == "<BADGE>"


def test_a_type_that_cannot_stand_in_a_placeholder_is_refused() -> None:
    with pytest.raises(ConfigError, match="zip code"):
        Redaction([PatternRecognizer("zip code", patterns=[Pattern("zip", "[0-9]{5}", 0.8)])])


def test_a_type_that_is_never_kept_is_not_kept_when_others_find_it() -> None:
    pan = PatternRecognizer("CREDIT_CARD", patterns=[Pattern("pan", r"PAN-[0-9]{4}", 0.8)])
    assert "<CREDIT_CARD·" in Redaction([pan]).for_run("run_1", vault=MemoryVault()).text("PAN-1234")


class _Broken(EntityRecognizer):
    def load(self) -> None: ...

    def analyze(self, text: str, entities: list[str], nlp_artifacts: object) -> list[RecognizerResult]:
        raise KeyError(text)


class _Astray(_Broken):
    def analyze(self, text: str, entities: list[str], nlp_artifacts: object) -> list[RecognizerResult]:
        return [RecognizerResult("BADGE", 0, len(text) + 1, 1.0)]


@pytest.mark.parametrize("recognizer", [_Broken(["BADGE"]), _Astray(["BADGE"])])
def test_a_recognizer_that_fails_withholds_the_text(recognizer: EntityRecognizer) -> None:
    with pytest.raises(TextWithheld) as withheld:
        Redaction([recognizer]).scrub("canary")
    assert withheld.value.reason == "recognizer-failed"
    assert "canary" not in str(withheld.value)


def test_a_pattern_that_runs_out_of_time_withholds_the_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(presidio_patterns, "REGEX_TIMEOUT_SECONDS", 0.05)
    slow = PatternRecognizer("BADGE", patterns=[Pattern("slow", r"(?:a|aa)+c", 0.8)])
    text = "a" * 60
    assert slow.analyze(text, ["BADGE"], None) == []  # Presidio itself lets it pass
    with pytest.raises(TextWithheld) as withheld:
        Redaction([slow]).scrub(text)
    assert withheld.value.reason == "recognizer-failed"
