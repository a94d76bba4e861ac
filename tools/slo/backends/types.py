"""What a system that keeps service level objectives has to be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ....core.clock import Deadline

SLO_LIMIT = 500


@dataclass(frozen=True)
class Slo:
    """A promise as it is declared; nothing in it has been checked.

    Args:
        objective: the share of good, above 0 and below 1.
        window_s: seconds over which it is promised.
        query: how the share of good is read from metrics; see `query.parse`.
    """

    entity: str
    name: str
    objective: float | None
    window_s: int | None
    query: str


class SloBackend(Protocol):
    """A system that keeps service level objectives."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def slos(self, deadline: Deadline, *, entities: Sequence[str] = ()) -> tuple[Slo, ...]:
        """What is promised for some entities, or for all, by entity and name; at most `SLO_LIMIT`.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
