"""Arguments and results of the feature tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..spec import OneLine, OutsideText, Result
from ..windows import ComparedWindows

Trouble = Literal["nulls", "constant", "stale", "silent", "values", "skew"]
"""`constant`: one value (a zero for a null) is served far more often; `stale`: events behind the values are older;
`silent`: nothing is served any more; `skew`: values are unlike those of the training, and were like them before.
"""


class HealthArgs(ComparedWindows):
    """Compare served features with a quiet time, and with what models were trained on."""

    limit: int = Field(default=6, ge=1, le=50)


class FeatureHealth(Result):
    """One feature as one entity serves it; every score counts usual wobbles."""

    entity: Annotated[OutsideText, OneLine(40)]
    feature: Annotated[OutsideText, OneLine(40)]
    view: Annotated[OutsideText, OneLine(40)] | None
    trouble: Trouble | None = Field(description="what moved most, if anything stands out")
    score: float
    values_before: int
    values_after: int
    null_rate_before: float | None
    null_rate_after: float | None
    null_score: float
    top_value: float | None = Field(description="the value that grew most")
    top_share_before: float
    top_share_after: float
    top_score: float
    age_before_s: float | None = Field(description="median age of the events behind the values, where known")
    age_after_s: float | None
    age_score: float
    silent_s: float = Field(description="from the last value to the end of the window")
    mean_before: float | None
    mean_after: float | None
    psi: float | None
    value_score: float
    out_of_range: float = Field(description="share of the window's values outside of all of the quiet time")
    skew_before: float | None = Field(description="PSI of the quiet time against the training values, where known")
    skew_after: float | None
    consumers: tuple[Annotated[OutsideText, OneLine(20)], ...] = Field(
        description="who calls the entity that serves it"
    )


class HealthResult(Result):
    """The features, those that changed most first."""

    features: int
    features_changed: int
    shown: tuple[FeatureHealth, ...]
