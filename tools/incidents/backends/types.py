"""What a keeper of past incidents has to be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ....core.clock import Deadline
from ..past import PastIncident


class PastReader(Protocol):
    """A place that keeps past incidents."""

    def past(self, team: str, deadline: Deadline) -> Sequence[PastIncident]:
        """The incidents of a team, and of nobody else.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
