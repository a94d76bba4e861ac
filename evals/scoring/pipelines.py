"""The suite `pipelines`: failures traced to their cause, and late runs told from those on time."""

from __future__ import annotations

from ..suite import Metric, Suite

SUITE = Suite(
    name="pipelines",
    description="invented pipelines with one failure or delay each, beside what the last line of the last log says",
    metrics=(
        Metric(name="named", kind="proportion", description="failures whose cause is named right"),
        Metric(name="task", kind="proportion", description="failures whose first task is named"),
        Metric(name="line", kind="proportion", description="failures with a log whose telling line is shown"),
        Metric(name="timing", kind="proportion", description="delays that are told, by their name and pipeline"),
        Metric(
            name="false_alarm",
            kind="proportion",
            description="good days on which a pipeline is said to have failed or to be late",
            lower_is_better=True,
        ),
        Metric(
            name="beside",
            kind="proportion",
            description="troubled days on which a pipeline that is well is said to be in trouble",
            lower_is_better=True,
        ),
    ),
)
