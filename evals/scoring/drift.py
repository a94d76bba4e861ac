"""The suite `drift`: alarms for what harms a model, and for nothing else."""

from __future__ import annotations

from ..suite import Metric, Suite

SUITE = Suite(
    name="drift",
    description="windows of rows that a model scored, beside the usual thresholds on the same rows",
    metrics=(
        Metric(
            name="false_alarms",
            kind="mean",
            description="features that are alarmed in a window that did not hurt the model",
            lower_is_better=True,
        ),
        Metric(name="noticed", kind="proportion", description="windows that hurt the model and have an alarm"),
        Metric(name="named", kind="proportion", description="planted harm whose feature comes first"),
        Metric(
            name="worst_first",
            kind="proportion",
            description="models whose worst window is expected to be, or is one of which no expectation holds",
        ),
    ),
)
