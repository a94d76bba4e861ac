"""What may not expire: the runs whose data somebody has put on hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """The holds that stand at one moment.

    Args:
        runs: whose data is kept.
        is_everything: whether all data is.
    """

    runs: frozenset[str] = frozenset()
    is_everything: bool = False

    def covers(self, run_id: str) -> bool:
        """Whether data of this run is kept."""
        return self.is_everything or run_id in self.runs


NOTHING_HELD = Held()


def nothing_held() -> Held:
    """For stores without holds."""
    return NOTHING_HELD
