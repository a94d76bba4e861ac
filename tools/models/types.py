"""Arguments and results of the model tools."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from ..spec import OneLine, OutsideText, Result
from ..windows import ComparedWindows


class HealthArgs(ComparedWindows):
    """Compare what models answer with a quiet time, model by model and version by version."""

    limit: int = Field(default=6, ge=1, le=50)


class VersionShare(Result):
    """One version of a model: its share of the predictions, before and in the window, and since when it answers."""

    version: Annotated[OutsideText, OneLine(20)]
    share_before: float
    share_after: float
    since: AwareDatetime | None = Field(description="its first prediction, if it came after the baseline began")
    mean_score: float | None = Field(description="in the window")
    decided: float | None = Field(description="share of positive decisions in the window, where the data say so")


class VersionGap(Result):
    """The newest version beside the older ones.

    `at_once`: both answered in the same minutes, so hour and input cannot explain the difference; else the newest took
    over, and what changed at that moment otherwise counts in.
    """

    newest: Annotated[OutsideText, OneLine(20)]
    older: Annotated[OutsideText, OneLine(20)]
    at_once: bool
    mean_newest: float
    mean_older: float
    gap: float = Field(description="difference of means, in standard deviations of the score")
    score: float


class ModelHealth(Result):
    """One model as one entity serves it.

    Effect sizes compare the scores of the window with those of the quiet time; `score` counts usual wobbles.
    """

    entity: Annotated[OutsideText, OneLine(40)]
    model: Annotated[OutsideText, OneLine(40)]
    predictions_before: int
    predictions_after: int
    per_minute_before: float
    per_minute_after: float
    mean_before: float | None
    mean_after: float | None
    psi: float | None
    ks: float | None
    wasserstein: float | None
    mean_move: float | None
    score: float | None
    unscored_before: float = Field(description="share of predictions without a score")
    unscored_after: float
    decided_before: float | None
    decided_after: float | None
    versions: tuple[VersionShare, ...]
    newest: VersionGap | None


class HealthResult(Result):
    """The models, those that changed most first."""

    models: int
    models_changed: int
    shown: tuple[ModelHealth, ...]
