"""What a source of a cluster's objects has to be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ..objects import Object

MOST_EVENTS = 2_000


@dataclass(frozen=True)
class FoundObjects:
    """Objects as they were at one moment.

    Args:
        at: when.
        is_whole: unless some were left out because there are too many.
    """

    objects: tuple[Object, ...]
    at: datetime
    is_whole: bool = True


class KubernetesBackend(Protocol):
    """A cluster, or what was kept of one. Methods raise `BackendError` if they do not answer before the deadline."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    def objects(self, kinds: Sequence[str], deadline: Deadline) -> FoundObjects:
        """The objects of these kinds (`objects.KINDS`); none of a kind that the cluster does not have."""
        ...

    def events(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        """What the cluster says happened in `[start, end)`.

        Columns are those of `changes.backends.types.NOTICE_COLUMNS`, with `kind` Normal or Warning and `ts` the last
        time; oldest first, the newest `MOST_EVENTS`.
        """
        ...
