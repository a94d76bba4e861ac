"""Judges what was recommended for an invented fleet by the labels beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...tools.recommendations.types import Recommendation
from ...tools.schedules.windows import parse_windows
from ..fleets.labels import Label, Labels, Said
from ..suite import Metric, Suite

SUITE = Suite(
    name="fleets",
    description="recommend what is waste in an invented fleet, and nothing else",
    metrics=(
        Metric(
            name="right", kind="proportion", description="a planted situation gets the right recommendation or silence"
        ),
        Metric(name="recommended", kind="proportion", description="of those that call for a recommendation"),
        Metric(name="silent", kind="proportion", description="of those that call for silence"),
        Metric(
            name="false_clean",
            kind="mean",
            description="share of clean subjects of a fleet that get a recommendation (lower is better)",
            lower_is_better=True,
        ),
        Metric(
            name="false_watchful",
            kind="mean",
            description="the same, of the clean subjects that look like waste",
            lower_is_better=True,
        ),
    ),
)

_REPLICAS = ("replicas", "replicas_least")


def judge(labels: Sequence[Label], made: Sequence[Recommendation]) -> bool:
    """Whether everything about one planted situation is as its labels want it.

    A subject that calls for a recommendation must get one of the right kinds that keeps what is needed, and none of
    those kinds that does not.
    """
    return all(_holds(label, [one for one in made if one.subject == label.subject]) for label in labels)


def situation_scores(labels: Labels, made: Sequence[Recommendation]) -> dict[str, dict[str, float]]:
    """Metrics of every planted situation of a fleet, by its name."""
    found: dict[str, dict[str, float]] = {}
    for situation in dict.fromkeys(label.situation for label in labels.planted):
        mine = [label for label in labels.planted if label.situation == situation]
        is_right = float(judge(mine, made))
        which = "recommended" if any(label.must == "recommend" for label in mine) else "silent"
        found[situation] = {"right": is_right, which: is_right}
    return found


def clean_scores(labels: Labels, made: Sequence[Recommendation]) -> dict[str, float]:
    """How many of the clean subjects get a recommendation that they should not have."""
    subjects = {one.subject for one in made}
    watchful = [subject for subject in labels.clean if subject in labels.watchful]
    return {
        "false_clean": _share(labels.clean, subjects),
        "false_watchful": _share(watchful, subjects),
    }


def _share(subjects: Sequence[str], named: set[str]) -> float:
    return sum(subject in named for subject in subjects) / len(subjects) if subjects else 0.0


def _holds(label: Label, made: Sequence[Recommendation]) -> bool:
    meant = [one for one in made if any(_is(said, one) for said in label.said)]
    if label.must == "silent":
        return all(_is_harmless(label, one) for one in meant)
    return bool(meant) and all(_keeps(label, one) for one in meant)


def _is(said: Said, one: Recommendation) -> bool:
    return said.kind == one.kind and said.resource in ("", one.resource)


def _is_harmless(label: Label, one: Recommendation) -> bool:
    """A proposal that keeps what is needed of a resource with a known need takes nothing away."""
    least = label.least.get(one.resource)
    proposed = _number(one.proposed, one.resource)
    if proposed is None:
        proposed = _number(one.proposed, "request")
    return least is not None and proposed is not None and proposed >= least


def _keeps(label: Label, one: Recommendation) -> bool:
    if one.kind == "replicas" and "replicas" in label.least:
        proposed = next((number for name in _REPLICAS if (number := _number(one.proposed, name)) is not None), None)
        if proposed is None or proposed < label.least["replicas"]:
            return False
    if one.resource == "gpu" and "gpu_share" in label.least:
        share = _number(one.proposed, "share")
        if share is None or share < label.least["gpu_share"]:
            return False
    if one.kind == "schedule" and label.needed_hours and not _stays_on(one, label.needed_hours):
        return False
    if label.saving is not None:
        return label.saving[0] <= one.saving.listed.expected <= label.saving[1]
    return True


def _stays_on(one: Recommendation, needed: Sequence[int]) -> bool:
    try:
        windows = parse_windows(str(one.proposed.get("on", "")))
    except ValueError:
        return False
    on = {
        (day * 24 + window.start_hour + hour) % 168
        for window in windows
        for day in window.days
        for hour in range(window.hours)
    }
    return set(needed) <= on


def _number(values: Mapping[str, float | str], name: str) -> float | None:
    found = values.get(name)
    return float(found) if isinstance(found, (int, float)) else None
