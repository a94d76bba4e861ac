"""Names and places in prose, found by a trained model that the operator provides.

Presidio's own engines run it: spaCy, Stanza, transformers. A model is a folder or an installed package; nothing
is ever downloaded. Every text goes through every model, because a log line does not say its language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..core.errors import ConfigError
from .patience import IsOver, OutOfTimeError, Patience
from .types import Span, TextWithheld
from .views.normalise import View, views

if TYPE_CHECKING:
    from presidio_analyzer.nlp_engine import NlpEngine

NlpName = Literal["spacy", "stanza", "transformers"]
TIME_LIMIT_S = 30.0
"""Some twenty times what spaCy's large models take for so many characters."""
_CHUNK = 50_000
"""Characters of whole lines that a model reads at once; spaCy refuses a million (its error E088)."""


class NamedEntities:
    """What trained models call persons, places and the like.

    Args:
        engine: one of Presidio's, loaded.
        entity_types: which of Presidio's entity types count.
        time_limit_s: how long one model may take for 50,000 characters, or for a text of fewer.
    """

    def __init__(self, engine: NlpEngine, entity_types: Sequence[str], time_limit_s: float = TIME_LIMIT_S) -> None:
        self.entity_types: tuple[str, ...] = tuple(entity_types)
        self._engine = engine
        self._wanted = frozenset(entity_types)
        self._time_limit_s = time_limit_s
        self._patience = Patience("opswarden-nlp")  # one at a time: pipelines share buffers

    def find(self, text: str, opaque: Sequence[tuple[int, int]] = ()) -> list[Span]:
        """What any of the models finds in the text as a person reads it.

        Raises:
            TextWithheld: a model ran out of time, or still hangs over an earlier text.
        """
        view = views(text, opaque)[-1]
        languages = self._engine.get_supported_languages()
        parts = len(languages) * max(1, -(-len(view.text) // _CHUNK))

        def look(is_over: IsOver) -> list[Span]:
            return [
                Span(*view.to_input(start, end), entity_type, score, "nlp")
                for language in languages
                for start, end, entity_type, score in self._in_view(view, language, is_over)
            ]

        try:
            return self._patience.run(look, self._time_limit_s * parts)
        except OutOfTimeError:
            raise TextWithheld(
                "a model of names ran out of time, or still works on an earlier text",
                reason="recognizer-failed",
                remedy="try the model by itself, and take it out of `redaction.nlp` if it hangs; "
                "raise `redaction.nlp.time_limit_s` if it is slow",
            ) from None

    def _in_view(self, view: View, language: str, is_over: IsOver) -> Iterator[tuple[int, int, str, float]]:
        for at, chunk in _chunks(view.text):
            if is_over():
                return  # nobody waits for what it would find
            artifacts = self._engine.process_text(chunk, language)
            scores = artifacts.scores or [0.85] * len(artifacts.entities)
            for entity, score in zip(artifacts.entities, scores, strict=True):
                if entity.label_ in self._wanted and entity.end_char > entity.start_char:
                    yield at + entity.start_char, at + entity.end_char, entity.label_, min(1.0, max(0.01, score))


def named_entities(
    name: NlpName,
    models: Mapping[str, str | Mapping[str, str]],
    entity_types: Sequence[str],
    time_limit_s: float = TIME_LIMIT_S,
) -> NamedEntities:
    """Load models into one of Presidio's engines.

    Args:
        name: which engine.
        models: by language code a folder or package; for transformers the names of both parts, `spacy` and
            `transformers`.
        entity_types: which of Presidio's entity types count.
        time_limit_s: see `NamedEntities`.

    Raises:
        ConfigError: a model is not there or knows nothing of what is wanted, none knows one of the types, or the
            engine's packages are not installed.
    """
    for language, model in models.items():
        for part in [model] if isinstance(model, str) else model.values():
            if not _is_there(part):
                raise ConfigError(
                    f"the {name} model for {language!r} is not there",
                    remedy="give the path of its folder, or install its package; nothing is downloaded",
                )
    from presidio_analyzer.nlp_engine import (  # noqa: PLC0415 - seconds of imports that only a model needs
        SpacyNlpEngine,
        StanzaNlpEngine,
        TransformersNlpEngine,
    )

    listed: list[Any] = [{"lang_code": language, "model_name": model} for language, model in models.items()]
    try:
        if name == "spacy":
            engine: NlpEngine = SpacyNlpEngine(models=listed)
        elif name == "stanza":
            engine = StanzaNlpEngine(models=listed, download_if_missing=False)
        else:
            engine = TransformersNlpEngine(models=listed)
        engine.load()
    except Exception as error:  # a model is anybody's code; without it nothing starts
        raise ConfigError(
            f"the {name} models cannot be loaded ({type(error).__name__})",
            remedy=f"install what {name} needs, and check the models with its own command",
        ) from error
    _check_types(engine, name, entity_types)
    return NamedEntities(engine, entity_types, time_limit_s)


def _is_there(model: str) -> bool:
    """Whether an engine finds a model on this machine; of anything else it would ask the network.

    A module of that name is not enough: what is not installed as a package is downloaded.
    """
    if Path(model).exists():
        return True
    try:
        return model.isidentifier() and distribution(model) is not None
    except (PackageNotFoundError, ValueError):
        return False


def _check_types(engine: NlpEngine, name: NlpName, entity_types: Sequence[str]) -> None:
    """Refuse types that no model can find, and models that can find none of them: nobody would notice."""
    by_language = {each: _known_types(engine, name, each) for each in engine.get_supported_languages()}
    known = frozenset[str]().union(*by_language.values())
    for entity_type in entity_types:
        if entity_type not in known:
            near = get_close_matches(entity_type, sorted(known), n=1)
            raise ConfigError(
                f"no {name} model finds {entity_type!r}",
                remedy=f"did you mean {near[0]!r}?" if near else f"they find: {', '.join(sorted(known)) or 'nothing'}",
            )
    for language, types in by_language.items():
        if types.isdisjoint(entity_types):
            raise ConfigError(
                f"the {name} model for {language!r} finds nothing of what is wanted",
                remedy="name what it finds in `redaction.nlp.entities`, or take the model out",
            )


def _known_types(engine: NlpEngine, name: NlpName, language: str) -> frozenset[str]:
    """What a model can find, in Presidio's words; all that these say where it does not list its labels."""
    words = frozenset(engine.get_supported_entities())
    pipeline: Any = getattr(engine, "nlp", {}).get(language)
    if name != "spacy" or pipeline is None:
        return words
    names: Mapping[str, str] = engine.ner_model_configuration.model_to_presidio_entity_mapping or {}  # type: ignore[attr-defined]  # spaCy's has it
    labels = {str(names.get(label, label)) for part in pipeline.pipe_labels.values() for label in part}
    is_listed = all(type(part).__module__.startswith("spacy.") for _, part in pipeline.pipeline)
    return frozenset(labels) if is_listed else words | labels


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Stretches of whole lines, cut hard where a line is longer."""
    at = 0
    while at < len(text):
        end = min(len(text), at + _CHUNK)
        if end < len(text):
            end = text.rfind("\n", at, end) + 1 or end
        yield at, text[at:end]
        at = end
