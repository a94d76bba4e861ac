"""What is recommended this week: all analyses joined, what is withheld and why, and nothing counted twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .backtests import KindBacktest, withheld
from .lifecycle import FROZEN, SILENT, OwnMove, Standing, is_silent, own_move
from .options import RANK, by_resource, resolve
from .thresholds import Thresholds, stepped, too_small
from .types import Considered, Held, Holding, Recommendation


@dataclass(frozen=True)
class Kept:
    """A recommendation as it was when somebody agreed to it, and where it stands."""

    standing: Standing
    recommendation: Recommendation


@dataclass(frozen=True)
class Plan:
    """What this week's run comes to.

    Args:
        offered: what people are asked to do, greatest saving first; what they have claimed among it.
        under_way: applied, verified or regressed: no saving of these is projected any more.
        held: everything that was looked at and is not offered, and why.
        moves: what the run moves in the book by itself, by id.
        standings: where each stood before, by id.
    """

    offered: tuple[Recommendation, ...]
    under_way: tuple[Kept, ...]
    held: tuple[Held, ...]
    moves: Mapping[str, OwnMove]
    standings: Mapping[str, Standing]


def make_plan(
    considered: Sequence[Considered],
    kept: Sequence[Kept],
    backtests: Sequence[KindBacktest],
    thresholds: Thresholds,
    costs: Mapping[str, float],
    now: datetime,
    same: Mapping[str, str] | None = None,
) -> Plan:
    """Join what the analyses say with what people have said before.

    Args:
        considered: by every analysis that could run.
        kept: what the book holds for this fleet.
        backtests: of the kinds; a kind without one is offered, and the report says that it is not proven.
        thresholds: what is worth it.
        costs: subject to effective cost per month.
        now: the moment of the run.
        same: as in `options.resolve`.
    """
    book = {each.standing.id: each.standing for each in kept}
    claimed = {each.standing.id: each.recommendation for each in kept if each.standing.state == "claimed"}
    candidates, held = _candidates(considered, backtests, thresholds, book)
    worthy = list(claimed.values())
    for each in candidates.values():
        standing = book.get(each.id)
        if why := too_small(each, thresholds):
            held.append(_held(each, "too_small", why))
        elif standing is not None and is_silent(standing, each, now):
            held.append(_held(each, "dismissed" if standing.state == "dismissed" else "snoozed", _said(standing)))
        else:
            worthy.append(each)
    offered, others = resolve(worthy, costs, same)
    return Plan(
        offered=tuple(sorted(offered, key=lambda one: (-one.saving.effective.expected, RANK[one.kind], one.id))),
        under_way=tuple(each for each in kept if each.standing.state in ("applied", "verified", "regressed")),
        held=(*held, *others),
        moves=_moves(book, candidates, {each.id: each for each in offered}, now),
        standings=book,
    )


def _candidates(
    considered: Sequence[Considered],
    backtests: Sequence[KindBacktest],
    thresholds: Thresholds,
    book: Mapping[str, Standing],
) -> tuple[dict[str, Recommendation], list[Held]]:
    """What the analyses say, one step at a time; what somebody has agreed to stays as they agreed to it."""
    candidates: dict[str, Recommendation] = {}
    held: list[Held] = []
    for each in considered:
        passed = withheld(each, backtests)
        held += passed.held
        for one in passed.recommendations:
            if one.id not in book or book[one.id].state not in FROZEN:
                candidates.setdefault(one.id, stepped(by_resource(one), thresholds))
    return candidates, held


def _moves(
    book: Mapping[str, Standing],
    candidates: Mapping[str, Recommendation],
    offered: Mapping[str, Recommendation],
    now: datetime,
) -> dict[str, OwnMove]:
    moves: dict[str, OwnMove] = {}
    for name in {*book, *offered}:
        standing = book.get(name)
        is_asleep = standing is not None and standing.state in SILENT
        # What sleeps is there as long as the analysis says so, and wakes only where it would be offered.
        move = own_move(standing, candidates.get(name) if is_asleep else offered.get(name), now)
        if move is not None and (move == "withdrawn" or name in offered):
            moves[name] = move
    return moves


def _held(each: Recommendation, reason: Holding, detail: str) -> Held:
    return Held(
        kind=each.kind, subject=each.subject, resource=each.resource, reason=reason, detail=detail, basis=each.basis
    )


def _said(standing: Standing) -> str:
    until = f" until {standing.until:%Y-%m-%d}" if standing.until is not None else ""
    said = standing.by.partition(":")[2] or standing.by
    return f"{standing.state} by {said}{until}: {standing.reason}"
