"""The suite `quality`: mistakes in tables found and named, and good days left alone."""

from __future__ import annotations

from ..suite import Metric, Suite

SUITE = Suite(
    name="quality",
    description="days of invented feature tables with one mistake each, beside checks of schema, nulls and ranges",
    metrics=(
        Metric(name="named", kind="proportion", description="spoilt days whose mistake comes first, with its columns"),
        Metric(name="noticed", kind="proportion", description="spoilt days of which anything is said"),
        Metric(
            name="false_alarm",
            kind="proportion",
            description="good days of which anything is said",
            lower_is_better=True,
        ),
        Metric(
            name="beside",
            kind="proportion",
            description="spoilt days of which more is said than the mistake",
            lower_is_better=True,
        ),
    ),
)
