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


Drawn = Literal["case", "group"]
"""What an interval takes as independent: each case, or each sub-set of cases as a whole."""


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

    @property
    def lower_is_better(self) -> tuple[str, ...]:
        """The metrics of which a rise is bad."""
        return tuple(metric.name for metric in self.metrics if metric.lower_is_better)


class Unanswered(OpswardenError):
    """What is measured could not be asked: its endpoint was down, at its limit or too slow. No answer, so no wrong one.

    Args:
        message: one line of what happened.
        remedy: one line of what to do.
        cost: what the attempt took all the same.
    """

    exit_code = 3

    def __init__(self, message: str, *, remedy: str = "", cost: Mapping[str, float] | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.cost = dict(cost or {})


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


class Repeat(_Frozen):
    """One answer to a case that was answered several times; the fields are those of `CaseScore`."""

    metrics: Mapping[str, float] = Field(default_factory=dict)
    error: str | None = None
    is_infrastructure: bool = False
    cost: Mapping[str, float] = Field(default_factory=dict)
    details: Mapping[str, Any] = Field(default_factory=dict)


class CaseScore(_Frozen):
    """What came of one case.

    Args:
        id: the case.
        set_name: its data set.
        group: its sub-set, as its label says.
        metrics: value per metric that applies, the mean over the repeats that were scored; empty if the case broke.
        baseline: the same per baseline.
        silent: baselines that had nothing to say on this case; their values are misses.
        baseline_errors: baselines that broke on this case, with the reason; they have no value.
        error: why the case broke; `None` if it did not. A case with repeats broke when all of them did.
        is_infrastructure: whether it broke because what is measured could not be asked at all (`Unanswered`).
        cost: what the answers took together, by name (`usd`, `model_calls`, …).
        models: the language models that took part.
        details: the answer and the truth, for whoever looks into a single case; of the first repeat that was scored.
        repeats: every answer, where the case was answered more than once.
        spread: standard deviation of each metric over the repeats that were scored, where there are two or more.
    """

    id: str
    set_name: str = ""
    group: str = ""
    metrics: Mapping[str, float] = Field(default_factory=dict)
    baseline: Mapping[str, Mapping[str, float]] = Field(default_factory=dict)
    silent: tuple[str, ...] = ()
    baseline_errors: Mapping[str, str] = Field(default_factory=dict)
    error: str | None = None
    is_infrastructure: bool = False
    cost: Mapping[str, float] = Field(default_factory=dict)
    models: tuple[str, ...] = ()
    details: Mapping[str, Any] = Field(default_factory=dict)
    repeats: tuple[Repeat, ...] = ()
    spread: Mapping[str, float] = Field(default_factory=dict)


class GroupResult(_Frozen):
    """The figures of a part of the cases; `n` were scored and `errors` broke. No case scored: no figures."""

    n: int
    errors: int
    metrics: Mapping[str, Estimate]
    baseline: Mapping[str, Mapping[str, Estimate]]
    groups: Mapping[str, GroupResult] = Field(default_factory=dict)


class Circumstances(_Frozen):
    """Under what a result came about, as far as it is known.

    Args:
        versions: of opswarden, Python and the libraries that compute.
        revision: the commit that opswarden was installed from, where the installer wrote it down.
        configuration: SHA-256 of the settings in force, without places and secrets.
        prompts: SHA-256 of each prompt that a model was given, by name.
        options: what was asked for on the command line.
        started: ISO 8601 in UTC.
    """

    versions: Mapping[str, str] = Field(default_factory=dict)
    revision: str | None = None
    configuration: str | None = None
    prompts: Mapping[str, str] = Field(default_factory=dict)
    options: Mapping[str, str] = Field(default_factory=dict)
    started: str | None = None


class SuiteResult(_Frozen):
    """The result of a run, version 1 of the contract of `eval run`.

    `metrics` and `baseline` are over all scored cases; `groups` breaks them down by data set, and each of those by
    sub-set. `errors` are the cases that broke, and `infrastructure_errors` those of them that could not be asked at
    all; `lost_repeats` are single answers that are missing from cases that were scored. `spread` is the standard
    deviation of a metric between repeats of one case. `drawn` says what the intervals take as independent. `cost` is
    the sum over the cases. `notes` say what a reader of the figures has to know.
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
    repeats: int = 1
    infrastructure_errors: int = 0
    lost_repeats: int = 0
    spread: Mapping[str, float] = Field(default_factory=dict)
    drawn: Drawn = "case"
    lower_is_better: tuple[str, ...] = ()
    circumstances: Circumstances = Circumstances()


class NothingScored(OpswardenError):
    """Every case broke, so there is no score; `result` holds the reasons case by case."""

    exit_code = 1

    def __init__(self, message: str, *, result: SuiteResult, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.result = result
