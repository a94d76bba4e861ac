"""What outsiders wrote of all that a run has read, and what is known not to be theirs.

Trust is declared per result field (`tools.spec.Trust`). The labels survive the model by matching: a value that holds
what an outside field of this run held, or is held by one, derives from it. Matching is a filter and can be evaded by
rewording; `provenance` therefore counts what has no known origin as untrusted; the label of the whole run is
`is_tainted`.

Everything here is in its redacted form, as the agent saw it, and is rebuilt from the journal when a run is resumed.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from pydantic import BaseModel

from ..core.canonical import JsonValue
from ..tools.spec import Trust, trust_of

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
        self._outside: list[tuple[str, int]] = []
        self._outside_words: set[str] = set()
        self._trusted: set[str] = {normal(name) for name in known}
        self._outside_artifacts: set[str] = set()

    def know(self, names: Iterable[str]) -> None:
        """Count more names as the operator's."""
        with self._lock:
            self._trusted.update(normal(name) for name in names)

    @property
    def is_tainted(self) -> bool:
        """Whether the run has read any text that outsiders can write."""
        with self._lock:
            return self._is_assumed or bool(self._outside)

    def assume_tainted(self) -> None:
        """Count the run as tainted because nobody can say what it has read."""
        with self._lock:
            self._is_assumed = True

    def is_outside(self, text: str) -> bool:
        """Whether outsiders wrote it: it stands in one of their texts, or holds a long word of one."""
        with self._lock:
            return self._is_outside(text)

    def is_outside_artifact(self, text: str) -> bool:
        """Whether it is the id of an artifact that holds outside text."""
        with self._lock:
            return text in self._outside_artifacts

    def is_known(self, text: str) -> bool:
        """Whether it is a known name, or stood in a field that outsiders cannot write."""
        with self._lock:
            return normal(text) in self._trusted

    def seen_in(self, text: str) -> tuple[int, ...]:
        """Ledger places of the results in whose outside text it stands; oldest first."""
        sought = normal(text)
        with self._lock:
            return tuple(dict.fromkeys(seq for outside, seq in self._outside if sought and sought in outside))

    def learn(
        self,
        model: type[BaseModel],
        summary: JsonValue,
        *,
        derived_from_outside: bool,
        artifact_id: str | None = None,
        seq: int = -1,
    ) -> None:
        """Take note of a result that the agent got.

        Args:
            model: of the result.
            summary: redacted.
            derived_from_outside: whether the arguments of the call derived from outside text.
            artifact_id: the full result behind the summary; as outside as the summary.
            seq: ledger place of the result.
        """
        trust = _trust(model)
        with self._lock:
            has_outside = derived_from_outside
            for path, leaf in _leaves(summary, "", trust):
                label = trust.get(path, Trust.OUTSIDE)
                if label is Trust.OUTSIDE or (label is Trust.DERIVED and derived_from_outside):
                    has_outside = True
                    self._note_outside(leaf, seq)
                else:
                    self._trusted.add(normal(leaf))
            if artifact_id is not None and has_outside:
                self._outside_artifacts.add(artifact_id)

    def hear(self, text: str, *, seq: int = -1) -> None:
        """Take note of words that outsiders may have written and that stand in no result: a tool's error or note."""
        with self._lock:
            self._note_outside(text, seq)

    def _note_outside(self, leaf: str, seq: int) -> None:
        text = normal(leaf)
        if text:
            self._outside.append((text, seq))
            self._outside_words.update(_words(text))

    def _is_outside(self, leaf: str) -> bool:
        text = normal(leaf)
        if not text:
            return False
        if text in self._outside_words or (
            len(text) >= _SHORTEST_PART and any(text in outside for outside, _ in self._outside)
        ):
            return True
        return any(len(word) >= _SHORTEST_WORD and word in self._outside_words for word in _words(text))


def normal(text: str) -> str:
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
