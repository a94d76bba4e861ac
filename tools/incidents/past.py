"""Incidents of the past, and which of them are like the one at hand.

Two incidents are alike by what they share: the alert, an entity, an indicator, a log pattern, the kind of a change.
What few of them have weighs more (the rarity of BM25: Robertson and Zaragoza 2009), so that a log line seen once before
says more than a restart, and whoever reads the result is told what was shared.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

FeatureKind = Literal["alert", "entity", "indicator", "log", "change"]
Feature = tuple[FeatureKind, str]
Source = Literal["run", "postmortem"]
ReportWas = Literal["right", "partly", "wrong"]
"""What people say of the report of a triage."""
WhoSays = Literal["triage", "people"]

_TELLING: frozenset[FeatureKind] = frozenset(("alert", "entity", "indicator", "log"))
"""Kinds of which two have to agree; that something was deployed before is no likeness."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class PastIncident:
    """An incident that is over.

    Args:
        id: of the run, or the name of the postmortem's file.
        at: when it began; `None` if nobody wrote it down.
        cause: one line; empty if none is known.
        resolution: what solved it, in one line; empty if that is not known.
        is_confirmed: whether people say that this was the cause, rather than a triage.
        text: the whole document, for names that it mentions without listing them.
        run_id: the run that triaged it, if the document names one.
        report_was: what people say of the triage's report, if anybody did.
        nothing_wrong: who says that it was no incident at all: the triage, and nobody spoke against it, or people.
    """

    id: str
    source: Source
    at: datetime | None
    title: str
    features: frozenset[Feature]
    cause: str = ""
    resolution: str = ""
    is_confirmed: bool = False
    text: str = ""
    run_id: str = ""
    report_was: ReportWas | None = None
    nothing_wrong: WhoSays | None = None


@dataclass(frozen=True)
class FalseAlarms:
    """How often an alert was looked at before, and how often that came to nothing.

    Args:
        looked_at: triages of the same alert at one of the same entities.
        nothing_wrong: of these, so many found nothing out of order, or people say so.
        by_people: of these, people say so.
        last: when the last of these began.
    """

    looked_at: int
    nothing_wrong: int
    by_people: int
    last: datetime


@dataclass(frozen=True)
class Likeness:
    """A past incident, how alike it is from 0 to 1, and what it shares, the rarest first."""

    incident: PastIncident
    score: float
    shared: tuple[Feature, ...]


def feature(kind: FeatureKind, text: str) -> Feature:
    """A feature in the form in which it is compared: without case and with single spaces."""
    return kind, _SPACE.sub(" ", text).strip().casefold()


def similar(
    wanted: Sequence[Feature], past: Sequence[PastIncident], *, before: datetime, limit: int
) -> tuple[int, tuple[Likeness, ...]]:
    """How many incidents lie before a moment, and those of them that are alike, the most alike first.

    What is said to have been nothing is none of them; see `false_alarms`.

    The score is the weight of what is shared over the weight of what either has of its own kind (weighted Jaccard over
    the features of the present incident and the listed ones of the past one). To count as alike, an incident has to
    share features of two telling kinds, or a log pattern.

    Args:
        wanted: features of the incident at hand.
        past: what there is; an incident of the moment or after it is left out, as is one without a time only if it is a
            run.
        before: when the incident at hand began.
        limit: how many are returned.
    """
    earlier = [
        one
        for one in past
        if not one.nothing_wrong and (one.at < before if one.at is not None else one.source == "postmortem")
    ]
    asked = frozenset(wanted)
    has = [_features(one, asked) for one in earlier]
    counts = Counter(item for features in (asked, *has) for item in features)
    weights = {item: _rarity(number, len(earlier) + 1) for item, number in counts.items()}
    found = []
    for one, features in zip(earlier, has, strict=True):
        shared = features & asked
        kinds = {kind for kind, _ in shared} & _TELLING
        if len(kinds) < 2 and "log" not in kinds:
            continue
        score = sum(weights[item] for item in shared) / sum(weights[item] for item in features | asked)
        order = sorted(shared, key=lambda item: (-weights[item], item))
        found.append(Likeness(one, score, tuple(order)))
    found.sort(key=lambda one: (-round(one.score, 6), not one.incident.resolution, one.incident.id))
    return len(earlier), tuple(found[:limit])


def false_alarms(wanted: Sequence[Feature], past: Sequence[PastIncident], *, before: datetime) -> FalseAlarms | None:
    """How often the alert at hand came to nothing before; `None` if it never did.

    Args:
        wanted: features of the incident at hand.
        past: what there is.
        before: when the incident at hand began.
    """
    asked = frozenset(wanted)
    same: dict[datetime, set[WhoSays | None]] = defaultdict(set)  # several triages of one alert are one look at it
    for one in past:
        if one.at is not None and one.at < before and {"alert", "entity"} <= {kind for kind, _ in one.features & asked}:
            same[one.at].add(one.nothing_wrong)
    quiet = [at for at, who in same.items() if None not in who]
    if not quiet:
        return None
    return FalseAlarms(len(same), len(quiet), sum("people" in same[at] for at in quiet), max(quiet))


def joined(past: Sequence[PastIncident]) -> tuple[PastIncident, ...]:
    """A run and the postmortem that names it as one incident: the run's features, the people's words."""
    by_run = {one.run_id: one for one in past if one.run_id}
    found = []
    for one in past:
        written = by_run.get(one.id) if one.source == "run" else None
        if written is None:
            found.append(one)
    runs = {one.id: one for one in past if one.source == "run"}
    return tuple(_with_run(one, runs.get(one.run_id)) for one in found)


def _with_run(one: PastIncident, run: PastIncident | None) -> PastIncident:
    if run is None:
        return one
    return PastIncident(
        one.id, one.source, one.at or run.at, one.title or run.title, one.features | run.features,
        one.cause or run.cause, one.resolution or run.resolution, one.is_confirmed, one.text, one.run_id,
        run.report_was,
    )  # fmt: skip


def _features(one: PastIncident, asked: frozenset[Feature]) -> frozenset[Feature]:
    """The listed features, and those asked for that the text names word for word."""
    if not one.text:
        return one.features
    named = {item for item in asked if item[0] in ("alert", "entity", "indicator") and mentions(one.text, item[1])}
    return one.features | named


def mentions(text: str, name: str) -> bool:
    """Whether a text names something word for word."""
    return bool(name) and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def _rarity(incidents_with: int, incidents: int) -> float:
    return math.log(1 + (incidents - incidents_with + 0.5) / (incidents_with + 0.5))
