"""One order of all suspects, out of signs of different kinds and the call graph.

For every entity three things are weighed:
- its *own* signs: they speak of the entity itself (resources, data quality, time spent in its own code, errors that
  start there,
  a newer version that does worse, new error logs);
- its *symptoms* (latency, errors), as far as no callee explains them;
- how much of a walk down the call graph, from the alert, ends there.

The parts of a sum of signs count less and less (1, 1/2, 1/4, …): three weak signs do not outweigh a strong one, but
they decide between equals. No weight here was fitted to a data set.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..metrics.indicators import classify
from .evidence import SYMPTOM_KINDS, EntityEvidence, Evidence, Kind, MoveKey, Sign, sureness
from .suspects import Suspect
from .walk import arrival

_OWN: tuple[tuple[Kind, float], ...] = (
    ("version", 1.0),
    ("error_origin", 1.0),
    ("self_time", 1.0),
    ("saturation", 0.8),
    ("logs", 0.9),
    ("other", 0.8),
    ("traffic", 0.25),
)
_OTHER_SYMPTOM = 0.5
"""An alert about latency is explained by errors of a callee, and the other way round, but less surely."""
_FELT = 2.0
"""Wobbles from which a caller's metric counts as hurt when its callees are asked for an explanation."""
_CROSS = 0.7
"""How well trouble of one kind at a callee explains trouble of another kind at its caller, at best."""
_LEFT_OVER = 0.2
"""The share of a symptom that always stays with its entity, however well its callees explain it."""
_UNREACHED = 0.1
_NOTICEABLE = 0.5
"""Salience below which an entity does not count as anomalous (about 1.2 wobbles)."""


@dataclass(frozen=True)
class Ranked:
    """One suspect and why."""

    entity: str
    weight: float
    lead: Sign | None
    change: Suspect | None
    signs: tuple[Sign, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The kinds of evidence that speak for it."""
        kinds = {str(sign.source) for sign in self.signs if sign.salience >= _NOTICEABLE}
        return tuple(sorted(kinds | ({"changes"} if self.change else set())))


def rank(
    evidence: Evidence,
    edges: Sequence[tuple[str, str]],
    *,
    alert_entity: str | None,
    alert_kind: Kind | None,
) -> list[Ranked]:
    """All suspects, best first, before any change is looked at; ties by name.

    Args:
        evidence: signs per entity.
        edges: (caller, callee).
        alert_entity: where the alert fired; without it the walk starts wherever there are symptoms.
        alert_kind: the class of the alert's metric: symptoms of this kind are followed first.
    """
    nodes = sorted(set(evidence) | {end for edge in edges for end in edge})
    symptom = {node: _symptom(evidence.get(node), alert_kind) for node in nodes}
    own = {node: _own_sureness(evidence.get(node)) for node in nodes}
    pull = {
        (caller, callee): explains(evidence.get(caller), evidence.get(callee), alert_kind)
        for caller, callee in edges
        if caller != callee
    }
    explained: dict[str, float] = dict.fromkeys(nodes, 0.0)
    for (caller, _), weight in pull.items():
        explained[caller] = max(explained[caller], weight)
    unexplained = {node: max(_LEFT_OVER, 1.0 - explained[node]) for node in nodes}
    reach = _reach(nodes, pull, symptom, own, unexplained, alert_entity)
    ranked = []
    for node in nodes:
        found = evidence.get(node)
        signs = _own_salience(found) + unexplained[node] * _symptom_salience(found, alert_kind)
        weight = (signs + 0.05) * (_UNREACHED + reach[node])
        ordered = tuple(sorted(found.signs.values(), key=_importance)) if found else ()
        ranked.append(Ranked(node, weight, ordered[0] if ordered else None, None, ordered))
    ranked.sort(key=lambda row: (-row.weight, row.entity))
    return ranked


def is_anomalous(evidence: EntityEvidence) -> bool:
    """Whether anything about the entity stands out."""
    return any(sign.score >= 3.0 for sign in evidence.signs.values())


def _importance(sign: Sign) -> tuple[float, str]:
    weights = dict(_OWN)
    return -sign.salience * weights.get(sign.kind, 0.7), sign.indicator


def _own_salience(found: EntityEvidence | None) -> float:
    if found is None:
        return 0.0
    parts = sorted((found.strength(kind) * weight for kind, weight in _OWN), reverse=True)
    return sum(part * 0.5**place for place, part in enumerate(parts))


def _own_sureness(found: EntityEvidence | None) -> float:
    """How sure it is that something is wrong with the entity itself, 0 to 1: its signs as independent witnesses."""
    if found is None:
        return 0.0
    doubt = 1.0
    for kind, weight in _OWN:
        if kind in found.signs:
            doubt *= 1.0 - weight * found.signs[kind].sureness
    return 1.0 - doubt


def _symptom_salience(found: EntityEvidence | None, alert_kind: Kind | None) -> float:
    if found is None:
        return 0.0
    if alert_kind is None or alert_kind not in SYMPTOM_KINDS:
        return found.strength(*SYMPTOM_KINDS)
    others = max((found.strength(kind) for kind in SYMPTOM_KINDS if kind != alert_kind), default=0.0)
    return max(found.strength(alert_kind), _OTHER_SYMPTOM * others)


def _symptom(found: EntityEvidence | None, alert_kind: Kind | None) -> float:
    """How sure it is that callers of the entity are hurt by it, from 0 to 1.

    Wobbles of different entities are not comparable: a busy one has a small wobble. So for following a symptom through
    the call graph it counts that it is there, not how many wobbles it has.
    """
    if found is None:
        return 0.0
    sure = {kind: found.signs[kind].sureness for kind in SYMPTOM_KINDS if kind in found.signs}
    if alert_kind is not None and alert_kind in sure:
        others = [value for kind, value in sure.items() if kind != alert_kind]
        return max(sure[alert_kind], _OTHER_SYMPTOM * max(others, default=0.0))
    return max(sure.values(), default=0.0)


def explains(caller: EntityEvidence | None, callee: EntityEvidence | None, alert_kind: Kind | None) -> float:
    """How much of a caller's symptoms its callee can account for, from 0 to 1.

    Latency adds up along a call, and a failed call fails its caller: so where both sides have the same metric, the
    callee explains as much of the caller's change as its own change amounts to, in the unit of the metric. A bad
    answer can come from anything that is wrong with a callee, and so can the trouble of a caller that shares no
    metric with it; there only how sure the callee's own trouble is can be weighed.
    """
    if callee is None:
        return 0.0
    felt = _felt(caller, alert_kind) if caller is not None else {}
    shared = [key for metric, key in felt.items() if metric in callee.measured]
    best = 0.0
    for key in shared:
        move = callee.moves.get(key)
        if caller is not None and move is not None:
            best = max(best, min(1.0, move.harm / caller.moves[key].harm) * sureness(move.score))
    if not shared or any(classify(metric) == "quality" for metric in felt):
        best = max(best, _CROSS * max(_own_sureness(callee), _symptom(callee, None)))
    return best


def _felt(caller: EntityEvidence, alert_kind: Kind | None) -> dict[str, MoveKey]:
    """The metrics that hurt a caller, those of the alert's kind if any; of several quantiles the one that grew most.

    A fault that hits one request in fifty shows in the highest quantile alone.
    """
    hurt: dict[str, MoveKey] = {}
    for key, move in caller.moves.items():
        if move.score >= _FELT and (key[0] not in hurt or move.harm > caller.moves[hurt[key[0]]].harm):
            hurt[key[0]] = key
    of_the_alert = {metric: key for metric, key in hurt.items() if classify(metric) == alert_kind}
    return of_the_alert or hurt


def _reach(
    nodes: Sequence[str],
    pull: Mapping[tuple[str, str], float],
    symptom: Mapping[str, float],
    own: Mapping[str, float],
    unexplained: Mapping[str, float],
    alert_entity: str | None,
) -> dict[str, float]:
    """How much of the walk ends at a node, over the share of an average node; 1 everywhere without a call graph."""
    if not pull:
        return dict.fromkeys(nodes, 1.0)
    if alert_entity in symptom and any(caller == alert_entity for caller, _ in pull):
        starts = {str(alert_entity): 1.0}
    else:
        starts = {node: symptom[node] + own[node] for node in nodes}
    stay = {node: symptom[node] * unexplained[node] + own[node] for node in nodes}
    shares = arrival(nodes, pull, stay, starts)
    return {node: math.sqrt(share * len(nodes)) for node, share in shares.items()}
