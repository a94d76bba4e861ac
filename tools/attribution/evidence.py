"""What the artifacts say about each entity, brought to one unit: salience.

A score of 3 wobbles has the salience 1, and every doubling beyond adds about one more: a shift of 1000 is stronger
evidence than one of 10, but not a hundred times as strong.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from ..metrics.indicators import harmful_direction, words_of

Kind = Literal[
    "latency", "errors", "saturation", "traffic", "quality", "other", "self_time", "error_origin", "calls", "logs",
    "version", "segment", "model", "feature", "state",
]  # fmt: skip

Source = Literal["metrics", "traces", "calls", "logs", "outcomes", "models", "features", "workloads", "nodes"]

SYMPTOM_KINDS: tuple[Kind, ...] = ("latency", "errors", "quality")
"""What callers of an entity feel, and so what travels along the call graph: slowness, failures, bad answers."""


@dataclass(frozen=True)
class Sign:
    """One way in which an entity is out of order.

    Args:
        kind: what about it.
        indicator: the metric, span name or log template.
        score: >= 0, in wobbles.
        text: one line for a person.
        onset_us: when it began, if that is known.
        source: what it was read from.
        weight: from 0 to 1, how directly it speaks of the entity.
        seen_by: who measured or said it, if that is another entity.
    """

    kind: Kind
    indicator: str
    score: float
    text: str
    onset_us: int | None = None
    source: Source = "metrics"
    weight: float = 1.0
    seen_by: str | None = None

    @property
    def salience(self) -> float:
        """0 for nothing, 1 for three wobbles, one more for about every doubling; less for an indirect sign."""
        return self.weight * salience(self.score)

    @property
    def sureness(self) -> float:
        """How sure it is that this is no chance, from 0 to 1; less for an indirect sign."""
        return self.weight * sureness(self.score)


@dataclass(frozen=True)
class Move:
    """How far a metric moved, in its own unit: comparable between entities that share the metric.

    Args:
        harm: > 0; the change.
        score: the same in wobbles.
        is_up: where it went.
    """

    harm: float
    score: float
    is_up: bool = True


MoveKey = tuple[str, str]
"""Metric, and which statistic of it (a quantile), if it is a distribution."""


@dataclass(frozen=True)
class Load:
    """How much an entity was asked to do, in the unit of a traffic metric, before and in the window."""

    before: float
    after: float
    score: float

    @property
    def growth(self) -> float:
        """How many times as much, at least 1."""
        return max(self.after / self.before, 1.0) if self.before > 0 else 1.0


@dataclass
class EntityEvidence:
    """The strongest sign of each kind of one entity, the moves of its metrics, its load, and what is measured of it.

    A metric that is measured and has no move did not get worse; of one that is not measured nothing is known.
    """

    entity: str
    signs: dict[Kind, Sign] = field(default_factory=dict)
    moves: dict[MoveKey, Move] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)
    loads: dict[str, Load] = field(default_factory=dict)

    def add(self, sign: Sign) -> None:
        """Keep the sign if it is the strongest of its kind."""
        current = self.signs.get(sign.kind)
        if current is None or sign.salience > current.salience:
            self.signs[sign.kind] = sign

    def add_move(self, key: MoveKey, move: Move) -> None:
        """Keep the move if it is the largest of its metric: the instance that is hurt most."""
        current = self.moves.get(key)
        if current is None or move.harm > current.harm:
            self.moves[key] = move

    def add_load(self, metric: str, load: Load) -> None:
        """Add the load of one more instance or part."""
        known = self.loads.get(metric, Load(0.0, 0.0, 0.0))
        both = known.before + load.before, known.after + load.after
        self.loads[metric] = Load(*both, max(known.score, load.score))

    @property
    def onset_us(self) -> int | None:
        """When the strongest sign with a known beginning began; `None` if nothing about the entity stands out."""
        timed = [sign for sign in self.signs.values() if sign.onset_us is not None and sign.score >= STANDS_OUT]
        return max(timed, key=lambda sign: (sign.score, sign.indicator)).onset_us if timed else None

    def strength(self, *kinds: Kind) -> float:
        """The largest salience among some kinds; 0 if there is no sign of them."""
        return max((self.signs[kind].salience for kind in kinds if kind in self.signs), default=0.0)


STANDS_OUT = 3.0
"""Wobbles at which a single sign stands out."""

_MOST_WOBBLES = 12.0


def salience(score: float) -> float:
    """Bring a score in wobbles to the common unit; beyond a dozen, where metrics end, a larger count says no more."""
    return math.log2(1 + min(max(score, 0.0), _MOST_WOBBLES) / 3)


_USUALLY_REAL = 50.0
"""One series in so many is out of order before anything is known: an incident touches a few of hundreds."""


def sureness(score: float) -> float:
    """How likely a shift is real and no chance, 0 to 1: 0.13 for two wobbles, 0.64 for three, 0.98 for four.

    The posterior of a normal deviate against one quiet draw, with prior odds of one to fifty.
    """
    bounded = min(max(score, 0.0), _MOST_WOBBLES)
    return 1.0 / (1.0 + _USUALLY_REAL * math.exp(-bounded * bounded / 2.0)) if bounded > 0 else 0.0


Evidence = dict[str, EntityEvidence]


def new_evidence() -> Evidence:
    """An empty collection that makes entries as they are named."""

    class _Collection(defaultdict[str, EntityEvidence]):
        def __missing__(self, entity: str) -> EntityEvidence:
            self[entity] = found = EntityEvidence(entity)
            return found

    return _Collection()


_HARMLESS_WEIGHT = 0.3
"""A shift into the direction that is good for users (latency falls) is a weak sign: something upstream stopped."""


_STATISTIC_LABELS = frozenset(("quantile", "stat", "statistic", "percentile", "agg", "aggregation"))
"""Labels that say which number of a distribution it is.

Others (a country, a pod, a route) name a part of the entity: of its parts the one that is hurt most is compared.
"""

_PEER_LABELS = ("callee", "peer", "peer_service", "destination", "destination_service", "upstream", "target")
"""Labels that name the other end of a call as its caller saw it."""

_WORKER_LABELS = ("consumer", "consumer_group", "subscriber", "subscription", "worker")
"""Labels that name who should have taken from a queue."""

_COUNTDOWN_WORDS = frozenset(("left", "remaining", "expires", "expiry", "ttl"))
"""What runs down by itself says something only when it has run out."""

_SHARED_WORDS = frozenset(("node", "host", "cluster", "machine"))
_WAITING_WORDS = frozenset(("client", "outbound", "egress", "downstream"))
_INDIRECT_WEIGHT = 0.4
"""What is measured on a shared machine, or while waiting for others, says less about the entity itself."""


def read_shifts(table: pa.Table, evidence: Evidence) -> None:
    """Add the signs of the artifact of `metrics.shifts`.

    A call's latency or failures as its caller measured them, with the other end named in a label, count for that
    other end.
    """
    columns = ("entity", "metric", "labels", "indicator_class", "direction", "score", "before", "after", "onset_us")
    rows = [
        row for row in zip(*(table[name].to_pylist() for name in columns), strict=True) if row[5] is not None and row[0]
    ]
    entities = {row[0] for row in rows}
    for row in rows:
        tags = dict(row[2] or ())
        _add_sign(row, tags, _owner(row[0], row[3], tags, entities), evidence)
        _add_moves(row, tags, evidence[row[0]])


Row = tuple[str, str, object, Kind, str, float, float, float, int | None]


def _owner(entity: str, kind: Kind, tags: Mapping[str, str], entities: Collection[str]) -> str:
    """Of whom a series speaks: what waits in a queue for a consumer speaks of the consumer, a call of its callee."""
    names = (*_WORKER_LABELS, *(_PEER_LABELS if kind in SYMPTOM_KINDS else ()))
    return next((tags[name] for name in names if tags.get(name) in entities), entity)


def _add_sign(row: Row, tags: Mapping[str, str], owner: str, evidence: Evidence) -> None:
    entity, metric, _, kind, direction, score, before, after, onset = row
    harm = harmful_direction(metric)
    words = {*words_of(metric), tags.get("scope", "")}
    weight = _HARMLESS_WEIGHT if harm not in (None, direction) else 1.0
    if words & _SHARED_WORDS or (kind in SYMPTOM_KINDS and words & _WAITING_WORDS):
        weight *= _INDIRECT_WEIGHT
    if words & _COUNTDOWN_WORDS and after > 0:
        weight *= _HARMLESS_WEIGHT
    text = f"{metric} went {direction} from {before:.4g} to {after:.4g} (a shift of {score:.1f} wobbles)"
    if owner != entity:
        text = f"{text}, as seen by {entity}"
    seen_by = entity if owner != entity else None
    evidence[owner].add(Sign(kind, metric, score, text, onset, weight=weight, seen_by=seen_by))


def _add_moves(row: Row, tags: Mapping[str, str], found: EntityEvidence) -> None:
    _, metric, _, kind, direction, score, before, after, _ = row
    found.measured.add(metric)
    if kind == "traffic":
        found.add_load(metric, Load(abs(before), abs(after), score))
    elif harmful_direction(metric) in (None, direction) and after != before:
        part = ",".join(f"{name}={value}" for name, value in sorted(tags.items()) if name in _STATISTIC_LABELS)
        found.add_move((metric, part), Move(abs(after - before), score, is_up=direction == "up"))
