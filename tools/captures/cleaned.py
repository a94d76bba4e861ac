"""Texts of a capture without personal data and secrets; the same text becomes the same text wherever it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...redaction.types import Redactor
from ..metrics.series import SeriesKey

_BATCH = 500
_TWIN = "captured_twin"
"""Label that tells series apart whose labels became the same."""


class Cleaner:
    """Cleans texts, and remembers what became of each.

    Args:
        redactor: of the run that the capture belongs to; its placeholders can be looked up there.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._cleaned: dict[tuple[str, str], tuple[str, str]] = {}
        self.withheld = 0

    def learn(self, texts: Iterable[str | None], key: str = "") -> None:
        """Clean many at once.

        Args:
            texts: what may be asked for later.
            key: what they stand under, where that tells what they are.
        """
        wanted = sorted({text for text in texts if text} - {text for known, text in self._cleaned if known == key})
        for place in range(0, len(wanted), _BATCH):
            batch = wanted[place : place + _BATCH]
            if key:
                self._learn_pairs([(key, text) for text in batch])
                continue
            found = self._redactor.value_salvaged(list(batch))
            self.withheld += len(found.withheld)
            cleaned = found.value if isinstance(found.value, list) else []
            for text, clean in zip(batch, cleaned, strict=True):
                self._cleaned["", text] = ("", str(clean))

    def text(self, text: str | None, key: str = "") -> str | None:
        """A text, cleaned."""
        if not text:
            return text
        if (key, text) not in self._cleaned:
            self.learn([text], key)
        return self._cleaned[key, text][1]

    def document(self, text: str | None) -> str | None:
        """A JSON document, cleaned value by value, so that it stays one; another text as a text."""
        try:
            value = json.loads(text or "")
        except (ValueError, RecursionError):
            return self.text(text)
        found = self._redactor.value_salvaged(value)
        self.withheld += len(found.withheld)
        return json.dumps(found.value, sort_keys=True)

    def learn_pairs(self, many: Iterable[Sequence[tuple[str, str | None]] | None]) -> None:
        """Clean the labels or attributes of many rows at once."""
        wanted = {(name, value) for pairs in many for name, value in pairs or () if value} - set(self._cleaned)
        ordered = sorted(wanted)
        for place in range(0, len(ordered), _BATCH):
            self._learn_pairs(ordered[place : place + _BATCH])

    def pairs(self, pairs: Sequence[tuple[str, str | None]] | None) -> list[tuple[str, str | None]]:
        """Labels or attributes, cleaned; their names as well, which tell what the values are."""
        self.learn_pairs([pairs])
        return [self._cleaned[name, value] if value else (self.text(name) or "", value) for name, value in pairs or ()]

    def _learn_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        found = self._redactor.value_salvaged([{name: value} for name, value in pairs])
        self.withheld += len(found.withheld)
        cleaned = found.value if isinstance(found.value, list) else []
        for pair, one in zip(pairs, cleaned, strict=True):
            if isinstance(one, dict):
                name, value = next(iter(one.items()))
                self._cleaned[pair] = (name, str(value))

    def keys(self, keys: Sequence[SeriesKey]) -> list[SeriesKey]:
        """Keys of series, cleaned, and still different from each other."""
        self.learn([text for key in keys for text in (key.entity, key.metric, key.unit)])
        self.learn_pairs([key.labels for key in keys])
        seen: dict[SeriesKey, int] = {}
        cleaned = []
        for key in keys:
            labels = tuple((name, value or "") for name, value in self.pairs(key.labels))
            one = replace(
                key,
                entity=self.text(key.entity) or "",
                metric=self.text(key.metric) or "",
                unit=self.text(key.unit),
                labels=labels,
            )
            seen[one] = seen.get(one, 0) + 1
            if seen[one] > 1:
                one = replace(one, labels=(*labels, (_TWIN, str(seen[one]))))
            cleaned.append(one)
        return cleaned
