"""The time axis of a world: samples, quiet time, window, onset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from ...tools.snapshots.manifest import Window
from .spec import DAY_S, WorldSpec
from .streams import Array, Counts, Streams

SECOND_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A Monday; worlds play in the eleven months after it.
_FIRST_DAY = datetime(2025, 1, 6, tzinfo=UTC)
_DAYS = 330


@dataclass(frozen=True)
class Timeline:
    """Sample `i` of T lies at `start_us + i * step_us`; all times are UTC microseconds since 1970."""

    start_us: int
    step_s: int
    steps: int
    window_step: int
    onset_us: int

    @property
    def step_us(self) -> int:
        """Time between two samples."""
        return self.step_s * SECOND_US

    @property
    def end_us(self) -> int:
        """The first moment after the world."""
        return self.start_us + self.steps * self.step_us

    @property
    def window_us(self) -> int:
        """Start of the window."""
        return self.start_us + self.window_step * self.step_us

    @property
    def times_us(self) -> Counts:
        """Shape (T,)."""
        return self.start_us + np.arange(self.steps, dtype=np.int64) * self.step_us

    @property
    def elapsed_s(self) -> Array:
        """Seconds since the onset of every sample, negative before; shape (T,)."""
        return (self.times_us - self.onset_us) / SECOND_US

    @property
    def window_length_s(self) -> float:
        """Seconds of the window."""
        return (self.end_us - self.window_us) / SECOND_US

    def step_of(self, moments_us: Counts) -> Counts:
        """Index of the sample interval of each moment, clipped to the world."""
        return np.clip((moments_us - self.start_us) // self.step_us, 0, self.steps - 1)

    @property
    def window(self) -> Window:
        """The time to explain."""
        return Window(start=moment(self.window_us), end=moment(self.end_us))

    @property
    def baseline(self) -> Window:
        """The quiet time before the window."""
        return Window(start=moment(self.start_us), end=moment(self.window_us))


def moment(at_us: int) -> datetime:
    """The moment of UTC microseconds since 1970, exactly."""
    return _EPOCH + timedelta(microseconds=at_us)


def build_timeline(spec: WorldSpec, streams: Streams) -> Timeline:
    """A day, a time of day and an onset 8 to 20 % into the window, all from the seed."""
    rng = streams.of("timeline")
    steps = spec.duration_s // spec.step_s
    window_steps = spec.window_length_s // spec.step_s
    end = _FIRST_DAY + timedelta(days=int(rng.integers(_DAYS)), minutes=int(rng.integers(DAY_S // 60)))
    end_us = (end - _EPOCH) // timedelta(microseconds=1)
    step_us = spec.step_s * SECOND_US
    onset_share = float(rng.uniform(0.08, 0.20))
    window_us = end_us - window_steps * step_us
    onset_us = window_us + int(onset_share * window_steps * step_us)
    return Timeline(
        start_us=end_us - steps * step_us,
        step_s=spec.step_s,
        steps=steps,
        window_step=steps - window_steps,
        onset_us=onset_us,
    )
