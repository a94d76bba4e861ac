"""Arguments and results of `drift.compare`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from ..spec import Args, OneLine, OutsideText, Result


class CompareArgs(Args):
    """Compare the rows that a model scored in a window with its reference period."""

    model: str = Field(min_length=1, max_length=200, description="as the configuration names it")
    start: AwareDatetime | None = Field(default=None, strict=False, description="of the window; all there is if absent")
    end: AwareDatetime | None = Field(default=None, strict=False)
    margin: float = Field(default=0.01, gt=0, le=0.5, description="a fall of the AUC that people care about")
    same_hours: bool = Field(default=True, description="compare a short window with the same hours of the week")
    limit: int = Field(default=8, ge=1, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("a window ends after it starts")
        return self


class Auc(Result):
    """An area under the ROC curve with its 90 % interval."""

    value: float
    low: float
    high: float
    rows: int


class MovedFeature(Result):
    """One feature of the model."""

    feature: Annotated[OutsideText, OneLine(40)]
    is_alarm: bool = Field(description="it harms the model, or brings values that the reference never had")
    has_moved: bool = Field(description="its distribution moved, whatever that does")
    harm: float | None = Field(description="change of the AUC by this feature's mix alone; below 0 the model is worse")
    noise: float | None = Field(description="standard deviation of `harm` by chance and the usual wander")
    values: Annotated[OutsideText, OneLine(40)] = Field(description="the values that contribute most to the harm")
    unseen: float | None = Field(description="share of the window with values that the reference never had")
    psi: float
    distance: float = Field(description="Kolmogorov-Smirnov for numbers, total variation for words")
    p: float = Field(description="chi-squared, corrected for the number of features (Holm); decides nothing")
    nulls_before: float
    nulls_after: float


class MovedSegment(Result):
    """One value of a segment whose performance is expected to be another one."""

    segment: Annotated[OutsideText, OneLine(30)]
    value: Annotated[OutsideText, OneLine(40)]
    before: float
    expected: Auc
    is_alarm: bool


class CompareResult(Result):
    """What drift did to a model."""

    reference_rows: int
    rows: int
    falls: bool = Field(description="the AUC fell by more than the margin and more than chance explains")
    before: float | None = Field(description="AUC over the reference")
    realised: Auc | None = Field(description="where labels came")
    expected: Auc | None = Field(description="without labels; cannot see that the same input means something else now")
    expectation_holds: bool = Field(description="false where the model answers many values that it never saw")
    labelled: float = Field(description="share of the window's rows with a label")
    mean_score_before: float | None
    mean_score_after: float | None
    score_psi: float | None
    domain: float = Field(description="AUC with which the window is told from the reference; 0.5 is chance")
    alarms: int
    moved: int
    features: tuple[MovedFeature, ...]
    segments: tuple[MovedSegment, ...]
