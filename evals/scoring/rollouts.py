"""The suite `rollouts`: how often a rollout is stopped for nothing, passed with harm in it, and stopped rightly."""

from __future__ import annotations

from ..suite import Metric, Suite

SUITE = Suite(
    name="rollouts",
    description="simulated rollouts, with and without harm, beside the usual tests on the same numbers",
    metrics=(
        Metric(
            name="false_alarm",
            kind="proportion",
            description="rollouts without harm that fail at some look",
            lower_is_better=True,
        ),
        Metric(
            name="false_pass",
            kind="proportion",
            description="rollouts worse by the margin that pass",
            lower_is_better=True,
        ),
        Metric(name="power", kind="proportion", description="rollouts worse by the margin that fail in time"),
        Metric(name="passes", kind="proportion", description="rollouts without harm that pass in time"),
    ),
)
