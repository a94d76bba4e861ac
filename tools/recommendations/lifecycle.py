"""What becomes of a recommendation: the states it can be in, the moves between them, and when it is raised again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

from pydantic import AwareDatetime, Field

from ...core.errors import ToolRetry
from ..spec import KeptText, OutsideText, Result
from .types import Recommendation

State = Literal["open", "claimed", "snoozed", "dismissed", "applied", "verified", "regressed", "withdrawn"]
"""`open`: nobody has said anything. `claimed`: somebody works on it, and its content is frozen. `snoozed`: not until a
day. `dismissed`: no, for a reason. `applied`: somebody has done it. `verified`: it saves what it should, and nothing
broke. `regressed`: it does not, or something broke. `withdrawn`: the analysis no longer says so.
"""

PersonalMove = Literal["claim", "release", "snooze", "dismiss", "reopen", "applied", "verify", "regress"]
"""What a person can say of one. `release`: not mine after all."""
OwnMove = Literal["found", "raised", "woken", "withdrawn", "verified", "regressed"]
"""What the weekly run says by itself. `raised`: it has changed too much for an old no. `woken`: its snooze is over."""

FROM: Mapping[PersonalMove, frozenset[State]] = {
    "claim": frozenset({"open", "snoozed", "regressed"}),
    "release": frozenset({"claimed"}),
    "snooze": frozenset({"open", "claimed"}),
    "dismiss": frozenset({"open", "claimed", "snoozed"}),
    "reopen": frozenset({"snoozed", "dismissed", "regressed", "withdrawn"}),
    "applied": frozenset({"open", "claimed"}),
    "verify": frozenset({"applied", "regressed"}),
    "regress": frozenset({"applied", "verified"}),
}
TO: Mapping[PersonalMove, State] = {
    "claim": "claimed",
    "release": "open",
    "snooze": "snoozed",
    "dismiss": "dismissed",
    "reopen": "open",
    "applied": "applied",
    "verify": "verified",
    "regress": "regressed",
}
NEEDS_REASON: frozenset[PersonalMove] = frozenset({"snooze", "dismiss", "regress"})

FROZEN: frozenset[State] = frozenset({"claimed", "applied", "verified", "regressed"})
"""States in which the content stays what somebody agreed to, whatever the analysis says since."""
SILENT: frozenset[State] = frozenset({"snoozed", "dismissed"})

CHANGED_SHARE = 0.25
"""How much the saving or what it rests on has to change before a no is asked about again."""
LONGEST_SNOOZE = timedelta(days=366)

assert set(FROM) == set(TO) == set(get_args(PersonalMove))  # noqa: S101 - two tables about the same moves


class Standing(Result):
    """Where a recommendation stands, who put it there, when and why.

    `weight` is what it was measured by then: its saving and its sizes, to tell later whether it has changed.
    """

    id: KeptText
    state: State
    by: KeptText = Field(description="person:NAME, or system:TRIGGER")
    at: AwareDatetime
    reason: OutsideText = ""
    until: AwareDatetime | None = None
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    applied_at: AwareDatetime | None = None
    weight: dict[str, float] = Field(default_factory=dict)


def weight_of(recommendation: Recommendation) -> dict[str, float]:
    """What a recommendation is measured by: its saving per month and every number of what is and should be."""
    found = {"saving": recommendation.saving.effective.expected}
    for when, values in (("current", recommendation.current), ("proposed", recommendation.proposed)):
        found |= {f"{when}.{name}": float(value) for name, value in values.items() if not isinstance(value, str)}
    return found


def has_changed(before: Mapping[str, float], now: Mapping[str, float], share: float = CHANGED_SHARE) -> bool:
    """Whether any of the measures has moved by more than a share of what it was, or one has come or gone."""
    if before.keys() != now.keys():
        return True
    return any(abs(now[name] - was) > share * abs(was) + 1e-9 for name, was in before.items())


def check_move(state: State, move: PersonalMove, reason: str, until: datetime | None, now: datetime) -> State:
    """The state that a person's move leads to.

    Raises:
        ToolRetry: it cannot be made from there, or lacks what it needs.
    """
    if state not in FROM[move]:
        can = sorted(name for name, states in FROM.items() if state in states)
        raise ToolRetry(f"it is {state}, so it cannot be moved by {move!r}", remedy=f"possible now: {', '.join(can)}")
    if move in NEEDS_REASON and not reason.strip():
        raise ToolRetry(f"{move!r} needs a reason", remedy="say why in one line")
    if move == "snooze" and (until is None or not now < until <= now + LONGEST_SNOOZE):
        raise ToolRetry("a snooze ends on a day within a year", remedy="say until when")
    if move != "snooze" and until is not None:
        raise ToolRetry("only a snooze has an end", remedy="leave it out")
    return TO[move]


def own_move(standing: Standing | None, found: Recommendation | None, now: datetime) -> OwnMove | None:
    """What the weekly run moves by itself, from what it finds now; `None` leaves the recommendation where it stands.

    Args:
        standing: where it stands; `None` if it was never there.
        found: what the analysis says now; `None` if it says nothing of it any more.
        now: the moment.
    """
    if standing is None:
        return "found" if found is not None else None
    if found is None:
        return "withdrawn" if standing.state in ("open", "snoozed") else None
    if standing.state == "withdrawn":
        return "found"
    if standing.state in SILENT and has_changed(standing.weight, weight_of(found)):
        return "raised"
    if standing.state == "snoozed" and standing.until is not None and standing.until <= now:
        return "woken"
    return None


def is_silent(standing: Standing | None, found: Recommendation, now: datetime) -> bool:
    """Whether people have said that they do not want to hear of it now."""
    if standing is None or standing.state not in SILENT:
        return False
    return own_move(standing, found, now) is None
