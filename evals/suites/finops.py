"""The suite `finops`: our sizes and those of published rules over the past of a fleet, or of a raw trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from ...core.errors import InputError
from ...tools.fleets.store import FleetStore
from ...tools.rightsizing.backtest import OURS, ResourceBacktest, backtest, sizes_of
from ...tools.rightsizing.fleet_use import history_of, uses_of
from ...tools.rightsizing.rules import rules_of
from ...tools.rightsizing.told import percent
from ...tools.rightsizing.trace import read_mapping, read_trace
from ...tools.rightsizing.use import Use
from ..scoring.finops import SUITE, workload_scores
from ..suite import CaseScore, SuiteResult
from ..summary import summarise

MAPPING_ENDING = ".map.toml"


def run_finops(
    data: Path,
    *,
    mapping: Path | None = None,
    seed: int = 0,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SuiteResult:
    """Replay every rule and ours; a case is a workload, its value the mean over its weeks.

    Savings here count every workload alike; the notes say what they are by size, with the risks and the calibration.

    Args:
        data: a fleet folder, or a raw file.
        mapping: says what the columns of a raw file are; unless given, `NAME.map.toml` beside the file does.
        seed: of trees and intervals.
        limit: at most so many of the latest weeks.
        progress: called with (weeks done, weeks).

    Raises:
        InputError: nothing to measure on, or a mapping for a fleet folder.
    """
    cases: dict[str, dict[str, dict[str, float]]] = {}
    notes: list[str] = []
    for use in _uses(data, mapping).values():
        found = backtest(use, most_folds=limit, seed=seed, progress=progress)
        if found is None:
            notes.append(f"{use.resource}: no week can be judged")
            continue
        for name, sizes in (
            *((rule.name, sizes_of(rule, use, found.weeks)) for rule in rules_of(use.resource)),
            (OURS, found.sizes),
        ):
            for place, scores in workload_scores(found, sizes).items():
                cases.setdefault(use.names[int(place)], {}).setdefault(name, {}).update(scores)
        notes += _notes(found)
    if not cases:
        raise InputError("no week can be judged", remedy="a backtest needs four weeks of usage, and sizes")
    scored = [
        CaseScore(
            id=name,
            set_name=data.name,
            metrics=rules[OURS],
            baseline={rule: values for rule, values in rules.items() if rule != OURS},
        )
        for name, rules in sorted(cases.items())
    ]
    return summarise(SUITE, scored, seed=seed).model_copy(update={"notes": tuple(notes)})


def _uses(data: Path, mapping: Path | None) -> Mapping[str, Use]:
    if data.is_dir():
        if mapping is not None:
            raise InputError("a fleet folder needs no mapping", remedy="leave --map-file away")
        with closing(FleetStore(data)) as store:
            return {str(name): use for name, use in uses_of(store, history_of(store)).items()}
    beside = data.with_name(f"{data.name.split('.')[0]}{MAPPING_ENDING}")
    if not data.is_file() or not (mapping or beside).is_file():
        raise InputError(
            "DATA is neither a fleet folder nor a file with a mapping",
            remedy=f"name one with --map-file, or write {beside.name} beside the file; see docs/rightsizing.md",
        )
    return {str(name): use for name, use in read_trace(data, read_mapping(mapping or beside)).items()}


def _notes(found: ResourceBacktest) -> list[str]:
    notes = [
        f"{found.resource}, {row.name}: saved by size {percent(row.saved)} %; bad {percent(row.risks[0])} %, over 1 %"
        f" {percent(row.risks[1])} %, bad by size {percent(row.risks[2])} %; below a seen peak"
        f" {row.outcome.below_peak:.0%}"
        for row in found.rules
    ]
    notes += [
        f"{found.resource}: at equal {', '.join(one.criteria)} ours saves {100 * one.more.value:+.2f} points"
        f" [{100 * one.more.low:+.2f}, {100 * one.more.high:+.2f}] more than {one.than}"
        for one in found.equal
    ]
    holds, folds = sum(one.holds for one in found.calibration), sum(one.holds for one in found.folds)
    notes.append(
        f"{found.resource}: stated risk holds in {holds} of {len(found.calibration)} deciles and {folds} of"
        f" {len(found.folds)} weeks; {sum(one.holds for one in found.foretold)} weeks came as foretold"
    )
    return notes
