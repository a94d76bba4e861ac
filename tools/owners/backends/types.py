"""What a source of owners has to be able to do."""

from __future__ import annotations

from typing import Protocol

from ....core.clock import Deadline
from ..catalogue import Catalogue


class OwnersBackend(Protocol):
    """A service catalogue."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def catalogue(self, deadline: Deadline) -> Catalogue:
        """Everything it knows.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...
