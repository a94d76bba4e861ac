"""One subject, several recommendations: which can be had together, and what each then still saves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from .amounts import scaled_saving
from .types import Held, Recommendation, RecommendationKind

RANK: Mapping[RecommendationKind, int] = {
    "decommission": 0,
    "schedule": 1,
    "replicas": 2,
    "rightsize": 3,
    "spot": 4,
    "commitment": 5,
    "llm": 6,
}
"""What goes first: what is gone needs no schedule, and what is off at night is sized for the day. Rates come last,
because they are paid on what is left.
"""


def by_resource(recommendation: Recommendation) -> Recommendation:
    """The same with sizes by the name of their resource, where an analysis of one resource says request and limit."""
    resource = recommendation.resource
    names = {"request": resource, "limit": f"{resource}_limit"}
    if not resource or not names.keys() & {*recommendation.current, *recommendation.proposed}:
        return recommendation
    renamed = {
        when: {names.get(name, name): value for name, value in values.items()}
        for when, values in (("current", recommendation.current), ("proposed", recommendation.proposed))
    }
    return recommendation.model_copy(update=renamed)


def resolve(
    recommendations: Sequence[Recommendation], costs: Mapping[str, float], same: Mapping[str, str] | None = None
) -> tuple[list[Recommendation], list[Held]]:
    """The recommendations that can be had together, each with what it saves after those before it.

    Within a kind the savings of one subject add up, because they are of different resources. Across kinds each saves
    its share of what the ones before have left of the subject's cost. Where that cost is not known, the later kind is
    held: counting it in full would count some money twice.

    Args:
        recommendations: of any subjects.
        costs: subject to its effective cost per month, in the recommendations' currency.
        same: a thing of the inventory to the workload that it runs as: both are one subject here.
    """
    one_of = same or {}
    by_subject: dict[str, list[Recommendation]] = defaultdict(list)
    for each in recommendations:
        by_subject[one_of.get(each.subject, each.subject)].append(each)
    kept: list[Recommendation] = []
    held: list[Held] = []
    for subject, options in by_subject.items():
        mine, others = _resolve_one(options, costs.get(subject))
        kept += mine
        held += others
    return kept, held


def _resolve_one(options: Sequence[Recommendation], cost: float | None) -> tuple[list[Recommendation], list[Held]]:
    kept: list[Recommendation] = []
    held: list[Held] = []
    left, share, kind = cost or 0.0, 1.0, None
    for each in sorted(options, key=lambda one: (RANK[one.kind], -one.saving.effective.expected, one.id)):
        rival = next((one for one in kept if _excludes(one, each)), None)
        if rival is not None:
            held.append(_held(each, f"{rival.kind} of the same subject is recommended ({rival.id})"))
            continue
        if each.kind != kind and kept:
            if not cost:
                held.append(_held(each, f"what {kept[0].kind} ({kept[0].id}) leaves of the cost is not known"))
                continue
            share = max(left, 0.0) / cost
        kind = each.kind
        mine = each if share == 1.0 else each.model_copy(update={"saving": scaled_saving(each.saving, share)})
        left -= mine.saving.effective.expected
        kept.append(mine)
    return kept, held


def _excludes(one: Recommendation, other: Recommendation) -> bool:
    if other.id in one.excludes or one.id in other.excludes:
        return True
    return one.kind == "decommission"


def _held(each: Recommendation, detail: str) -> Held:
    return Held(
        kind=each.kind,
        subject=each.subject,
        resource=each.resource,
        reason="another_option",
        detail=detail,
        basis=each.basis,
    )
