"""A result of the suite `redaction` as sections of rows; where they are printed is the surface's business."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, get_args

from .redaction_data.generator import PLACEMENTS, Kind
from .scoring.redaction import PASSES_BY_POLICY, PER_MILLION
from .suite import Estimate, SuiteResult

_SHAPES = ("ids_with_checksum_bare_digits", "ids_with_checksum_with_letters_or_signs")
_KINDS: tuple[str, ...] = (*get_args(Kind), *_SHAPES)
_IN = "recall_in."
_LABELLED = ("recall", "full_cover", "precision", "f1")


class Row(NamedTuple):
    """A line: what, and its cells in the order of the section's heads."""

    name: str
    cells: tuple[str, ...]


class Section(NamedTuple):
    """Rows under common heads."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def sections(result: SuiteResult) -> tuple[Section, ...]:
    """What a person wants to see first to last; sections without rows are left out."""
    found = (
        Section("planted values, recall", tuple(PLACEMENTS), tuple(_classes(result))),
        Section("planted values, entities that are missed somewhere", tuple(PLACEMENTS), tuple(_entities(result))),
        Section("planted values under telling keys, by format", ("recall",), tuple(_formats(result))),
        Section("labelled data", _LABELLED, tuple(_labelled(result))),
        Section("wrongly masked (lower is better)", ("share",), tuple(_wrong(result))),
    )
    return tuple(section for section in found if section.rows)


def cell(estimate: Estimate | None, digits: int = 3) -> str:
    """`0.970 [0.953, 0.981] n=620`, or a dash."""
    if estimate is None:
        return "–"
    numbers = f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"
    return f"{numbers} n={estimate.n}"


def _under(result: SuiteResult, name: str) -> Iterator[Row]:
    """A row of ours and one for each other contender, for `recall.NAME.*`."""
    names = [f"recall.{name}.{placement.replace(' ', '_')}" for placement in PLACEMENTS]
    yield Row(name, tuple(cell(result.metrics.get(each)) for each in names))
    for other, figures in result.baseline.items():
        if any(each in figures for each in names):
            yield Row(f"  {other}", tuple(cell(figures.get(each)) for each in names))


def _classes(result: SuiteResult) -> Iterator[Row]:
    for kind in _KINDS:
        if any(name.startswith(f"recall.{kind}.") for name in result.metrics):
            yield from _under(result, kind)


def _entities(result: SuiteResult) -> Iterator[Row]:
    planted = [name.split(".") for name in result.metrics if name.startswith("recall.") and name.count(".") == 2]
    for entity in dict.fromkeys(parts[1] for parts in planted if parts[1] not in _KINDS):
        figures = [result.metrics[".".join(parts)] for parts in planted if parts[1] == entity]
        if any(figure.value < 1 for figure in figures):
            yield next(_under(result, entity))


def _formats(result: SuiteResult) -> Iterator[Row]:
    for name, figure in result.metrics.items():
        if name.startswith(_IN):
            yield Row(name.removeprefix(_IN), (cell(figure),))


def _labelled(result: SuiteResult) -> Iterator[Row]:
    entities = [name.partition(".")[2] for name in result.metrics if name.startswith("full_cover.")]
    passing = next((note for note in result.notes if note.startswith(PASSES_BY_POLICY)), "")
    passes = set(passing.removeprefix(PASSES_BY_POLICY).split(", "))
    for entity in [*sorted(entities), ""]:
        names = [f"{figure}.{entity}" if entity else figure for figure in _LABELLED]
        if not any(name in result.metrics for name in names):
            continue
        said = f"{entity} (passes by policy)" if entity in passes else entity or "all"
        yield Row(said, tuple(cell(result.metrics.get(name)) for name in names))
        for other, figures in result.baseline.items():
            if any(name in figures for name in names):
                yield Row(f"  {other}", tuple(cell(figures.get(name)) for name in names))


def _wrong(result: SuiteResult) -> Iterator[Row]:
    for name, figure in result.metrics.items():
        is_detail = name.startswith("masked_wrongly.tokens.")
        if name.startswith("masked_wrongly.") and (not is_detail or figure.value > 0):
            yield Row(name.removeprefix("masked_wrongly."), (cell(figure, 5),))
            for other, figures in result.baseline.items():
                if name in figures and not is_detail:
                    yield Row(f"  {other}", (cell(figures[name], 5),))
    if PER_MILLION in result.metrics:
        yield Row(PER_MILLION, (cell(result.metrics[PER_MILLION], 0),))
        for other, figures in result.baseline.items():
            if PER_MILLION in figures:
                yield Row(f"  {other}", (cell(figures[PER_MILLION], 0),))
