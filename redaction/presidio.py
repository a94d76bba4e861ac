"""The bridge to Presidio: our definitions as its recognizers, its recognizers in our engine.

Nothing else here imports Presidio, which brings spaCy and takes seconds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence

import tldextract
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult, pattern_recognizer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
from spacy.tokens import Doc
from spacy.vocab import Vocab

from .definition import Definition
from .recognizers.built_in import BUILT_IN
from .scanning.overlap import united
from .scanning.scan import Scan, Work
from .types import Span, TextWithheld
from .views.normalise import views

PresidioRecognizer = EntityRecognizer
_CANDIDATE_LIMIT = 10_000_000
_WORD = re.compile(r"\w+|[^\w\s]")


class DefinedRecognizer(EntityRecognizer):
    """One definition as a Presidio recognizer; finds what the built-in scan finds by it."""

    def __init__(self, definition: Definition, *, supported_language: str = "en") -> None:
        self._scan = Scan((definition,))
        self._name = definition.name
        super().__init__([definition.entity_type], name=definition.name, supported_language=supported_language)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Where the text holds the entity, if it is asked for."""
        if self.supported_entities[0] not in entities:
            return []
        metadata = {
            RecognizerResult.RECOGNIZER_NAME_KEY: self._name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
        }
        return [
            RecognizerResult(span.entity_type, span.start, span.end, span.score, recognition_metadata=dict(metadata))
            for span in self._scan.find(text, Work(_CANDIDATE_LIMIT))
        ]


class WordsNlpEngine(NlpEngine):
    """Words and nothing else: no model, no download.

    Lemmas are the words in lower case, because without lemmas Presidio silently raises no score by context.
    """

    def load(self) -> None:
        """Nothing to load."""

    def is_loaded(self) -> bool:
        """Always."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """The words of a text and where they begin."""
        found = list(_WORD.finditer(text))
        words = [match.group() for match in found]
        return NlpArtifacts(
            entities=[],
            tokens=Doc(Vocab(), words=words),
            tokens_indices=[match.start() for match in found],
            lemmas=[word.lower() for word in words],
            nlp_engine=self,
            language=language,
        )

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **_: object
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """One text after the other."""
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:
        """No list of stop words."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        """Whether there is no letter or digit in it."""
        return not any(map(str.isalnum, word))

    def get_supported_entities(self) -> list[str]:
        """None: it recognises nothing."""
        return []

    def get_supported_languages(self) -> list[str]:
        """One name for all; words are cut the same way in every language."""
        return ["en"]


def analyzer_engine(
    definitions: Sequence[Definition] = BUILT_IN, recognizers: Sequence[EntityRecognizer] = ()
) -> AnalyzerEngine:
    """Presidio's engine over our definitions and other recognizers: offline, and without its decision log.

    `AnalyzerEngine()` without arguments would download a model; this one never calls out.
    """
    keep_offline()
    registry = RecognizerRegistry(recognizers=[*map(DefinedRecognizer, definitions), *recognizers])
    # The decision log would write every word of every text.
    return AnalyzerEngine(registry=registry, nlp_engine=WordsNlpEngine(), log_decision_process=False)


def find_with(engine: AnalyzerEngine, text: str, definitions: Sequence[Definition] = BUILT_IN) -> tuple[Span, ...]:
    """What an engine finds, united as the built-in scan does it."""
    kept = {definition.entity_type for definition in definitions if not definition.restorable}
    results = engine.analyze(text, language="en")
    spans = (Span(result.start, result.end, result.entity_type, result.score) for result in results)
    return united(spans, lambda entity_type: entity_type not in kept)


def keep_offline() -> None:
    """Make tldextract, which Presidio's e-mail recognizer calls, use its own list instead of fetching the newest."""
    offline = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    tldextract.extract = offline  # type: ignore[assignment]  # a plain function there, called the same way


class PresidioInside:
    """A Presidio recognizer inside our engine, which fails closed where Presidio fails open.

    Args:
        recognizer: must work without NLP artifacts.
        threshold: results below this score are dropped.
    """

    def __init__(self, recognizer: EntityRecognizer, threshold: float) -> None:
        self._recognizer = recognizer
        self._threshold = threshold
        self._name = str(getattr(recognizer, "name", type(recognizer).__name__))
        self.entity_types: tuple[str, ...] = tuple(recognizer.supported_entities)

    def find(self, text: str, opaque: Sequence[tuple[int, int]] = ()) -> list[Span]:
        """What it finds in any view of the text.

        Raises:
            TextWithheld: it skipped a pattern for lack of time, or gave offsets outside of the text.
        """
        found: list[Span] = []
        for view in views(text, opaque):
            for result in self._results(view.text):
                if not 0 <= result.start < result.end <= len(view.text):
                    raise TextWithheld(
                        f"recognizer {self._name!r} gave offsets outside the text",
                        reason="recognizer-failed",
                    )
                if result.score >= self._threshold:
                    found.append(
                        Span(*view.to_input(result.start, result.end), result.entity_type, result.score, self._name)
                    )
        return found

    def _results(self, text: str) -> list[RecognizerResult]:
        # A pattern that runs out of time is skipped by Presidio with a mere warning. `regex` counts processor time.
        limit_s = float(pattern_recognizer.REGEX_TIMEOUT_SECONDS)
        wall_s, cpu_s = time.monotonic(), time.process_time()
        results = self._recognizer.analyze(text, list(self.entity_types), None)  # type: ignore[arg-type]  # it allows None
        if max(time.monotonic() - wall_s, time.process_time() - cpu_s) >= limit_s:
            raise TextWithheld(
                f"recognizer {self._name!r} ran out of time, so it may have skipped a pattern",
                reason="recognizer-failed",
                remedy="mend its regular expressions",
            )
        return results or []


def foreign(recognizer: EntityRecognizer, threshold: float) -> PresidioInside:
    """A Presidio recognizer for our engine."""
    keep_offline()
    return PresidioInside(recognizer, threshold)
