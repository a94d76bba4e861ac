"""The words of a measurement: suite, metric, score of a case, and the result that others build on.

A case that broke (the thing measured, the snapshot or the scorer failed) is an error with its reason: it counts
neither as right nor as wrong. A run in which every case broke has no score at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import OpswardenError
from .cases import Truth

AnswerT = TypeVar("AnswerT", contravariant=True)


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Metric(_Frozen):
    """One figure of a suite, higher is better.

    Args:
        name: as it stands in the result.
        kind: `proportion` if a case scores 0 or 1, `mean` if it scores anything in [0, 1]; decides the interval.
        description: one line of what it says and which cases it is computed over.
        lower_is_better: whether a rise is bad.
    """

    name: str
    kind: Literal["proportion", "mean"]
    description: str
    lower_is_better: bool = False


class Suite(_Frozen):
    """What is measured."""

    name: str
    description: str
    metrics: tuple[Metric, ...]


class Scorer(Protocol[AnswerT]):
    """Turns the answer to a case into figures, by code alone."""

    def __call__(self, truth: Truth, answer: AnswerT, /) -> Mapping[str, float]:
        """The case's value of every metric that applies to it; one that does not apply is absent."""
        ...


class Estimate(_Frozen):
    """A figure with its 95 % interval, over `n` cases."""

    value: float
    low: float
    high: float
    n: int


class CaseScore(_Frozen):
    """What came of one case.

    Args:
        id: the case.
        set_name: its data set.
        group: its sub-set, as its label says.
        metrics: value per metric that applies; empty if the case broke.
        baseline: the same per baseline.
        silent: baselines that had nothing to say on this case; their values are misses.
        baseline_errors: baselines that broke on this case, with the reason; they have no value.
        error: why the case broke; `None` if it did not.
        cost: what the answer took, by name (`usd`, `model_calls`, …).
        models: the language models that took part.
        details: the answer and the truth, for whoever looks into a single case.
    """

    id: str
    set_name: str = ""
    group: str = ""
    metrics: Mapping[str, float] = Field(default_factory=dict)
    baseline: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    silent: tuple[str, ...] = ()
    baseline_errors: Mapping[str, str] = Field(default_factory=dict)
    error: str | None = None
    cost: Mapping[str, float] = Field(default_factory=dict)
    models: tuple[str, ...] = ()
    details: Mapping[str, Any] = Field(default_factory=dict)


class GroupResult(_Frozen):
    """The figures of a part of the cases; `n` were scored and `errors` broke. No case scored: no figures."""

    n: int
    errors: int
    metrics: Mapping[str, Estimate]
    baseline: Mapping[str, Mapping[str, Estimate]]
    groups: Mapping[str, GroupResult] = Field(default_factory=dict)


class SuiteResult(_Frozen):
    """The result of a run, version 1 of the contract of `eval run`.

    `metrics` and `baseline` are over all scored cases; `groups` breaks them down by data set, and each of those by
    sub-set. `cost` is the sum over the cases. `notes` say what a reader of the figures has to know.
    """

    version: Literal[1] = 1
    suite: str
    n: int
    errors: int
    metrics: Mapping[str, Estimate]
    baseline: Mapping[str, Mapping[str, Estimate]]
    groups: Mapping[str, GroupResult] = Field(default_factory=dict)
    cases: tuple[CaseScore, ...]
    seed: int
    models: tuple[str, ...] = ()
    cost: Mapping[str, float] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()


class NothingScored(OpswardenError):
    """Every case broke, so there is no score; `result` holds the reasons case by case."""

    exit_code = 1

    def __init__(self, message: str, *, result: SuiteResult, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.result = result
