"""How much a property test tries: a seeded sample in a normal run, far more in a long one."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

LONG = bool(os.environ.get("OPSWARDEN_SOAK"))
FUZZ_S = float(os.environ.get("FUZZ_SECONDS", "600"))
"""How long the fuzzing of a long run goes on, all its targets together."""


def tried(examples: int) -> settings:
    """So many examples, the same ones in every normal run; twenty times as many and always others in a long run."""
    return settings(
        max_examples=examples * 20 if LONG else examples,
        derandomize=not LONG,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
