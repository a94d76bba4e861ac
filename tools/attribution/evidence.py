"""What the artifacts say about each entity, brought to one unit: salience.

A score of 3 wobbles has the salience 1, and every doubling beyond adds about one more: a shift of 1000 is stronger
evidence than one of 10, but not a hundred times as strong.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from ..metrics.indicators import harmful_direction, words_of

Kind = Literal[
    "latency",
    "errors",
    "saturation",
    "traffic",
    "quality",
    "other",
    "self_time",
    "error_origin",
    "calls",
    "logs",
    "version",
]

Source = Literal["metrics", "traces", "calls", "logs"]

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
    """

    kind: Kind
    indicator: str
    score: float
    text: str
    onset_us: int | None = None
    source: Source = "metrics"
    weight: float = 1.0

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
    """How far a symptom metric got worse, in its own unit: comparable between entities that share the metric.

    Args:
        harm: > 0; the change into the harmful direction.
        score: the same in wobbles.
    """

    harm: float
    score: float


MoveKey = tuple[str, str]
"""Metric, and which statistic of it (a quantile), if it is a distribution."""


@dataclass
class EntityEvidence:
    """The strongest sign of each kind of one entity, the moves of its symptom metrics, and what is measured of it.

    A metric that is measured and has no move did not get worse; of one that is not measured nothing is known.
    """

    entity: str
    signs: dict[Kind, Sign] = field(default_factory=dict)
    moves: dict[MoveKey, Move] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)

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

    def strength(self, *kinds: Kind) -> float:
        """The largest salience among some kinds; 0 if there is no sign of them."""
        return max((self.signs[kind].salience for kind in kinds if kind in self.signs), default=0.0)


_MOST_WOBBLES = 100.0


def salience(score: float) -> float:
    """Bring a score in wobbles to the common unit; beyond a hundred wobbles a larger number says nothing more."""
    return math.log2(1 + min(max(score, 0.0), _MOST_WOBBLES) / 3)


def sureness(score: float) -> float:
    """0 for no wobble, 0.63 for three, 0.96 for ten."""
    return 1.0 - math.exp(-max(score, 0.0) / 3.0)


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
    for entity, metric, labels, kind, direction, score, before, after, onset in rows:
        tags = dict(labels or ())
        harm = harmful_direction(metric)
        words = {*words_of(metric), tags.get("scope", "")}
        weight = _HARMLESS_WEIGHT if harm not in (None, direction) else 1.0
        if words & _SHARED_WORDS or (kind in SYMPTOM_KINDS and words & _WAITING_WORDS):
            weight *= _INDIRECT_WEIGHT
        text = f"{metric} went {direction} from {before:.4g} to {after:.4g} ({score:.1f} times its usual wobble)"
        peer = next((tags[name] for name in _PEER_LABELS if tags.get(name) in entities), None)
        owner = peer if peer is not None and peer != entity and kind in SYMPTOM_KINDS else entity
        if owner != entity:
            text = f"{text}, as seen by {entity}"
        evidence[owner].add(Sign(kind, metric, score, text, onset, weight=weight))
        evidence[entity].measured.add(metric)
        if kind in SYMPTOM_KINDS and harm == direction and after != before:
            part = ",".join(f"{name}={value}" for name, value in sorted(tags.items()) if name in _STATISTIC_LABELS)
            evidence[entity].add_move((metric, part), Move(abs(after - before), score))
