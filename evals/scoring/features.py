"""The suite `features`: mistakes of a feature view found and named, and clean views left alone."""

from __future__ import annotations

from ..suite import Metric, Suite

SUITE = Suite(
    name="features",
    description="invented feature views with one mistake each, beside a comparison of counts, nulls and means",
    metrics=(
        Metric(name="named", kind="proportion", description="mistakes that come first, with their feature"),
        Metric(name="noticed", kind="proportion", description="mistakes for which a check says no"),
        Metric(name="reach", kind="proportion", description="named mistakes whose number of keys is right within 1 %"),
        Metric(
            name="false_alarm",
            kind="proportion",
            description="clean views of which anything is said",
            lower_is_better=True,
        ),
    ),
)
