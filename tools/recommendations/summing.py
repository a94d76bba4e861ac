"""A plan in sums: by kind, by team, since last week; the greatest savings in full, as many as fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..summary import first_that_fit
from .amounts import total_saving
from .answers import HeldCount, KindSum, PlanResult, SinceLast, TeamSum, UnderWay
from .backtests import KindBacktest
from .book import Moved, Week
from .options import RANK
from .plan import Plan
from .thresholds import Thresholds
from .types import Estimate, Held, Holding, Recommendation, RecommendationKind

OFFERED_TOKENS = 24_000
HELD_TOKENS = 3_000
_MOST_HELD = 200
_MOST_TEAMS = 40
_MOST_OWNERS = 5
_MOST_UNDER_WAY = 40


def sums_of(plan: Plan, currency: str) -> dict[str, Any]:
    """What next week's run is compared with."""
    saving = total_saving(plan.offered, currency).effective
    return {"currency": currency, "offered": len(plan.offered), "saving": saving.model_dump(mode="json")}


def plan_result(
    plan: Plan,
    *,
    environment: str,
    currency: str,
    thresholds: Thresholds,
    backtests: Sequence[KindBacktest],
    last: Week | None,
    moved: Sequence[Moved],
    now: datetime,
) -> PlanResult:
    """The sums of a plan, with as many recommendations in full as fit."""
    shown = first_that_fit(plan.offered, OFFERED_TOKENS) if plan.offered else ()
    hours = sum(each.effort_hours for each in plan.offered)
    kinds: set[RecommendationKind] = {each.kind for each in plan.offered}
    proven: set[RecommendationKind] = {each.kind for each in backtests}
    return PlanResult(
        at=now,
        environment=environment,
        currency=currency,
        offered_count=len(plan.offered),
        saving=total_saving(plan.offered, currency),
        effort_hours=hours,
        effort=_effort(hours, thresholds, currency),
        kinds=_kinds(plan.offered, currency),
        teams=_teams(plan.offered, currency),
        offered=shown,
        states={each.id: plan.standings[each.id].state if each.id in plan.standings else "open" for each in shown},
        new=tuple(each.id for each in shown if plan.moves.get(each.id) in ("found", "raised")),
        left_out=len(plan.offered) - len(shown),
        under_way=tuple(_under_way(plan))[:_MOST_UNDER_WAY],
        held=held_counts(plan.held),
        held_examples=_examples(plan.held),
        unproven=tuple(kind for kind in RANK if kind in kinds and kind not in proven),
        thresholds=thresholds,
        since_last=_since(plan, last, moved, currency),
    )


def held_counts(held: Sequence[Held]) -> tuple[HeldCount, ...]:
    """How many are held, by kind and reason, most first."""
    counts: Counter[tuple[RecommendationKind, Holding]] = Counter((each.kind, each.reason) for each in held)
    return tuple(
        HeldCount(kind=kind, reason=reason, count=count)
        for (kind, reason), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _examples(held: Sequence[Held]) -> tuple[Held, ...]:
    told = _telling(held)[:_MOST_HELD]
    return first_that_fit(told, HELD_TOKENS) if told else ()


def _telling(held: Sequence[Held]) -> list[Held]:
    """Those that tell somebody something first: sizes that fit and changes too small do not."""
    dull = {"fits": 2, "too_small": 1, "at_the_floor": 1}
    return sorted(held, key=lambda each: (dull.get(each.reason, 0), each.reason, each.subject, each.resource))


def _effort(hours: float, thresholds: Thresholds, currency: str) -> Estimate | None:
    if not thresholds.hourly_rate:
        return None
    cost = hours * thresholds.hourly_rate
    return Estimate(currency=currency, period="once", expected=cost, low=cost, high=cost)


def _kinds(offered: Sequence[Recommendation], currency: str) -> tuple[KindSum, ...]:
    by_kind: dict[RecommendationKind, list[Recommendation]] = {}
    for each in offered:
        by_kind.setdefault(each.kind, []).append(each)
    found = [KindSum(kind=kind, count=len(mine), saving=total_saving(mine, currency)) for kind, mine in by_kind.items()]
    return tuple(sorted(found, key=lambda each: -each.saving.effective.expected))


def _teams(offered: Sequence[Recommendation], currency: str) -> tuple[TeamSum, ...]:
    by_team: dict[str, list[Recommendation]] = {}
    for each in offered:
        by_team.setdefault(each.team, []).append(each)
    found = [
        TeamSum(
            team=team,
            count=len(mine),
            saving=total_saving(mine, currency).effective,
            owners=tuple(dict.fromkeys(each.owner for each in mine if each.owner))[:_MOST_OWNERS],
        )
        for team, mine in by_team.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.saving.expected, each.team)))[:_MOST_TEAMS]


def _under_way(plan: Plan) -> list[UnderWay]:
    return [
        UnderWay(
            id=each.standing.id,
            kind=each.recommendation.kind,
            subject=each.recommendation.subject,
            team=each.recommendation.team,
            state=each.standing.state,
            projected=each.recommendation.saving.effective,
            applied_at=each.standing.applied_at,
        )
        for each in plan.under_way
    ]


def _since(plan: Plan, last: Week | None, moved: Sequence[Moved], currency: str) -> SinceLast | None:
    if last is None or last.body.get("currency") != currency:
        return None
    moves, own = Counter(each.move for each in moved), Counter(plan.moves.values())
    body: Mapping[str, Any] = last.body
    return SinceLast(
        at=last.at,
        offered=int(body["offered"]),
        saving=Estimate.model_validate(body["saving"]),
        found=own["found"],
        raised=own["raised"] + own["woken"],
        withdrawn=own["withdrawn"],
        applied=moves["applied"],
        dismissed=moves["dismiss"],
        verified=moves["verified"] + moves["verify"],
        regressed=moves["regressed"] + moves["regress"],
    )
