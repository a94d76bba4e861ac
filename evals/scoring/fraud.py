"""The suite `fraud`: what goes on among payments told apart, worse weeks named, months foretold, quiet ones let be."""

from __future__ import annotations

from ..suite import Metric, Suite

SUITE = Suite(
    name="fraud",
    description="invented payments in which one thing goes on, beside the kind of decline that grew most of all",
    metrics=(
        Metric(name="verdict", kind="proportion", description="troubled windows whose verdict is right"),
        Metric(name="situation", kind="proportion", description="troubled windows whose first situation is right"),
        Metric(name="segment", kind="proportion", description="planted segments named with just their conditions"),
        Metric(
            name="false_alarm",
            kind="proportion",
            description="quiet windows of which anything is said",
            lower_is_better=True,
        ),
        Metric(name="week", kind="proportion", description="worse weeks of payments named, and no other week"),
        Metric(name="part", kind="proportion", description="worse parts of a week named, and no other part like it"),
        Metric(
            name="week_false",
            kind="proportion",
            description="quiet months of which a week or a part of one is said to be worse",
            lower_is_better=True,
        ),
        Metric(name="ultimate", kind="mean", description="weeks whose final count lies in its 95 % interval"),
        Metric(name="breach", kind="proportion", description="months that closed over a line and were foretold to"),
        Metric(
            name="breach_false",
            kind="proportion",
            description="months that closed under it and were foretold to close over",
            lower_is_better=True,
        ),
        Metric(name="month", kind="proportion", description="months whose final count lies in its 90 % interval"),
        Metric(
            name="brier",
            kind="mean",
            description="squared error of the probability of closing over",
            lower_is_better=True,
        ),
    ),
)
