"""Presidio as it comes, to lay beside our own figures: its default recognizers, no model, no call out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ...redaction.types import Span

THRESHOLD = 0.35
"""Results below it are dropped; Presidio's own scale."""


class PresidioDefaults:
    """The recognizers that `AnalyzerEngine` loads for English, over an engine without a model.

    The engine gives Presidio the words of the text in lower case for lemmas; its score by context needs them.
    """

    def __init__(self) -> None:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: PLC0415 - takes seconds to import

        from ...redaction.presidio import WordsNlpEngine, keep_offline  # noqa: PLC0415 - the same

        keep_offline()
        # It tells of every recognizer that it loads.
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        registry = RecognizerRegistry(supported_languages=["en"])
        registry.load_predefined_recognizers(languages=["en"])
        # What asks a model has nothing to ask here.
        registry.recognizers = [each for each in registry.recognizers if "Spacy" not in type(each).__name__]
        # The decision log would write every word of every text.
        self._engine = AnalyzerEngine(
            registry=registry, nlp_engine=WordsNlpEngine(), supported_languages=["en"], log_decision_process=False
        )
        self.entity_types: tuple[str, ...] = tuple(sorted(self._engine.get_supported_entities("en")))

    def __call__(self, text: str) -> Sequence[Span]:
        """What it finds, in no order and with overlaps."""
        results = self._engine.analyze(text, language="en", score_threshold=THRESHOLD)
        return [Span(result.start, result.end, result.entity_type, result.score) for result in results]
