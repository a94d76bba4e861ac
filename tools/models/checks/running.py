"""Running the checks of a version: each says pass, fail or inconclusive, and what it saw."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from ....core.canonical import digest
from ....core.clock import to_iso
from ....core.errors import BackendError
from ....core.intervals import wilson
from ...slo.conditions import budgets_hold
from ..promotion_types import Checked, CheckReport, CheckResult
from ..signatures import Input, misfit
from . import artefact
from .comparing import Gain, bound, gain
from .seen import Scored, Seen
from .types import (
    AnyCheck,
    ApprovalsCheck,
    ArtefactCheck,
    BudgetCheck,
    CalibrationCheck,
    FairnessCheck,
    LineageCheck,
    MetricCheck,
    ReproducibleCheck,
    SchemaCheck,
    SloCheck,
)

_ERROR = 0.05
"""Of all segments of a check together that one is called worse or good by chance."""
_MOST_SEGMENTS = 50
_REST = "(rest)"
_TENTHS = 10

Said = tuple[CheckResult, str, dict[str, float]] | tuple[CheckResult, str, dict[str, float], tuple[str, ...]]
"""What came of a check, why in words of ours, the numbers that it saw, and names out of the artefact."""


def run_checks(seen: Seen) -> CheckReport:
    """Every check of the file that is asked for in this environment.

    A version without any check is inconclusive, never a pass.
    """
    asked = [one for one in seen.file.checks if not one.environments or seen.environment in one.environments]
    found = tuple(_checked(check, seen) for check in asked)
    result = _together([one.result for one in found])
    champion = seen.champion.version if seen.champion is not None else None
    facts: dict[str, Any] = {
        "model": seen.file.model,
        "version": seen.version.version,
        "source": seen.version.source,
        "run": seen.version.run_id,
        "environment": seen.environment,
        "champion": champion,
        "checks": [one.model_dump(mode="json") for one in found],
        "asked": [one.model_dump(mode="json") for one in asked],
        "files": dict(sorted(seen.hashes.items())),
        "at": to_iso(seen.now),
    }
    return CheckReport(
        result=result,
        model=seen.file.model,
        version=seen.version.version,
        source_environment=seen.source_environment,
        environment=seen.environment,
        champion=champion,
        checks=found,
        digest=digest(facts),
        at=seen.now,
    )


def _checked(check: AnyCheck, seen: Seen) -> Checked:
    result, why, numbers, *named = _RUN[check.kind](check, seen)
    sound = {name: round(value, 6) for name, value in numbers.items() if math.isfinite(value)}
    return Checked(
        name=check.name, kind=check.kind, result=result, why=why, seen=sound, named=named[0] if named else ()
    )


def _together(results: list[CheckResult]) -> CheckResult:
    if "fail" in results:
        return "fail"
    return "pass" if results and all(result == "pass" for result in results) else "inconclusive"


def _segments(
    rows: Scored, column: str | None, least: int
) -> Iterator[tuple[str, np.ndarray[Any, np.dtype[np.bool_]]]]:
    """The masks of the segments; those with too few rows are one together."""
    if column is None:
        yield "all", np.ones(rows.label.size, dtype=bool)
        return
    values, inverse, counts = np.unique(rows.columns[column], return_inverse=True, return_counts=True)
    large = [place for place in np.argsort(-counts, kind="stable") if counts[place] >= least][:_MOST_SEGMENTS]
    for place in large:
        yield str(values[place]), inverse.reshape(-1) == place
    rest = ~np.isin(inverse.reshape(-1), large)
    if rest.any():
        yield _REST, rest


def _metric(check: MetricCheck, seen: Seen) -> Said:
    rows = seen.scored
    if rows is None:
        return "inconclusive", "there are no sound scored rows", {}
    if check.segment is not None and check.segment not in rows.columns:
        return "inconclusive", f"the scored rows have no column {check.segment}", {}
    champion = rows.champion if seen.is_against_champion else None
    if seen.champion is not None and champion is None:
        return "inconclusive", "the champion of now was not asked about the same rows", {}
    if champion is None and check.floor is None:
        return "inconclusive", "there is no champion to compare with, and no floor", {}
    parts = list(_segments(rows, check.segment, check.least_rows))
    half = bound(_ERROR, len(parts))
    results: list[CheckResult] = []
    worst: tuple[float, str, Gain] | None = None
    for name, mask in parts:
        found = gain(
            check.metric,
            rows.label[mask],
            rows.score[mask],
            None if champion is None else champion[mask],
            check.threshold,
        )
        if found is None:
            results.append("inconclusive")
            continue
        result, slack = _compared(check, found, half)
        results.append(result)
        if worst is None or slack < worst[0]:
            worst = (slack, name, found)
    told = {"segments": float(len(parts)), "rows": float(rows.label.size)}
    if worst is None:
        return "inconclusive", "no segment has rows that could tell", told
    _, name, found = worst
    told |= {"value": found.value, "gain": found.gain, "error": found.error, "segment_rows": float(found.rows)}
    result = _together(results)
    where = "" if check.segment is None else f" in the worst of {len(parts)} segments"
    against = "than the champion" if champion is not None else "than the floor asks"
    said = {"pass": f"{check.metric} is not worse {against}", "fail": f"{check.metric} is worse {against}"}
    return result, said.get(result, f"{check.metric} is undecided: too few rows") + where, told


def _compared(check: MetricCheck, found: Gain, half: float) -> tuple[CheckResult, float]:
    """The result, and how far the lower end is above what is asked: negative where it is not."""
    is_lower_better = check.metric in ("brier", "log_loss", "false_positive_rate")
    results: list[CheckResult] = []
    slacks: list[float] = []
    if math.isfinite(found.gain):
        results.append(_against(found.gain, half * found.error, -check.margin))
        slacks.append(found.gain - half * found.error + check.margin)
    if check.floor is not None:
        sign = -1.0 if is_lower_better else 1.0
        error = 0.0 if math.isfinite(found.gain) else half * found.error
        results.append(_against(sign * found.value, error, sign * check.floor))
        slacks.append(sign * (found.value - check.floor) - error)
    return _together(results), min(slacks)


def _against(value: float, half: float, asked: float) -> CheckResult:
    if not math.isfinite(value) or not math.isfinite(half):
        return "inconclusive"
    return "pass" if value - half >= asked else "fail" if value + half < asked else "inconclusive"


def _calibration(check: CalibrationCheck, seen: Seen) -> Said:
    rows = seen.scored
    if rows is None:
        return "inconclusive", "there are no sound scored rows", {}
    if rows.label.size < check.least_rows:
        return "inconclusive", "too few scored rows", {"rows": float(rows.label.size)}
    if rows.score.min() < 0 or rows.score.max() > 1:
        return "fail", "scores are no probabilities", {}
    order = np.argsort(rows.score, kind="stable")
    results: list[CheckResult] = []
    widest = 0.0
    for part in np.array_split(order, _TENTHS):
        expected, events = float(rows.score[part].mean()), float(rows.label[part].sum())
        interval = wilson(events, int(part.size), confidence=1 - _ERROR / _TENTHS)
        gap = max(interval.low - expected, expected - interval.high, 0.0)
        widest = max(widest, abs(events / part.size - expected))
        inside = abs(interval.low - expected) <= check.most and abs(interval.high - expected) <= check.most
        results.append("fail" if gap > check.most else "pass" if inside else "inconclusive")
    told = {"widest_gap": widest, "most": check.most, "rows": float(rows.label.size)}
    result = _together(results)
    words = {
        "pass": "events happen as often as the scores say",
        "fail": "events do not happen as often as the scores say",
    }
    return result, words.get(result, "too few rows to tell"), told


def _fairness(check: FairnessCheck, seen: Seen) -> Said:
    rows = seen.scored
    if rows is None:
        return "inconclusive", "there are no sound scored rows", {}
    if check.column not in rows.columns:
        return "inconclusive", f"the scored rows have no column {check.column}", {}
    relevant = np.ones(rows.label.size, dtype=bool)
    if check.rate != "selected_rate":
        relevant = rows.label == (1.0 if check.rate == "recall" else 0.0)
    kept = Scored(
        rows.label[relevant], rows.score[relevant], None, {check.column: rows.columns[check.column][relevant]}
    )
    chosen = kept.score > check.threshold
    parts = list(_segments(kept, check.column, check.least_rows)) if kept.label.size else []
    if len(parts) < 2:
        return "inconclusive", "there are not two groups to compare", {"groups": float(len(parts))}
    half, widest, results = bound(_ERROR, 2 * len(parts)), 0.0, list[CheckResult]()
    for _, mask in parts:
        (rate, variance), (other, other_variance) = (_rate(chosen[side]) for side in (mask, ~mask))
        gap, error = abs(rate - other), half * math.sqrt(variance + other_variance)
        widest = max(widest, gap)
        small = int(mask.sum()) < check.least_rows
        results.append(
            "fail"
            if gap - error > check.most
            else "pass"
            if gap + error <= check.most and not small
            else "inconclusive"
        )
    told = {"groups": float(len(parts)), "widest_gap": widest, "most": check.most}
    result = _together(results)
    words = {
        "pass": f"{check.rate} differs little between groups",
        "fail": f"{check.rate} differs too much between groups",
    }
    return result, words.get(result, "too few rows in a group to tell"), told


def _rate(chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[float, float]:
    """A rate and its variance, with one chosen and one not added, so that none is certain (Agresti and Caffo, 2000)."""
    n = chosen.size + 2
    rate = (float(chosen.sum()) + 1) / n
    return rate, rate * (1 - rate) / n


def _budget(check: BudgetCheck, seen: Seen) -> Said:
    value = seen.run.metrics.get(check.metric) if seen.run is not None else None
    if value is None or not math.isfinite(value):
        return "inconclusive", f"the run did not note {check.metric}", {}
    told = {"value": value, "most": check.most}
    if value > check.most:
        return "fail", f"{check.metric} is over its budget", told
    return "pass", f"{check.metric} is within its budget", told


def _schema(check: SchemaCheck, seen: Seen) -> Said:
    wanted = seen.signature
    if wanted is None:
        return "inconclusive", "the artefact declares no inputs", {}
    provided = {name: Input(kind) for name, _, kind in (one.partition(":") for one in check.features)}
    if check.like_champion and seen.champion is not None:
        champion = seen.champion_signature
        if champion is None and not provided:
            return "inconclusive", "the champion declares no inputs", {}
        provided = {**(champion or {}), **provided}
    if not provided:
        return "inconclusive", "nothing says which inputs are provided", {}
    wrong = misfit(wanted, provided)
    told = {"inputs": float(len(wanted)), "missing": float(len(wrong.missing)), "retyped": float(len(wrong.retyped))}
    if wrong.is_none:
        return "pass", "every input is provided, with its type", told
    return "fail", "inputs are not provided as wanted", told, (*wrong.missing, *wrong.retyped)[:5]


def _lineage(check: LineageCheck, seen: Seen) -> Said:
    run = seen.run
    if run is None:
        return "inconclusive", "the version names no run, or it cannot be read", {}
    if run.status != "FINISHED":
        return "fail", "the run that made it did not finish", {}
    if any(not run.tags.get(tag) for tag in check.tags):
        return "fail", "the run does not say which code made it", {}
    if not run.datasets or any(not run.datasets.get(name) for name in check.datasets):
        return "fail", "the run does not say which data went in", {"datasets": float(len(run.datasets))}
    return "pass", "code and data are known", {"datasets": float(len(run.datasets))}


def _reproducible(check: ReproducibleCheck, seen: Seen) -> Said:
    run, other_id = seen.run, seen.version.tags.get(check.repeat_tag, "")
    if run is None or not other_id:
        return "inconclusive", "nobody has repeated the run", {}
    other = seen.other_run(other_id)
    if other is None or other.run_id == run.run_id or other.status != "FINISHED":
        return "inconclusive", "the run that repeats it cannot be read, or did not finish", {}
    code = "mlflow.source.git.commit"
    pairs = [
        ("code", run.tags.get(code), other.tags.get(code)),
        ("data", dict(run.datasets) or None, dict(other.datasets) or None),
        ("seed", run.params.get(check.seed_param), other.params.get(check.seed_param)),
    ]
    for name, ours, theirs in pairs:
        if ours is None or theirs is None:
            return "inconclusive", f"one of the two runs does not tell its {name}", {}
        if ours != theirs:
            return "fail", f"the run that repeats it had another {name}", {}
    shared = sorted(set(run.metrics) & set(other.metrics))
    if not shared:
        return "inconclusive", "the two runs noted no metric in common", {}
    widest = max(_apart(run.metrics[name], other.metrics[name]) for name in shared)
    told = {"metrics": float(len(shared)), "widest": widest, "tolerance": check.tolerance}
    if not widest <= check.tolerance:
        return "fail", "the run that repeats it came to other metrics", told
    return "pass", "the run that repeats it came to the same metrics", told


def _apart(a: float, b: float) -> float:
    return abs(a - b) / max(abs(a), abs(b), 1e-12)


def _artefact(check: ArtefactCheck, seen: Seen) -> Said:
    files = seen.files
    if not files:
        return "inconclusive", "the artefact cannot be listed", {}
    size_mb = sum(file.size for file in files) / 1e6
    told = {"files": float(len(files)), "mb": size_mb, "most_mb": check.most_mb}
    if size_mb > check.most_mb:
        return "fail", "the artefact is larger than allowed", told
    if any(file.path.lower().endswith(check.forbidden_files) for file in files):
        return "fail", "a file lies in it that has no business there", told
    unread, imports = 0, set[str]()
    for file in files:
        content = seen.read(file.path, artefact.LIMIT_BYTES)
        found = artefact.scan(content, file.path) if content is not None else artefact.Scan(unread="not read")
        unread += bool(found.unread)
        imports |= found.imports
    bad = artefact.forbidden(frozenset(imports), check.allowed_imports)
    told |= {"imports": float(len(imports)), "forbidden": float(len(bad)), "unread": float(unread)}
    if bad:
        return "fail", "a pickle in it imports what is not allowed", told, tuple(bad[:3])
    if unread:
        return "inconclusive", f"{unread} files could not be looked into", told
    return "pass", "nothing in it imports more than is allowed", told


def _approvals(check: ApprovalsCheck, seen: Seen) -> Said:
    given = seen.sign_offs.of(seen.source_environment, seen.file.model, seen.version.version)
    earliest = seen.now - timedelta(days=check.within_days)
    lacking = [role for role in check.roles if role not in given or not earliest <= given[role] <= seen.now]
    told = {"asked": float(len(check.roles)), "lacking": float(len(lacking))}
    if lacking:
        return "fail", f"not signed off by: {', '.join(lacking)}", told
    return "pass", "signed off by everybody that is asked", told


def _freeze(_check: Any, seen: Seen) -> Said:
    bound_by = seen.frozen()
    if bound_by:
        return "fail", "a change freeze binds the environment now", {"freezes": float(len(bound_by))}
    return "pass", "no change freeze binds the environment", {}


def _slo(check: SloCheck, seen: Seen) -> Said:
    entities = check.entities or ((seen.entity,) if seen.entity else ())
    if seen.budgets is None or not entities:
        return "inconclusive", "nothing here tells of error budgets", {}
    try:
        burns = seen.budgets(entities, seen.now, seen.deadline)
    except BackendError as error:
        return "inconclusive", error.message, {}
    return budgets_hold(burns, check.least_left)


_RUN: Mapping[str, Callable[[Any, Seen], Said]] = {
    "metric": _metric,
    "calibration": _calibration,
    "fairness": _fairness,
    "budget": _budget,
    "schema": _schema,
    "lineage": _lineage,
    "reproducible": _reproducible,
    "artefact": _artefact,
    "approvals": _approvals,
    "freeze": _freeze,
    "slo": _slo,
}
