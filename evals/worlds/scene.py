"""What a fault works with, and what it declares about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from .forces import ForceName, Forces, ramp
from .streams import chosen
from .timeline import Timeline
from .topology import Platform

ChangeKind = Literal[
    "deploy", "model_promotion", "config", "flag", "pipeline_run", "schema", "scale", "data", "commit", "maintenance"
]
RuleName = Literal[
    "LatencyHigh", "ErrorRateHigh", "ApprovalRateLow", "DeclineRateHigh", "ScoreMoved", "NullRateHigh", "TrafficHigh",
    "RecordsRejected", "CpuHigh", "FeaturesLate", "QueueDeep",
]  # fmt: skip


@dataclass(frozen=True)
class CausingChange:
    """The change that set the fault off, or that somebody may suspect where nothing is wrong.

    It comes `lead_s` seconds before the onset; its text is from the common pools.
    """

    entity: str
    kind: ChangeKind
    lead_s: float
    is_canary: bool = False


@dataclass(frozen=True)
class Page:
    """The alert somebody is called for; often far from the cause."""

    rule: RuleName
    entity: str
    country: str | None = None


@dataclass(frozen=True)
class Strike:
    """What happened: the entity at fault and the metric that shows it there, or none when nothing is wrong.

    `page_at_cause` is the alert that might have fired at the entity at fault itself instead of `page`. `also` are
    further faults of the same incident. An alert that `flaps` has fired and gone away before.
    """

    entity: str | None
    indicator: str | None
    change: CausingChange | None
    page: Page
    page_at_cause: Page | None = None
    also: tuple[Strike, ...] = ()
    flaps: bool = False

    @property
    def all(self) -> tuple[Strike, ...]:
        """Every fault of the incident; none where nothing is wrong."""
        return () if self.entity is None else (self, *self.also)

    @property
    def changes(self) -> tuple[CausingChange, ...]:
        """The changes behind the faults."""
        return tuple(one.change for one in (self, *self.also) if one.change is not None)


@dataclass(frozen=True)
class Scene:
    """The world before anything is simulated. Faults add forces to it."""

    platform: Platform
    timeline: Timeline
    forces: Forces
    rng: np.random.Generator
    severity: float

    def pick(self, *options: str) -> str:
        """One of the options."""
        return chosen(self.rng, options)

    def between(self, low: float, high: float) -> float:
        """A number in the range."""
        return float(self.rng.uniform(low, high))

    def push(
        self, force: ForceName, key: str, level: float, *, rise_s: float = 30.0, most: float | None = None
    ) -> None:
        """Add a force that sets in at the onset; `level` grows with the severity, `most` caps it."""
        strength = level * self.severity
        self.forces.add(
            force, key, ramp(self.timeline, level=strength if most is None else min(strength, most), rise_s=rise_s)
        )


Fault: TypeAlias = Callable[[Scene], Strike]
"""Adds its forces to a scene and says what it did."""
