"""Where the values of a run come from: which arguments derive from text that outsiders can write.

Trust is declared per result field (`tools.spec.Trust`). The labels survive the model by matching: an argument that
holds what an outside field of this run held, or is held by one, derives from it. For a write or send that is not
enough: a value whose origin cannot be established counts as untrusted as well. Matching is a filter and can be evaded
by rewording; the guarantee is the label of the whole run, `is_tainted`.

Everything here is in its redacted form, as the agent saw it, and is rebuilt from the journal when a run is resumed.
"""

from __future__ import annotations

import enum
import re
import threading
import types
import typing
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel

from ..core.canonical import JsonValue
from ..tools.spec import Effect, Trust, trust_of

# Shorter texts occur in any log by chance; they must match a whole word.
_SHORTEST_PART = 4
_SHORTEST_WORD = 6
_BREAKS = re.compile(r"[\s\"'`<>()\[\]{},;=|]+")


class RunTaint:
    """The labels of one run; safe to use from several threads.

    Args:
        known: names whose origin is the operator: the service catalogue, the topology.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._is_assumed = False
        self._outside: list[str] = []
        self._outside_words: set[str] = set()
        self._trusted: set[str] = {_normal(name) for name in known}
        self._outside_artifacts: set[str] = set()

    @property
    def is_tainted(self) -> bool:
        """Whether the run has read any text that outsiders can write."""
        with self._lock:
            return self._is_assumed or bool(self._outside)

    def assume_tainted(self) -> None:
        """Count the run as tainted because nobody can say what it has read."""
        with self._lock:
            self._is_assumed = True

    def derives(self, args: Mapping[str, JsonValue], model: type[BaseModel]) -> bool:
        """Whether any argument derives from outside text, or names an artifact that holds some."""
        leaves = [leaf for _, leaf in _leaves(args, "", _trust(model))]
        with self._lock:
            return any(self._is_outside(leaf) or leaf in self._outside_artifacts for leaf in leaves)

    def untrusted(self, args: Mapping[str, JsonValue], model: type[BaseModel], effect: Effect) -> frozenset[str]:
        """Names of arguments that are not to be trusted.

        Args:
            args: as the agent gave them, placeholders and all.
            model: of the arguments.
            effect: for a write or send an unknown origin is enough; a value of a closed set is the only exception.
        """
        closed = _closed_fields(model) if effect != "read" else frozenset()
        trust = _trust(model)
        with self._lock:
            return frozenset(
                name
                for name, value in args.items()
                if name not in closed
                and any(not self._is_trusted(leaf, effect) for _, leaf in _leaves(value, name, trust))
            )

    def learn(
        self, model: type[BaseModel], summary: JsonValue, *, derived_from_outside: bool, artifact_id: str | None = None
    ) -> None:
        """Take note of a result that the agent got.

        Args:
            model: of the result.
            summary: redacted.
            derived_from_outside: whether the arguments of the call derived from outside text.
            artifact_id: the full result behind the summary; as outside as the summary.
        """
        trust = _trust(model)
        with self._lock:
            has_outside = derived_from_outside
            for path, leaf in _leaves(summary, "", trust):
                label = trust.get(path, Trust.OUTSIDE)
                if label is Trust.OUTSIDE or (label is Trust.DERIVED and derived_from_outside):
                    has_outside = True
                    self._note_outside(leaf)
                else:
                    self._trusted.add(_normal(leaf))
            if artifact_id is not None and has_outside:
                self._outside_artifacts.add(artifact_id)

    def _note_outside(self, leaf: str) -> None:
        text = _normal(leaf)
        if text:
            self._outside.append(text)
            self._outside_words.update(_words(text))

    def _is_trusted(self, leaf: str, effect: Effect) -> bool:
        if self._is_outside(leaf):
            return False
        return effect == "read" or _normal(leaf) in self._trusted

    def _is_outside(self, leaf: str) -> bool:
        text = _normal(leaf)
        if not text:
            return False
        if text in self._outside_words or (
            len(text) >= _SHORTEST_PART and any(text in outside for outside in self._outside)
        ):
            return True
        return any(len(word) >= _SHORTEST_WORD and word in self._outside_words for word in _words(text))


def _normal(text: str) -> str:
    """Case, width and spacing do not make another value."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _words(text: str) -> set[str]:
    return {word for part in _BREAKS.split(text) if (word := part.strip(".:!?"))}


def _leaves(value: JsonValue, path: str, trust: Mapping[str, Trust]) -> Iterator[tuple[str, str]]:
    """Every text and number inside a value with its path, written as `tools.spec.trust_of` writes it.

    Keys of dictionaries are leaves as well; truth values carry nothing.

    Args:
        value: JSON of a model.
        path: where it stands.
        trust: of the model, which tells dictionaries from nested models.
    """
    if isinstance(value, Mapping):
        is_dictionary = f"{path}{{key}}" in trust
        for key, item in value.items():
            if is_dictionary:
                yield f"{path}{{key}}", key
            inner = f"{path}{{}}" if is_dictionary else f"{path}.{key}" if path else key
            yield from _leaves(item, inner, trust)
    elif isinstance(value, str):
        yield path, value
    elif isinstance(value, Sequence):
        for item in value:
            yield from _leaves(item, f"{path}[]", trust)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, str(value)


@lru_cache(maxsize=512)
def _trust(model: type[BaseModel]) -> Mapping[str, Trust]:
    return trust_of(model)


def _closed_fields(model: type[BaseModel]) -> frozenset[str]:
    """Top-level fields that take one of a closed set of values, so that no instruction fits into them."""
    return frozenset(name for name, field in model.model_fields.items() if _is_closed(field.annotation))


def _is_closed(annotation: Any) -> bool:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _is_closed(arguments[0])
    if origin in (Union, types.UnionType):
        return all(argument is type(None) or _is_closed(argument) for argument in arguments)
    return origin is Literal or (isinstance(annotation, type) and issubclass(annotation, (bool, enum.Enum)))
