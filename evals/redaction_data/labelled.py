"""Labelled text in Presidio's forms: a list of samples, or one sample a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import InputError

_REMEDY = (
    "a sample is {full_text, spans: [{entity_type, start_position, end_position}]}, as Presidio's research tools write"
)


@dataclass(frozen=True)
class Label:
    """Where an entity lies: code points, end exclusive."""

    entity_type: str
    start: int
    end: int


@dataclass(frozen=True)
class Sample:
    """A text and everything personal in it; `problem` says why it cannot be used."""

    id: str
    text: str
    labels: tuple[Label, ...]
    problem: str = ""


def read_samples(path: Path) -> tuple[Sample, ...]:
    """All samples of a file.

    A sample whose labels lie outside of its text, or do not say what lies there, is kept with its problem.

    Raises:
        InputError: the file cannot be read, or is no labelled data. What is in it is not quoted.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as text", remedy="name a file of labelled data in UTF-8") from error
    samples = tuple(_sample(number, row) for number, row in enumerate(_rows(path, text)))
    if not samples:
        raise InputError(f"{path} holds no sample", remedy=_REMEDY)
    return samples


def _rows(path: Path, text: str) -> Iterator[Any]:
    try:
        document = json.loads(text)
    except RecursionError:
        raise InputError(f"{path} is nested too deep", remedy=_REMEDY) from None
    except ValueError:
        for number, line in enumerate(text.splitlines(), 1):
            try:
                if line.strip():
                    yield json.loads(line)
            except (ValueError, RecursionError):
                raise InputError(
                    f"{path} is neither JSON nor one JSON document a line (line {number})", remedy=_REMEDY
                ) from None
        return
    yield from document if isinstance(document, list) else [document]


def _sample(number: int, row: Any) -> Sample:
    name = f"text-{number:06d}"
    try:
        text = row["full_text"]
        if not isinstance(text, str):
            raise TypeError
        labels = tuple(_label(text, span) for span in row.get("spans") or ())
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        problem = f"sample {number + 1} does not follow the form, or a label lies outside of its text"
        return Sample(name, "", (), problem)
    return Sample(name, text, tuple(sorted(labels, key=lambda label: (label.start, label.end))))


def _label(text: str, span: Any) -> Label:
    start, end = int(span["start_position"]), int(span["end_position"])
    said = span.get("entity_value")
    if not 0 <= start < end <= len(text) or (said is not None and text[start:end] != said):
        raise ValueError
    return Label(str(span["entity_type"]), start, end)
