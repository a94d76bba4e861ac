"""Who works off which arrivals. A performer may die at any point and be called again with the same arrival."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ..installation import Installation
from .arrivals import Arrival

Perform: TypeAlias = Callable[[Installation, Arrival], None]
"""Works off one arrival: returns when it is done, raises what a later attempt may mend."""


class Performers:
    """Performers by source and kind; the source `*` stands for any."""

    def __init__(self, performers: Mapping[tuple[str, str], Perform]) -> None:
        self._performers = dict(performers)

    def of(self, arrival: Arrival) -> Perform | None:
        """Who works off an arrival; `None` if nobody does."""
        return self._performers.get((arrival.source, arrival.kind)) or self._performers.get(("*", arrival.kind))
