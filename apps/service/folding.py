"""Which incident an alert belongs to: its own, one of its entity, or one of a neighbour, at about the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Candidate:
    """An incident that is not over, of the team and environment of the alert.

    Args:
        entities: of its alerts; the name of an alert stands for one that has none.
        first: when its first alert began.
        last: when its last alert began.
        opened: by our clock.
        can_merge: whether it can still become part of another one, because nothing of it has run or been told.
    """

    id: str
    fingerprints: frozenset[str]
    entities: frozenset[str]
    first: datetime
    last: datetime
    opened: datetime
    can_merge: bool


@dataclass(frozen=True)
class FoldingRules:
    """When alerts are one incident.

    Args:
        within_s: how far in time from an incident an alert of the same trouble begins.
        settle_s: how long more alerts may join before the triage starts.
        reopen_s: how long after its end an incident is opened again by an alert of its own.
        anew_s: how long after the start of a triage an alert of an entity that it did not know asks for another one.
    """

    within_s: float = 600
    settle_s: float = 5
    reopen_s: float = 1_800
    anew_s: float = 900


Neighbours = Callable[[str], Collection[str]]
"""Entities with an edge to or from one."""


def choose(
    candidates: Sequence[Candidate],
    fingerprint: str,
    entity: str,
    began: datetime,
    neighbours: Neighbours,
    within: timedelta,
) -> tuple[str | None, tuple[str, ...]]:
    """The incident that an alert joins, and those that thereby become part of it.

    Args:
        candidates: what it could join.
        fingerprint: of the alert.
        entity: of the alert, or its name.
        began: when it began to fire.
        neighbours: in the call graph as it was last known.
        within: how far in time from an incident an alert of the same trouble begins.

    Returns:
        The id, `None` for a new incident; and the ids of incidents that the alert shows to be the same trouble.
    """
    ordered = sorted(candidates, key=lambda each: (each.opened, each.id))
    own = next((each for each in ordered if fingerprint in each.fingerprints), None)
    # Differences of moments are always a duration; a moment less a duration may be before all calendars.
    near = [each for each in ordered if began - each.first >= -within and began - each.last <= within]
    around = {entity, *neighbours(entity)}
    same = [each for each in near if entity in each.entities]
    beside = [each for each in near if each.entities & around]
    if own is not None:
        # A known alert proves nothing about others: it fired before without them.
        return own.id, ()
    if not (same or beside):
        return None, ()
    # What has been told of counts before what nobody has heard of; then the older one.
    joined = min(same or beside, key=lambda each: (each.can_merge, each.opened, each.id))
    return joined.id, tuple(each.id for each in beside if each.id != joined.id and each.can_merge)
