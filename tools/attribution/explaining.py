"""How much of the trouble of one entity another one accounts for, from 0 to 1.

Waiting time adds up along calls, and a failed call fails its caller: so where both sides have the same metric, a callee
explains as much of its caller's change as its own change amounts to. Means and shares are taken times the number of
requests, where both sides count them in the same metric: a callee with seven failed requests explains seven of a
caller's forty. Quantiles do not add up; of them only the sizes are compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..metrics.indicators import classify, words_of
from .couplings import Through
from .evidence import SYMPTOM_KINDS, EntityEvidence, Evidence, Kind, Load, MoveKey, sureness

OWN: tuple[tuple[Kind, float], ...] = (
    ("version", 1.0),
    ("segment", 1.0),
    ("model", 1.0),
    ("error_origin", 1.0),
    ("self_time", 1.0),
    ("calls", 1.0),
    ("saturation", 0.8),
    ("logs", 0.9),
    ("other", 0.8),
    ("feature", 0.8),
    ("state", 0.9),
    ("traffic", 0.25),
)
"""Kinds of signs that speak of the entity itself, and how directly."""

_FELT = 2.0
"""Wobbles from which a metric counts as hurt when somebody is asked for an explanation."""
_ALERTED = 1.0
"""The same where the alert fired: that it is hurt there needs no proof."""
_CROSS = 0.7
"""How well trouble of one kind explains trouble of another kind, at best."""
_CONTENT = 0.9
"""How well a writer whose data have changed explains readers that reject them or answer differently."""
_SAID = 0.9
"""How well it explains trouble that the one who has it names another in its logs."""
_OTHER_SYMPTOM = 0.5
"""An alert about latency is explained by errors of a callee, and the other way round, but less surely."""
_UPWARD = 0.5
"""The same from a caller to its callee: most trouble comes from below."""
_LATER_US = 600_000_000
"""A slow rise is seen later in a restless series, so that ten minutes say nothing about the order."""
_TOO_LATE = 0.5
_BEHIND = 0.9
"""How well an explanation holds across a callee that is not measured."""
_ADDITIVE = frozenset(("mean", "avg", "average", "sum", "rate", "ratio"))
_REQUESTS = frozenset("request requests calls invocations workload rps qps tps count messages queries".split())
_SILENT = 0.5
"""Who gets less than this share of the usual requests cannot show in its own metrics what is wrong with it."""


@dataclass(frozen=True)
class Alerting:
    """Where the alert fired, and the class of its metric, as far as they are known."""

    entity: str | None
    kind: Kind | None


def own_sureness(
    found: EntityEvidence | None, *, without: tuple[Kind, ...] = (), shares: Mapping[Kind, float] | None = None
) -> float:
    """How sure it is that something is wrong with the entity itself, 0 to 1: its signs as independent witnesses.

    Args:
        found: the entity.
        without: kinds that do not count.
        shares: of a kind, how much of it nobody else accounts for; 1 where it is not given.
    """
    if found is None:
        return 0.0
    doubt = 1.0
    for kind, weight in OWN:
        if kind in found.signs and kind not in without:
            share = shares.get(kind, 1.0) if shares is not None else 1.0
            doubt *= 1.0 - weight * share * found.signs[kind].sureness
    return 1.0 - doubt


def symptom(found: EntityEvidence | None, alert_kind: Kind | None) -> float:
    """How sure it is that callers of the entity feel something, 0 to 1.

    Wobbles of different entities are not comparable: a busy one has a small wobble. So for following a symptom it
    counts that it is there, not how many wobbles it has.
    """
    if found is None:
        return 0.0
    sure = {kind: found.signs[kind].sureness for kind in SYMPTOM_KINDS if kind in found.signs}
    if alert_kind is not None and alert_kind in sure:
        others = [value for kind, value in sure.items() if kind != alert_kind]
        return max(sure[alert_kind], _OTHER_SYMPTOM * max(others, default=0.0))
    return max(sure.values(), default=0.0)


def explains(
    dependent: EntityEvidence | None, source: EntityEvidence | None, through: Through, alert: Alerting
) -> float:
    """How much of the trouble of `dependent` comes from `source` in this way; `sibling` is left to the caller."""
    if source is None:
        return 0.0
    if through == "call":
        return _by_call(dependent, source, alert)
    if dependent is None:
        return 0.0
    if through == "machine":
        # A machine that is busy slows its tenants down, and one that fails takes them with it.
        return _CROSS * max(
            _surest(dependent, "latency", "self_time", "errors") * _surest(source, "saturation"),
            _surest(dependent, "errors", "error_origin", "logs") * _surest(source, "errors"),
        )
    if through == "content":
        return _by_content(dependent, source)
    if through == "drain":
        return _by_drain(dependent, source)
    if through == "tenant":
        return _shared(dependent, source, "saturation")
    if through == "load":
        return _by_load(dependent, source)
    return _by_requests(dependent, source) if through == "request" else 0.0


def in_order(dependent: EntityEvidence | None, source: EntityEvidence | None) -> float:
    """1, or less where the source went out of order clearly after what it should explain."""
    if dependent is None or source is None or dependent.onset_us is None or source.onset_us is None:
        return 1.0
    return 1.0 if source.onset_us - dependent.onset_us <= _LATER_US else _TOO_LATE


def explains_behind(dependent: EntityEvidence | None, behind: Sequence[EntityEvidence], alert: Alerting) -> float:
    """How much the callees of a callee account for together, where the one between does not measure what is felt."""
    if dependent is None:
        return 0.0
    sums = [
        sum(_share_of(dependent, source, keys) for source in behind if metric in source.measured)
        for metric, keys in _felt(dependent, alert).items()
    ]
    return _BEHIND * min(max(sums, default=0.0), 1.0)


def measures_felt(dependent: EntityEvidence | None, source: EntityEvidence | None, alert: Alerting) -> bool:
    """Whether a callee measures anything of what its caller feels."""
    felt = _felt(dependent, alert) if dependent is not None else {}
    return source is not None and any(metric in source.measured for metric in felt)


def overload(found: EntityEvidence | None) -> float:
    """Which share of the load of an entity is beyond the usual, as far as it is sure: 0 to 1."""
    load = _requests(found.loads) if found is not None else None
    return (1.0 - 1.0 / load.growth) * sureness(load.score) if load is not None else 0.0


def alert_shift(evidence: Evidence, entity: str | None, metric: str | None) -> float | None:
    """How far what the alert is about moved where it fired, in wobbles; `None` if that is not measured there.

    By the metric of the alert if the entity has one of that name, else by its class.
    """
    found = evidence.get(entity) if entity is not None else None
    if found is None or metric is None:
        return None
    if metric in found.loads:
        return found.loads[metric].score
    if metric in found.measured:
        return max((move.score for key, move in found.moves.items() if key[0] == metric), default=0.0)
    kind = classify(metric)
    sign = found.signs.get(kind) if kind in SYMPTOM_KINDS else None
    return sign.score if sign is not None else None


def _by_call(dependent: EntityEvidence | None, source: EntityEvidence, alert: Alerting) -> float:
    felt = _felt(dependent, alert) if dependent is not None else {}
    shared = [keys for metric, keys in felt.items() if metric in source.measured]
    best = 0.0
    if dependent is not None:
        best = max((_share_of(dependent, source, keys) for keys in shared), default=0.0)
        said = [sign.sureness for sign in source.signs.values() if sign.seen_by == dependent.entity]
        best = max(best, _SAID * max(said, default=0.0))
        if _is_silent(source):
            best = max(best, _CROSS * own_sureness(source, without=("saturation", "self_time", "traffic")))
    # A bad answer can come from anything that is wrong with a callee, and so can the trouble of a caller that shares no
    # metric with it.
    if not shared or any(classify(metric) == "quality" for metric in felt):
        # A busy callee is slow or fails, but does not answer wrongly.
        is_quality = bool(felt) and all(classify(metric) == "quality" for metric in felt)
        own = own_sureness(source, without=("saturation", "self_time", "traffic") if is_quality else ())
        best = max(best, _CROSS * max(own, symptom(source, None)))
    if dependent is not None:
        best = max(best, _by_data(dependent, source))
        # Whoever gets other answers than before goes on differently.
        best = max(best, _CROSS * _surest(dependent, "calls") * _surest(source, "calls"))
    return best


def _by_data(dependent: EntityEvidence, source: EntityEvidence) -> float:
    """Answers are bad because of what is read, and data are late or wrong because those they are made of are."""
    served = _CONTENT * _feature(source) * max(_surest(dependent, "quality"), _feature(dependent))
    return max(served, _CONTENT * _feature(dependent) * _surest(source, "quality"))


def _by_drain(queue: EntityEvidence, consumer: EntityEvidence) -> float:
    """A queue fills because its consumer takes less: by what waits for it, or by what is wrong with it."""
    waits = [sign.sureness for sign in consumer.signs.values() if sign.seen_by == queue.entity]
    full = _surest(queue, "saturation", "latency", "other")
    return max(_SAID * max(waits, default=0.0), _CROSS * full * own_sureness(consumer, without=("traffic",)))


def _feature(found: EntityEvidence) -> float:
    """How sure it is that data of the entity have changed: in full of what it serves itself, be it as the messenger."""
    sign = found.signs.get("feature")
    if sign is None:
        return 0.0
    return sign.sureness if sign.seen_by is not None else sureness(sign.score)


def _by_content(dependent: EntityEvidence, source: EntityEvidence) -> float:
    """Bad data show as bad answers, rejected records or other values, not as slowness."""
    suffers = max(_surest(dependent, "quality", "errors", "other", "logs"), _feature(dependent))
    wrong = max(own_sureness(source, without=("saturation", "traffic")), _surest(source, "quality"))
    return max(_CONTENT * suffers * wrong, _shared(dependent, source, "other"), _shared(dependent, source, "quality"))


def _by_load(dependent: EntityEvidence, source: EntityEvidence) -> float:
    """An overload comes from the caller as far as the caller's own load grew as much."""
    here, there = _requests(dependent.loads), _requests(source.loads)
    if here is None or there is None or here.growth <= 1.0:
        return 0.0
    passed_on = min(math.log(there.growth) / math.log(here.growth), 1.0)
    return overload(dependent) * passed_on * sureness(there.score)


def _by_requests(dependent: EntityEvidence, source: EntityEvidence) -> float:
    """Bad answers to other requests than usual: the caller's own values or decisions have changed."""
    changed = max(_surest(source, "other"), _UPWARD * _surest(source, "quality"))
    return _UPWARD * _surest(dependent, "quality") * changed


def asked_with(dependent: EntityEvidence | None, source: EntityEvidence | None) -> float:
    """How much the answers of one callee account for those of another, which the caller may ask with them.

    A decision follows the score that was got before. Which of the two is asked first is not known.
    """
    if dependent is None or source is None:
        return 0.0
    return _UPWARD * _surest(dependent, "quality") * max(_surest(source, "quality"), _feature(source))


def _surest(found: EntityEvidence, *kinds: Kind) -> float:
    return max((found.signs[kind].sureness for kind in kinds if kind in found.signs), default=0.0)


def _shared(dependent: EntityEvidence, source: EntityEvidence, kind: Kind) -> float:
    """How much of the moves of a kind the source's moves of the same metrics amount to."""
    keys = [key for key, move in dependent.moves.items() if classify(key[0]) == kind and move.score >= _FELT]
    best = 0.0
    for key in keys:
        here, there = dependent.moves[key], source.moves.get(key)
        if there is not None and there.is_up == here.is_up:
            best = max(best, min(1.0, there.harm / here.harm) * sureness(there.score))
    return best


def _felt(caller: EntityEvidence, alert: Alerting) -> dict[str, list[MoveKey]]:
    """The symptom metrics that hurt a caller with the hurt statistics of each; those of the alert's kind, if any."""
    hurt: dict[str, list[MoveKey]] = {}
    enough = _ALERTED if caller.entity == alert.entity else _FELT
    for key, move in sorted(caller.moves.items()):
        if move.score >= enough and classify(key[0]) in SYMPTOM_KINDS:
            hurt.setdefault(key[0], []).append(key)
    of_the_alert = {metric: keys for metric, keys in hurt.items() if classify(metric) == alert.kind}
    return of_the_alert or hurt


def _share_of(caller: EntityEvidence, callee: EntityEvidence, keys: list[MoveKey]) -> float:
    """How much of one metric's change a callee accounts for: by what adds up, else by the quantile that grew most.

    A fault that hits one request in fifty shows in the highest quantile alone.
    """
    additive = [key for key in keys if _adds_up(key)]
    key = max(additive or keys, key=lambda key: (caller.moves[key].harm, key))
    here, there = caller.moves[key], callee.moves.get(key)
    if there is None or there.is_up != here.is_up:
        return 0.0
    times = _requests_ratio(caller, callee) if additive else 1.0
    return min(1.0, there.harm * times / here.harm) * sureness(there.score)


def _adds_up(key: MoveKey) -> bool:
    statistic = key[1].rpartition("=")[2].lower()
    return not statistic or statistic in _ADDITIVE


def _requests_ratio(caller: EntityEvidence, callee: EntityEvidence) -> float:
    """Requests of the callee over those of the caller in the window; 1 if they are not counted alike."""
    for metric in sorted(set(caller.loads) & set(callee.loads)):
        here, there = caller.loads[metric].after, callee.loads[metric].after
        if _REQUESTS & set(words_of(metric)) and here > 0:
            return there / here
    return 1.0


def _requests(loads: Mapping[str, Load]) -> Load | None:
    """The load in requests; of several metrics the first by name."""
    named = [loads[metric] for metric in sorted(loads) if _REQUESTS & set(words_of(metric))]
    return named[0] if named else None


def _is_silent(found: EntityEvidence) -> bool:
    load = _requests(found.loads)
    return load is not None and load.score >= _FELT and load.after < _SILENT * load.before
