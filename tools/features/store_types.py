"""Arguments and results of `features.freshness` and `features.parity`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..spec import Args, DerivedText, KeptText, OneLine, OutsideText, Result
from .freshness import Trouble
from .parity import Fault
from .skew import SkewFault, Way

ViewName = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[OutsideText, OneLine(40)]


class SampledArgs(Args):
    """A view, and how sure the answer has to be."""

    view: ViewName
    confidence: float = Field(default=0.99, gt=0.5, lt=1, description="with which a share that matters would show")
    share: float = Field(default=0.001, ge=1e-5, le=0.5, description="the smallest share of keys that matters")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="another one draws other keys")


class ViewsArgs(Args):
    """Nothing to choose: every view of the store."""


class ViewsResult(Result):
    """How many views there are; their names are the artifact's."""

    views: int


class FreshnessArgs(SampledArgs):
    """How old the rows of a view are, and which of them should not be served any more."""


class ParityArgs(SampledArgs):
    """Compare what a view serves with what its offline side says it should."""


class Sampled(Result):
    """What was looked at."""

    keys: int = Field(description="that the offline side has, about")
    looked_at: int = Field(description="keys of the sample, on either side")
    is_whole: bool = Field(description="whether every key was looked at")
    share: float
    confidence: float = Field(description="with which a sample of this size shows a share that matters, hypergeometric")


class FeatureAged(Result):
    """One feature: the median age of the events behind it, and the share of rows without a value."""

    feature: Name
    age_s: float
    nulls: float


class StaleShown(Result):
    """One thing that is wrong with the ages of a view."""

    trouble: Trouble
    feature: Name | None
    rows: int = Field(description="of the sample that it concerns")
    share: float
    low: float
    high: float
    matters: bool
    cause: DerivedText


class FreshnessResult(Result):
    """The ages of a view."""

    view: KeptText
    sampled: Sampled
    rows: int
    ttl_s: float | None
    age_median_s: float | None
    age_p90_s: float | None
    age_p99_s: float | None
    age_most_s: float | None
    expired_share: float
    never_written: int
    usual_s: float | None = Field(description="between two materializations")
    behind_s: float | None = Field(description="since the last one")
    features: tuple[FeatureAged, ...]
    found: int
    is_fresh: bool = Field(description="whether nothing that matters was found")
    troubles: tuple[StaleShown, ...]


class DifferenceShown(Result):
    """One kind of difference between the two sides."""

    fault: Fault
    feature: Name | None
    keys: int = Field(description="of the sample that it concerns")
    share: float
    low: float = Field(description="Wilson's interval at the confidence asked for")
    high: float
    reach: int = Field(description="keys of the view that this comes to, about")
    matters: bool
    cause: DerivedText
    examples: tuple[Annotated[OutsideText, OneLine(20)], ...]


class SkewArgs(SampledArgs):
    """Compare what a view served with what models are trained on."""


class SkewShown(Result):
    """One difference between serving and training."""

    fault: SkewFault
    feature: Name | None
    rows: int
    share: float
    matters: bool
    cause: DerivedText


class SkewResult(Result):
    """Serving against training."""

    view: KeptText
    way: Way = Field(description="`request`: joined by id; `recomputed`: as of each request; `distribution`: no join")
    rows: int = Field(description="logged rows that were looked at")
    matched: int = Field(description="rows of them that have another side")
    differing: int
    found: int
    agrees: bool = Field(description="whether no difference that matters was found")
    differences: tuple[SkewShown, ...]


class ParityResult(Result):
    """Both sides of a view."""

    view: KeptText
    sampled: Sampled
    as_of: str = Field(description="the moment that online was written for")
    online: int
    offline: int
    sees_online_only: bool = Field(description="whether keys that only online has were looked for")
    differing: int = Field(description="keys of the sample with any difference")
    possible: float = Field(description="share of differing keys that a sample without one leaves possible, or high")
    found: int
    agrees: bool = Field(description="whether no difference that matters was found")
    differences: tuple[DifferenceShown, ...]
