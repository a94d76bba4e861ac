"""The suite `fraud`: what goes on among payments told apart, and quiet days left alone."""

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
    ),
)
