"""Every rule and ours, replayed over the past weeks of a fleet: what it would have saved, what would have gone wrong.

Each fold is one week. A rule sees the days before it and nothing else; ours learns its odds from weeks that had ended
by then, and sets its dial by what it had promised and what came of it until then. No figure of a week was used to
choose anything for that week.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .calibration import Decile, Foretold, by_fold, deciles
from .correction import Correction, correction
from .features import size_on
from .odds import LEAST_DAYS, Odds, Past, odds
from .rules import REFERENCE, Rule, rules_of
from .sizing import DIALS, FLOOR, Guards, Places, Priced, priced
from .use import Floats, SizedResource, Use, is_above
from .weeks import CRITERIA, EQUAL, Outcome, Weeks, fold_days, outcome, resampled, risks_of, weeks_of

OURS = "ours"
LEAST_WEEKS = 50
"""Workload-weeks that must have been judged before a kind may be offered."""
LEAST_LEARNT = 200
"""Rows that odds are learnt from at least; with fewer, the reference rule and the floor give the sizes."""
_RESAMPLES = 300
_PRIOR_WEEKS = 100.0
"""Weeks at the usual risk of the reference rule that are assumed before any was seen."""
_USUAL: dict[SizedResource, tuple[float, float, float, float]] = {
    "cpu": (0.019, 0.066, 0.019, 0.066),
    "memory": (0.056, 0.011, 0.056, 0.011),
}
"""Risks of the reference rules in a published trace; they fade as a fleet has weeks of its own."""


@dataclass(frozen=True)
class Aim:
    """What risk our rule aims at.

    Args:
        bad: share of bad workload-weeks; that of the reference rule so far, in all criteria, unless given.
        guards: limits of single sizes.
    """

    bad: float | None = None
    guards: Guards = field(default_factory=Guards)


@dataclass(frozen=True)
class Interval:
    """A figure with its 90 % interval: workloads drawn with replacement."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RuleReplay:
    """One rule over all folds.

    Args:
        name: of the rule.
        says: one line.
        outcome: what it came to.
        saved: with its interval.
        risks: the criteria with theirs.
    """

    name: str
    says: str
    outcome: Outcome
    saved: Interval
    risks: tuple[Interval, ...]


@dataclass(frozen=True)
class EqualRisk:
    """How much more of what is reserved our rule saves than another rule, at no more risk in any of some criteria.

    Args:
        than: the other rule.
        criteria: which, as `CRITERIA`.
        more: share of what is reserved; the dial is matched anew in every resample.
        risks: of our rule at that dial.
    """

    than: str
    criteria: tuple[str, ...]
    more: Interval
    risks: tuple[float, ...]


@dataclass(frozen=True)
class ResourceBacktest:
    """The backtest of a resource.

    Args:
        resource: which.
        weeks: that were judged.
        workloads: among them.
        rules: one row each; ours comes last.
        sizes: of our rule, one per workload-week.
        stated: risk of a bad week that our rule stated, one per workload-week.
        calibration: stated against observed, by tenths.
        folds: the same, fold by fold.
        foretold: the share of each fold, as it was stated before, beside what came.
        equal: at equal risks.
        is_learnt: whether odds were learnt; without, our sizes are those of the reference rule.
        next_targets: the risks to stay within in the coming week, as `CRITERIA`.
        next_corrections: of odds of a bad week, and of more than 1 % of the time above.
    """

    resource: SizedResource
    weeks: Weeks
    workloads: int
    rules: tuple[RuleReplay, ...]
    sizes: Floats
    stated: Floats
    calibration: tuple[Decile, ...]
    folds: tuple[Decile, ...]
    foretold: tuple[Foretold, ...]
    equal: tuple[EqualRisk, ...]
    is_learnt: bool
    next_targets: tuple[float, ...]
    next_corrections: tuple[Correction, Correction]

    @property
    def ours(self) -> RuleReplay:
        """Our own rule."""
        return self.rules[-1]


def backtest(
    use: Use,
    *,
    names: Sequence[str] = (),
    aim: Aim = Aim(),
    most_folds: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> ResourceBacktest | None:
    """Replay a resource; `None` without a week to judge.

    Args:
        use: of the fleet.
        names: of the rules that stand beside ours; all unless given.
        aim: at what risk ours aims.
        most_folds: of the latest weeks; all unless given.
        seed: of the trees and the resamples.
        progress: called with (folds done, folds).
    """
    past = Past(use)
    days = fold_days(use.days, most_folds)
    weeks = weeks_of(past, days) if days else None
    if weeks is None or not len(weeks):
        return None
    chosen = [rule for rule in rules_of(use.resource) if not names or rule.name in names]
    given = {rule.name: sizes_of(rule, use, weeks) for rule in chosen}
    reference = next(rule for rule in rules_of(use.resource) if rule.name == REFERENCE[use.resource])
    tables = _tables(past, weeks, aim, seed, progress)
    ours = _ours(past, weeks, tables, aim, sizes_of(reference, use, weeks), reference)
    counted = resampled(weeks, _RESAMPLES, seed)
    rows = [_row(rule.name, rule.says, weeks, given[rule.name], counted) for rule in chosen]
    rows.append(
        _row(OURS, "least reserved at the aimed risk, by odds of this fleet's past", weeks, ours.sizes, counted)
    )
    bad = is_above(weeks.hard, ours.sizes)
    dialled = None if tables is None else dialled_sizes(tables)
    equal = () if dialled is None else tuple(_equal(weeks, dialled, name, one, counted) for name, one in given.items())
    if dialled is not None and REFERENCE[use.resource] in given:
        every = tuple(range(len(CRITERIA)))
        equal += (_equal(weeks, dialled, REFERENCE[use.resource], given[REFERENCE[use.resource]], counted, every),)
    return ResourceBacktest(
        resource=use.resource,
        weeks=weeks,
        workloads=len(np.unique(weeks.workload)),
        rules=tuple(rows),
        sizes=ours.sizes,
        stated=ours.stated,
        calibration=deciles(ours.stated, bad),
        folds=by_fold(ours.stated, bad, weeks.fold),
        foretold=tuple(
            Foretold(low, high, float(bad[weeks.fold == fold].mean())) for fold, (low, high) in enumerate(ours.ranges)
        ),
        equal=equal,
        is_learnt=tables is not None,
        next_targets=ours.targets,
        next_corrections=ours.corrections,
    )


def sizes_of(rule: Rule, use: Use, weeks: Weeks) -> Floats:
    """The sizes of a rule for every workload-week, never above what is reserved."""
    parts = [rule.size(use, day)[weeks.workload[weeks.fold == fold]] for fold, day in enumerate(weeks.days)]
    return np.asarray(np.fmin(np.concatenate(parts), weeks.reserved), np.float64)


def _tables(
    past: Past, weeks: Weeks, aim: Aim, seed: int, progress: Callable[[int, int], None] | None
) -> list[Priced] | None:
    """What each size costs and risks, fold by fold; `None` where the past is too short to learn from."""
    tables = []
    for fold, day in enumerate(weeks.days):
        told = odds(past, day, seed=seed)
        if told is None or told.rows < LEAST_LEARNT:
            return None
        here = weeks.fold == fold
        tables.append(
            table_of(past.use.resource, told, weeks.workload[here], weeks.reserved[here], aim, weeks.seen[here])
        )
        if progress is not None:
            progress(fold + 1, len(weeks.days))
    return tables


def table_of(
    resource: SizedResource, told: Odds, workload: np.typing.NDArray[np.int64], reserved: Floats, aim: Aim, seen: Floats
) -> Priced:
    """What each size of some workloads costs and risks under the guards of an aim."""
    mine = Odds(told.sizes[workload], told.hard[workload], told.soft[workload], told.rows)
    return priced(resource, mine, reserved, aim.guards, seen if aim.guards.seen_days else None)


@dataclass(frozen=True)
class Ours:
    """Sizes of our rule with the risk that it states, and what the next week starts from."""

    sizes: Floats
    stated: Floats
    ranges: tuple[tuple[float, float], ...]
    targets: tuple[float, ...]
    corrections: tuple[Correction, Correction]


def _ours(past: Past, weeks: Weeks, tables: list[Priced] | None, aim: Aim, reference: Floats, rule: Rule) -> Ours:
    if tables is None:
        return _as_reference(past, weeks, aim, reference)
    before = _before(past, weeks, rule)
    sizes, told, soft, stated = (np.zeros(len(weeks)) for _ in range(4))
    ranges = []

    def corrections(earlier: npt.NDArray[np.bool_], day: int) -> tuple[Correction, Correction]:
        hard, over = is_above(weeks.hard, sizes)[earlier], is_above(weeks.soft, sizes)[earlier]
        usual, (outgrown, outgrown_soft) = _USUAL[past.use.resource], _outgrown(past, day)
        return (
            correction(told[earlier], hard, weeks.fold[earlier], usual=usual[0], outgrown=outgrown),
            correction(soft[earlier], over, weeks.fold[earlier], usual=usual[1], outgrown=outgrown_soft),
        )

    for fold, (day, table) in enumerate(zip(weeks.days, tables, strict=True)):
        here, earlier = weeks.fold == fold, weeks.fold < fold
        targets = _targets(past.use.resource, weeks.only(earlier), reference[earlier], aim, before)
        by = corrections(earlier, day)
        place = dialled(table, weeks.reserved[here], targets, by)
        row = np.arange(int(here.sum()))
        sizes[here], told[here], soft[here] = (one[row, place] for one in (table.sizes, table.hard, table.soft))
        stated[here] = by[0](told[here])
        ranges.append(by[0].share_to_come(told[here]))
    final = _targets(past.use.resource, weeks, reference, aim, before)
    return Ours(sizes, stated, tuple(ranges), final, corrections(np.ones(len(weeks), np.bool_), past.use.days))


def _outgrown(past: Past, day: int) -> tuple[float, float]:
    """How often a week that had ended needed more than was reserved when it began, as criteria of a bad week and of
    more than 1 % of the time (Jeffreys): workloads are made larger, and that is no fault of a size.
    """
    more, n = np.zeros(2), 0
    for start in range(day - 7, LEAST_DAYS - 1, -7):
        here, need = np.flatnonzero(past.is_judged(start)), past.next(start)
        reserved = size_on(past.use, start)[here]
        more += [is_above(one[here], reserved).sum() for one in (need.hard, need.soft)]
        n += len(here)
    hard, soft = ((more + 0.5) / (n + 1)).tolist()
    return hard, soft


def _as_reference(past: Past, weeks: Weeks, aim: Aim, reference: Floats) -> Ours:
    """The reference rule with the floor, and the share that went wrong until then as its risk."""
    floor = np.fmin(floor_of(past.use.resource, aim), weeks.reserved)
    sizes = np.maximum(reference, floor)
    if aim.guards.seen_days:
        sizes = np.fmin(np.fmax(sizes, weeks.seen), weeks.reserved)
    bad = is_above(weeks.hard, sizes)
    usual = _USUAL[past.use.resource][0]
    stated, ranges = np.zeros(len(weeks)), []
    for fold in range(len(weeks.days)):
        here, earlier = weeks.fold == fold, weeks.fold < fold
        stated[here] = (bad[earlier].sum() + usual * _PRIOR_WEEKS) / (earlier.sum() + _PRIOR_WEEKS)
        ranges.append(Correction().share_to_come(stated[here]))
    return Ours(sizes, stated, tuple(ranges), (), (Correction(), Correction()))


def floor_of(resource: SizedResource, aim: Aim) -> float:
    """The least size under an aim."""
    return FLOOR[resource] if aim.guards.floor is None else aim.guards.floor


def _before(past: Past, weeks: Weeks, rule: Rule) -> tuple[Weeks, Floats]:
    """Weeks before the first fold in which the reference rule can be judged already."""
    days = tuple(range(weeks.days[0] - 7, 13, -7))[::-1]
    found = weeks_of(past, days) if days else weeks.only(np.zeros(len(weeks), np.bool_))
    return found, (sizes_of(rule, past.use, found) if len(found) else np.zeros(0))


def _targets(
    resource: SizedResource, earlier: Weeks, reference: Floats, aim: Aim, before: tuple[Weeks, Floats]
) -> tuple[float, ...]:
    """The risks to stay within, as `CRITERIA`: those of the reference rule in the weeks that had ended."""
    if aim.bad is not None:
        return (aim.bad, 1.0, aim.bad, 1.0)
    usual, parts = np.array(_USUAL[resource]), []
    for weeks, sizes in (before, (earlier, reference)):
        if len(weeks):
            risks, _ = risks_of(weeks, sizes[None], np.ones((1, len(weeks))))
            parts.append((len(weeks), risks[:, 0, 0]))
    n = sum(count for count, _ in parts)
    total = sum((count * risks for count, risks in parts), usual * _PRIOR_WEEKS)
    return tuple((total / (n + _PRIOR_WEEKS)).tolist())


def dialled(table: Priced, reserved: Floats, targets: Sequence[float], by: tuple[Correction, Correction]) -> Places:
    """Places of the sizes at the least safe dial that promises to keep the targets, (V,)."""
    row = np.arange(len(reserved))
    share = reserved / reserved.sum()
    low, high = 0, len(DIALS) - 1
    while low < high:
        middle = (low + high) // 2
        place = table.at(DIALS[middle])
        hard, soft = by[0](table.hard[row, place]), by[1](table.soft[row, place])
        promised = (hard.mean(), soft.mean(), (hard * share).sum(), (soft * share).sum())
        if all(promised[one] <= targets[one] for one in EQUAL):
            high = middle
        else:
            low = middle + 1
    return table.at(DIALS[low])


def dialled_sizes(tables: Sequence[Priced]) -> Floats:
    """Our sizes at every dial, (dials, n)."""
    return np.concatenate([_at_every_dial(table) for table in tables], axis=1)


def _at_every_dial(table: Priced) -> Floats:
    row = np.arange(len(table.sizes))
    return np.stack([table.sizes[row, table.at(dial)] for dial in DIALS])


def _row(name: str, says: str, weeks: Weeks, sizes: Floats, counted: Floats) -> RuleReplay:
    found = outcome(weeks, sizes)
    risks, saved = risks_of(weeks, sizes[None], counted)
    spread = tuple(_interval(value, risks[place, 0]) for place, value in enumerate(found.risks))
    return RuleReplay(name, says, found, _interval(found.saved, saved[0]), spread)


def _interval(value: float, resampled_values: Floats) -> Interval:
    low, high = np.quantile(resampled_values, (0.05, 0.95))
    return Interval(value, float(low), float(high))


def _equal(
    weeks: Weeks, dialled: Floats, than: str, sizes: Floats, counted: Floats, criteria: tuple[int, ...] = EQUAL
) -> EqualRisk:
    everybody = np.concatenate([np.ones((1, len(weeks))), counted])
    risks, saved = risks_of(weeks, dialled, everybody)
    allowed, other = risks_of(weeks, sizes[None], everybody)
    keeps = (risks[list(criteria)] <= allowed[list(criteria)] + 1e-12).all(axis=0)
    matched = np.where(keeps, saved, -np.inf)
    # Where no dial keeps the risks, what is reserved stays: nothing is saved, and nothing goes wrong.
    best = np.maximum(matched.max(axis=0), 0.0)
    more = best - other[0]
    place = int(matched[:, 0].argmax())
    return EqualRisk(
        than,
        tuple(CRITERIA[one] for one in criteria),
        _interval(float(more[0]), more[1:]),
        tuple(float(one) for one in risks[:, place, 0]),
    )
