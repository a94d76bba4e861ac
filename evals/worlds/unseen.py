"""Sandbox incidents of seeds that nothing else uses, every fault as often as the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..cases import Case
from .spec import FAULT_NAMES, WorldSpec
from .world import write_cases

_SEED = 500_000
"""Far from the seeds of the demonstration and of the suite `rca`."""
_ROUNDS = 2


def write_unseen(
    folder: Path, *, n: int | None = None, seed: int = 0, progress: Callable[[str, float], None] | None = None
) -> tuple[Case, ...]:
    """Write incidents below a folder.

    Args:
        folder: is made.
        n: how many; two of each fault unless it is given.
        seed: which ones.
        progress: called with what is being done and the share of it that is done.
    """
    template = WorldSpec(seed=0, log_lines=8_000, spans=2_000, series=400)
    return write_cases(
        folder, n=n or _ROUNDS * len(FAULT_NAMES), seed=_SEED + seed, template=template, progress=progress
    )
