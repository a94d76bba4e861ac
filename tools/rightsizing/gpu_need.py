"""What a workload needs of a GPU, from engine and SM activity and the memory that it really needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..fleets.half_hours import Bools
from ..fleets.subjects import Floats, Subject
from ..fleets.view import FleetView
from .cards import Slice

PREALLOCATING = frozenset({"vllm", "sglang", "tensorflow", "tf-serving", "jax", "trtllm", "tensorrt-llm"})
"""Runtimes that take the framebuffer when they start. What is in use then is not what is needed."""
NEEDED_BYTES = "gpu_memory_needed_bytes"
"""The attribute with the framework's own measure: weights, and the greatest use of its cache."""

ENGINE_MOST = 0.7
"""Share of the time that the engine may be busy at the peak. Waiting grows as 1 / (1 - share); beyond 0.7 small changes
of load are long waits (M/D/1 queue)."""
MEMORY_MARGIN = 1.2
"""Memory that must fit, over the greatest need: fragmentation, and a new version of the model beside the old one."""
_BUSY = 0.5
"""Of its greatest engine activity, above which the occupancy of the multiprocessors is read."""


@dataclass(frozen=True)
class GpuNeed:
    """What the busiest replica needed at most.

    Args:
        engine: GPUs kept busy.
        occupancy: share of the multiprocessors that were active while the engine was; 1 where it was not measured.
        memory_bytes: of framebuffer, all devices; `None` if it was not measured.
        is_memory_need: whether that is what it needs, and not what a framework took beforehand.
        latency_s: the 99th percentile of the latency at its worst; `None` if it was not measured.
    """

    engine: float
    occupancy: float
    memory_bytes: float | None
    is_memory_need: bool
    latency_s: float | None

    def slowed(self, current: Slice, other: Slice) -> float:
        """By how much longer a request keeps the engine busy on the other one, at most.

        Work that fills a share of the multiprocessors slows down where fewer of them are left than it fills, or less
        of the memory bandwidth: a multiprocessor that waits for memory counts as active, so its activity bounds both.
        """
        return max(1.0, self.occupancy / other.share_of(current))

    def fits(
        self, current: Slice, other: Slice, devices: float, budget_s: float | None, *, with_margins: bool = True
    ) -> bool:
        """Whether so many of the other one would have done.

        Args:
            current: what it was measured on.
            other: what it is held against.
            devices: of the other one.
            budget_s: the latency budget.
            with_margins: whether to keep the margins of a choice, or only to ask whether it would have been enough.
        """
        engine_most, margin = (ENGINE_MOST, MEMORY_MARGIN) if with_margins else (1.0, 1.0)
        slowed = self.slowed(current, other)
        if self.engine * slowed > engine_most * devices:
            return False
        if self.memory_bytes is None or self.memory_bytes * margin > other.memory_bytes * devices:
            return False
        return budget_s is None or (self.latency_s is not None and self.latency_s * slowed <= budget_s)


def gpu_need(view: FleetView, subject: Subject, first: int = 0, last: int | None = None) -> GpuNeed | None:
    """The need over some half hours; `None` if engine activity was not measured in them.

    Starts are left out, but for memory: a model that tries out its kernels keeps the engine busy and nobody waiting.
    """
    usage, span = view.usage, slice(first, last)
    calm = view.calm(subject.name)
    engine = _span(usage.of(subject.name, "gpu"), span, calm)
    if engine is None:
        return None
    sm = _span(usage.of(subject.name, "gpu_sm"), span, calm)
    memory = _span(usage.of(subject.name, "gpu_memory"), span)
    latency = _span(usage.of(subject.name, "latency_p99"), span, calm)
    own = _own_measure(subject)
    return GpuNeed(
        engine=float(np.nanmax(engine)),
        occupancy=_occupancy(engine, sm),
        memory_bytes=own if own is not None else None if memory is None else float(np.nanmax(memory)),
        is_memory_need=own is not None or (subject.runtime or "").lower() not in PREALLOCATING,
        latency_s=None if latency is None else float(np.nanmax(latency)),
    )


def _span(values: Floats | None, span: slice, calm: Bools | None = None) -> Floats | None:
    if values is None:
        return None
    found = values[span] if calm is None else np.where(calm[span], values[span], np.nan)
    return np.asarray(found) if np.isfinite(found).any() else None


def _occupancy(engine: Floats, sm: Floats | None) -> float:
    """The greatest share of active multiprocessors in the busier half hours, between 0 and 1."""
    if sm is None:
        return 1.0
    busy = np.nan_to_num(engine) >= max(_BUSY * float(np.nanmax(engine)), 1e-6)
    if not busy.any():
        return 1.0
    share = sm[busy] / engine[busy]
    return float(np.clip(np.nanmax(share), 0.0, 1.0)) if np.isfinite(share).any() else 1.0


def _own_measure(subject: Subject) -> float | None:
    try:
        found = float(subject.attributes[NEEDED_BYTES])
    except (KeyError, ValueError):
        return None
    return found if np.isfinite(found) and found > 0 else None
