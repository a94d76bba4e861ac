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
from dataclasses import dataclass, replace

from .couplings import Dependency, Through, dependencies
from .covering import needed
from .evidence import STANDS_OUT, SYMPTOM_KINDS, EntityEvidence, Evidence, Kind, Sign
from .explaining import (
    OWN,
    Alerting,
    asked_with,
    explains,
    explains_behind,
    in_order,
    measures_felt,
    overload,
    own_sureness,
    symptom,
)
from .suspects import Suspect
from .walk import arrival

_OTHER_SYMPTOM = 0.5
_LEFT_OVER = 0.2
"""The share of a symptom that always stays with its entity, however well it is explained."""
_SELECTED = 0.5
"""An alert is always where something is felt, whatever the cause: there a symptom is only half as telling."""
_UNREACHED = 0.1
_TROUBLED = _LOOKED_AT = 64
"""So many entities in trouble are accounted for, and so many suspects are followed to what explains them."""
_MOST = 0.5
NO_RIVAL = 1_000.0
"""The margin of a suspect that stands alone."""
_NOTICEABLE = 0.5
"""Salience below which an entity does not count as anomalous (about 1.2 wobbles)."""


@dataclass(frozen=True)
class Ranked:
    """One suspect and why.

    `accounts_for` is how many troubled entities it explains that no suspect before it does; 0 where it is not needed.
    `keeps` is how much of a walk from here ends here, and `leads_to` another entity where more than half of it ends:
    that one explains most of its trouble.
    """

    entity: str
    weight: float
    lead: Sign | None
    change: Suspect | None
    signs: tuple[Sign, ...]
    accounts_for: int = 0
    leads_to: str | None = None
    keeps: float = 1.0

    @property
    def strength(self) -> float:
        """Its strongest direct sign in wobbles, without its traffic: that follows the hour of the day."""
        return max((sign.score * sign.weight for sign in self.signs if sign.kind != "traffic"), default=0.0)

    @property
    def sources(self) -> tuple[str, ...]:
        """The kinds of evidence that speak for it."""
        kinds = {str(sign.source) for sign in self.signs if sign.salience >= _NOTICEABLE}
        return tuple(sorted(kinds | ({"changes"} if self.change else set())))


def rank(
    evidence: Evidence,
    edges: Sequence[tuple[str, str, str]],
    *,
    alert_entity: str | None,
    alert_kind: Kind | None,
    ceiling: float = STANDS_OUT,
) -> list[Ranked]:
    """All suspects, best first, before any change is looked at; ties by name.

    Args:
        evidence: signs per entity.
        edges: (caller, callee, kind).
        alert_entity: where the alert fired; without it the walk starts wherever there are symptoms.
        alert_kind: the class of the alert's metric: symptoms of this kind are followed first.
        ceiling: wobbles beyond which an entity is in trouble and needs an explanation.
    """
    nodes = sorted(set(evidence) | {end for edge in edges for end in edge[:2]})
    alert = Alerting(alert_entity, alert_kind)
    blame = _blame(nodes, evidence, dependencies(edges), alert)
    stay = _stay(nodes, blame, evidence, alert)
    reach = _reach(nodes, blame, stay, evidence, alert)
    ranked = []
    for node in nodes:
        found = evidence.get(node)
        own = _own_salience(found, blame.own_shares(node))
        felt = _SELECTED if node == alert_entity else 1.0
        signs = own + felt * blame.left[node] * _symptom_salience(found, alert_kind)
        weight = (signs + 0.05) * (_UNREACHED + reach[node])
        ordered = tuple(sorted(found.signs.values(), key=_importance)) if found else ()
        ranked.append(Ranked(node, weight, ordered[0] if ordered else None, None, ordered))
    ranked.sort(key=lambda row: (-row.weight, row.entity))
    troubled = [row.entity for row in ranked if row.strength >= ceiling][:_TROUBLED]
    ends = arrival(nodes, blame.pull, stay, [{node: 1.0} for node in troubled])
    causes = needed([row.entity for row in ranked], nodes, troubled, ends)
    onward = _onward(nodes, blame, stay, [row.entity for row in ranked[:_LOOKED_AT]])
    found_rows = []
    for row in ranked:
        leads_to, keeps = onward.get(row.entity, (None, 1.0))
        found_rows.append(replace(row, accounts_for=causes.get(row.entity, 0), leads_to=leads_to, keeps=keeps))
    return found_rows


def margin_of(ranked: Sequence[Ranked]) -> float:
    """How many times as much as the second suspect the first one weighs; an echo of the first is no rival of it.

    Without a rival it is `NO_RIVAL`.
    """
    first = ranked[0]
    rival = next((row for row in ranked[1:] if row.leads_to != first.entity), None)
    return min(first.weight / rival.weight, NO_RIVAL) if rival is not None and rival.weight > 0 else NO_RIVAL


def leading_shift(ranked: Sequence[Ranked]) -> float:
    """The strongest shift of the first suspect; where that stands out by itself, also of what it explains."""
    first = ranked[0]
    if first.strength < STANDS_OUT:
        return first.strength
    return max(row.strength for row in ranked if row is first or row.leads_to == first.entity)


def _onward(
    nodes: Sequence[str], blame: _Blame, stay: Mapping[str, float], entities: Sequence[str]
) -> dict[str, tuple[str | None, float]]:
    """For every entity the other one that explains most of its trouble, if there is one, and what stays with itself."""
    shares = arrival(nodes, blame.pull, stay, [{entity: 1.0} for entity in entities])
    place = {node: index for index, node in enumerate(nodes)}
    found: dict[str, tuple[str | None, float]] = {}
    for entity, row in zip(entities, shares, strict=True):
        end = int(row.argmax())
        is_other = nodes[end] != entity and row[end] > _MOST
        found[entity] = (nodes[end] if is_other else None, float(row[place[entity]]))
    return found


@dataclass(frozen=True)
class _Blame:
    """Who accounts for whose trouble.

    Args:
        pull: per (dependent, source), 0 to 1.
        left: per entity the share of its symptoms that nobody accounts for.
        own_left: the same of its own signs, which only its load or its tenants account for.
    """

    pull: Mapping[tuple[str, str], float]
    left: Mapping[str, float]
    own_left: Mapping[str, float]

    def own_shares(self, node: str) -> dict[Kind, float]:
        """The share of an entity's own signs of each kind that nobody accounts for."""
        echoes = min(self.left[node], self.own_left[node])
        return {kind: echoes if kind in _ECHOES else self.own_left[node] for kind, _ in OWN}


def _blame(nodes: Sequence[str], evidence: Evidence, coupled: Sequence[Dependency], alert: Alerting) -> _Blame:
    pull: dict[tuple[str, str], float] = {}
    most: dict[str, float] = dict.fromkeys(nodes, 0.0)
    most_own: dict[str, float] = dict.fromkeys(nodes, 0.0)
    by_load: dict[str, float] = dict.fromkeys(nodes, 0.0)
    behind = _callees(coupled, evidence)
    for one in sorted(coupled, key=lambda one: one.through == "sibling"):
        here, there = evidence.get(one.dependent), evidence.get(one.source)
        if one.through == "sibling":
            # Load that no caller passed on: a part beside it may have stopped taking it.
            beside = own_sureness(there, without=("saturation", "logs", "traffic", "self_time", "error_origin"))
            share = max(overload(here) - by_load[one.dependent], 0.0) * beside
            most_own[one.dependent] = max(most_own[one.dependent], share * in_order(here, there))
            share = max(share, asked_with(here, there))
        else:
            share = explains(here, there, one.through, alert)
            if one.through == "call" and not measures_felt(here, there, alert):
                share = max(share, explains_behind(here, behind.get(one.source, ()), alert))
        share *= in_order(here, there)
        if one.through == "load":
            by_load[one.dependent] = max(by_load[one.dependent], share)
        if one.through in _MOVES_ALL:
            most_own[one.dependent] = max(most_own[one.dependent], share)
        if share <= 0 and one.through not in ("call", "machine", "content", "drain"):
            continue
        pair = (one.dependent, one.source)
        pull[pair] = max(pull.get(pair, 0.0), share)
        most[one.dependent] = max(most[one.dependent], share)
    left = {node: max(_LEFT_OVER, 1.0 - most[node]) for node in nodes}
    return _Blame(pull, left, {node: max(_LEFT_OVER, 1.0 - most_own[node]) for node in nodes})


def _callees(coupled: Sequence[Dependency], evidence: Evidence) -> dict[str, list[EntityEvidence]]:
    found: dict[str, list[EntityEvidence]] = {}
    for one in coupled:
        if one.through == "call" and one.source in evidence:
            found.setdefault(one.dependent, []).append(evidence[one.source])
    return found


_MOVES_ALL: tuple[Through, ...] = ("tenant", "load")
"""Couplings that account for what speaks of the entity itself as well: its load is the reason why it is busy.

So does the load that a sibling takes no more.
"""


def is_anomalous(evidence: EntityEvidence) -> bool:
    """Whether anything about the entity stands out but its traffic, which follows the hour of the day."""
    return any(sign.score * sign.weight >= STANDS_OUT for sign in evidence.signs.values() if sign.kind != "traffic")


def _importance(sign: Sign) -> tuple[float, str]:
    weights = dict(OWN)
    return -sign.salience * weights.get(sign.kind, 0.7), sign.indicator


def _own_salience(found: EntityEvidence | None, shares: Mapping[Kind, float]) -> float:
    """The sum of an entity's own signs; what it says and where errors surface can be the echo of others' trouble."""
    if found is None:
        return 0.0
    parts = sorted((found.strength(kind) * weight * shares[kind] for kind, weight in OWN), reverse=True)
    return sum(part * 0.5**place for place, part in enumerate(parts))


_ECHOES: tuple[Kind, ...] = ("logs", "error_origin", "feature", "traffic")


def _symptom_salience(found: EntityEvidence | None, alert_kind: Kind | None) -> float:
    if found is None:
        return 0.0
    if alert_kind is None or alert_kind not in SYMPTOM_KINDS:
        return found.strength(*SYMPTOM_KINDS)
    others = max((found.strength(kind) for kind in SYMPTOM_KINDS if kind != alert_kind), default=0.0)
    return max(found.strength(alert_kind), _OTHER_SYMPTOM * others)


def _stay(nodes: Sequence[str], blame: _Blame, evidence: Evidence, alert: Alerting) -> dict[str, float]:
    """How much of the blame that comes to an entity ends there."""
    kept = {}
    for node in nodes:
        found = evidence.get(node)
        felt = symptom(found, alert.kind) * (_SELECTED if node == alert.entity else 1.0)
        kept[node] = felt * blame.left[node] + own_sureness(found, shares=blame.own_shares(node))
    return kept


def _reach(
    nodes: Sequence[str], blame: _Blame, stay: Mapping[str, float], evidence: Evidence, alert: Alerting
) -> dict[str, float]:
    """How much of the walk ends at a node, over the share of an average node; 1 everywhere without couplings."""
    if not blame.pull:
        return dict.fromkeys(nodes, 1.0)
    if alert.entity is not None and any(dependent == alert.entity for dependent, _ in blame.pull):
        starts = {alert.entity: 1.0}
    else:
        starts = {node: symptom(evidence.get(node), alert.kind) + own_sureness(evidence.get(node)) for node in nodes}
    shares = arrival(nodes, blame.pull, stay, [starts])[0]
    return {node: math.sqrt(share * len(nodes)) for node, share in zip(nodes, shares.tolist(), strict=True)}
