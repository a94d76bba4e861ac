"""What one case of the suite `redaction` is, whatever it was made from: texts, and how to score what is masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ...core.errors import InputError
from ...redaction.types import Span
from ..redaction_data.catalogue import GENERATORS
from ..redaction_data.diagnosis import CleanLine, clean_lines
from ..redaction_data.generator import Generator
from ..redaction_data.labelled import Sample, read_samples
from ..redaction_data.planting import PlantedLine, planted_lines
from ..redaction_data.tokens import diagnostic_tokens, is_exempt
from ..scoring.redaction import PER_MILLION, Counts, is_covered, is_touched, missed_and_wrong, score_labelled

Found: TypeAlias = Sequence[Sequence[Span]]
"""What was found in each text of an item."""

_BLOCK = 100
_PER_PLACEMENT = 12
_PER_TOKEN = 20
_LEAST_PER_KIND = 10
"""A class of few generators gets more lines of each, as if there were so many."""


@dataclass(frozen=True)
class Item:
    """One case.

    Args:
        id: unique within a run.
        set_name: the file or the kind of invented data.
        group: the entity or the kind of token.
        stratum: what a sample takes in turn.
        texts: scanned one by one.
        score: counts of what was found.
        explain: what a person wants to see of it; quotes nothing but invented text.
        problem: why it cannot be used.
    """

    id: str
    set_name: str
    group: str
    stratum: str
    texts: tuple[str, ...]
    score: Callable[[Found], Counts]
    explain: Callable[[Found], Mapping[str, Any]]
    problem: str = ""
    headline: frozenset[str] = frozenset()
    """The figures that the case itself is listed with; all if empty. There are many cases."""
    passing: frozenset[str] = frozenset()
    """Entity types of its labels that are not meant to be masked."""

    @property
    def size(self) -> int:
        """Characters to scan."""
        return sum(map(len, self.texts))


def invented(seed: int, limit: int | None) -> Iterator[Item]:
    """Lines with one planted value each, and lines with nothing to mask."""
    kinds = Counter(generator.kind for generator in GENERATORS)
    for kind, count in kinds.items():
        chosen = tuple(generator for generator in GENERATORS if generator.kind == kind)
        times = max(1, -(-_LEAST_PER_KIND // count))
        for line in planted_lines(chosen, per_placement=(limit or _PER_PLACEMENT) * times, seed=seed):
            yield _planted(line)
    for clean in clean_lines(per_kind=limit or _PER_TOKEN, seed=seed):
        yield _clean(clean)


def from_files(path: Path, expected: Callable[[str], bool]) -> Iterator[Item]:
    """Cases of a file, or of the files of a folder: labelled data (`.json`, `.jsonl`) and plain logs (`.log`).

    Args:
        path: a file, taken for what its name ends with, or a folder.
        expected: whether an entity type of a label is meant to be masked.

    Raises:
        InputError: there is nothing of the kind.
    """
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    labelled = [each for each in files if each.suffix in {".json", ".jsonl", ".ndjson"} or each == path]
    logs = [each for each in files if each.suffix == ".log"]
    labelled = [each for each in labelled if each not in logs]
    if not labelled and not logs:
        raise InputError(
            f"{path} holds neither labelled data nor logs", remedy="give labelled data (.json, .jsonl), or logs (.log)"
        )
    for file in labelled:
        name = _inside(path, file)
        yield from (_sample(name, sample, expected) for sample in read_samples(file))
    for file in logs:
        yield from _log(_inside(path, file), file)


def _inside(root: Path, file: Path) -> str:
    return file.name if file == root else file.relative_to(root).as_posix()


def entity_of(generator: Generator) -> str:
    """The name that a generator's figures stand under."""
    return generator.entity_types[0]


def _planted(line: PlantedLine) -> Item:
    text, start, end = line.placed
    where = line.placement.replace(" ", "_")

    def score(found: Found) -> Counts:
        is_whole = int(is_covered(text, start, end, found[0]))
        counts = {
            f"recall.{line.generator.kind}.{where}": (is_whole, 1),
            f"recall.{entity_of(line.generator)}.{where}": (is_whole, 1),
            PER_MILLION: (1 - is_whole, 1),
        }
        if line.generator.kind == "ids_with_checksum":
            # Of bare digits with one check digit one in ten passes by chance; letters and signs are evidence as well.
            shape = "bare_digits" if line.value.isdecimal() else "with_letters_or_signs"
            counts[f"recall.{line.generator.kind}_{shape}.{where}"] = (is_whole, 1)
        if line.placement == "telling keys":
            counts[f"recall_in.{line.format}"] = (is_whole, 1)
        return counts

    def explain(found: Found) -> Mapping[str, Any]:
        said: dict[str, Any] = {"generator": line.generator.name, "format": line.format}
        if not is_covered(text, start, end, found[0]):
            said |= {"line": text, "start": start, "end": end}
        return said

    return Item(
        f"planted/{line.id}",
        "planted",
        entity_of(line.generator),
        f"{line.generator.kind}/{where}",
        (text,),
        score,
        explain,
        headline=frozenset({f"recall.{line.generator.kind}.{where}"}),
    )


def _clean(line: CleanLine) -> Item:
    text, start, end = line.placed

    def score(found: Found) -> Counts:
        is_masked = int(is_touched(start, end, found[0]))
        return {
            "masked_wrongly.tokens": (is_masked, 1),
            f"masked_wrongly.tokens.{line.kind}": (is_masked, 1),
            "masked_wrongly.lines": (int(bool(found[0])), 1),
        }

    def explain(found: Found) -> Mapping[str, Any]:
        return {"line": text, "masked_as": sorted({span.entity_type for span in found[0]})} if found[0] else {}

    return Item(line.id, "diagnosis", line.kind, line.kind, (text,), score, explain)


def _sample(name: str, sample: Sample, expected: Callable[[str], bool]) -> Item:
    meant = frozenset(label.entity_type for label in sample.labels if expected(label.entity_type))

    def score(found: Found) -> Counts:
        return score_labelled(sample.text, sample.labels, found[0], meant)

    def explain(found: Found) -> Mapping[str, Any]:
        missed, wrong = missed_and_wrong(sample.text, sample.labels, found[0])
        return {"missed": missed, "wrong": wrong} if missed or wrong else {}

    passing = frozenset(label.entity_type for label in sample.labels) - meant
    return Item(
        f"{name}/{sample.id}", name, name, name, (sample.text,), score, explain, sample.problem, passing=passing
    )


def _log(name: str, file: Path) -> Iterator[Item]:
    try:
        lines = [line for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    except OSError as error:
        raise InputError(f"{file} cannot be read", remedy="name readable logs") from error
    for at in range(0, len(lines), _BLOCK):
        texts = tuple(lines[at : at + _BLOCK])
        yield Item(f"{name}/{at + 1:07d}", name, name, name, texts, _log_score(texts), _log_explain(texts))


def _log_score(texts: tuple[str, ...]) -> Callable[[Found], Counts]:
    def score(found: Found) -> Counts:
        touched = tokens = masked = clean = 0
        for text, spans in zip(texts, found, strict=True):
            if not is_exempt(text):
                clean += 1
                touched += bool(spans)
            for start, end in diagnostic_tokens(text):
                tokens += 1
                masked += bool(spans) and is_touched(start, end, spans)
        return {"masked_wrongly.lines": (touched, clean), "masked_wrongly.tokens": (masked, tokens)}

    return score


def _log_explain(texts: tuple[str, ...]) -> Callable[[Found], Mapping[str, Any]]:
    def explain(found: Found) -> Mapping[str, Any]:
        types = Counter(
            span.entity_type for text, spans in zip(texts, found, strict=True) if not is_exempt(text) for span in spans
        )
        return {"masked_on_clean_lines": dict(sorted(types.items()))} if types else {}

    return explain
