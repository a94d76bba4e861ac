"""Scores triage on sandbox incidents, fault by fault: what is found, and what is found where nothing is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from ..cases import Truth
from ..suite import Metric, Suite
from .rca import RcaAnswer, hit, score, true_names

SUITE = Suite(
    name="world",
    description="find the causes of sandbox incidents of unseen seeds, and none where nothing is wrong",
    metrics=(
        Metric(name="top1", kind="proportion", description="a true cause is ranked first (incidents with a cause)"),
        Metric(name="top3", kind="proportion", description="a true cause is among the first three"),
        Metric(name="all_in_5", kind="proportion", description="every one of several causes is among the first five"),
        Metric(name="change_top1", kind="proportion", description="the first change that is named is the true one"),
        Metric(name="verdict_found", kind="proportion", description="with a cause: the verdict is cause_found"),
        Metric(
            name="false_cause",
            kind="proportion",
            description="quiet incidents: the verdict is cause_found; lower is better",
            lower_is_better=True,
        ),
    ),
)

_DEPTH = 5


def score_world(truth: Truth, answer: RcaAnswer) -> Mapping[str, float]:
    """The metrics of `SUITE` that apply.

    Raises:
        InputError: the label contradicts itself.
    """
    if truth.verdict != "cause_found":
        return {} if answer.verdict is None else {"false_cause": float(answer.verdict == "cause_found")}
    values = {name: value for name, value in score(truth, answer).items() if name in {m.name for m in SUITE.metrics}}
    entities, _, _ = true_names(truth)
    if len(entities) > 1:
        values["all_in_5"] = float(all(hit(answer.entities, {entity}, _DEPTH) for entity in entities))
    return values
