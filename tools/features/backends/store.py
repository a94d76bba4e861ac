"""What a feature store has to be able to do, for whoever checks it: its views, and rows of both sides of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pyarrow as pa

from ....core.clock import Deadline

Kind = Literal["integer", "float", "text", "boolean", "time", "other"]

KEY, EVENT, CREATED = "key", "event_us", "created_us"
"""Columns of every table of rows: the join keys as one text, and two moments in microseconds of UTC."""

SEPARATOR = "\x1f"
"""Between the parts of a key that has several."""

MOST_VERSIONS = 50
"""Rows of one key that are read, the newest ones."""
MOST_ROWS = 5_000_000
"""Rows of all keys of a sample; more is an error, for half a sample tells nothing."""


@dataclass(frozen=True)
class Share:
    """The keys of a sample: those whose hash lies below a bound, the same keys on every side.

    Args:
        fraction: of all keys, above 0 and at most 1.
        seed: another one draws other keys.
    """

    fraction: float
    seed: int = 0

    @property
    def bound(self) -> int:
        """What a 64-bit hash has to stay below."""
        return min(round(self.fraction * 2**64), 2**64 - 1)

    def sql(self, key: str) -> str:
        """A condition of DuckDB on an expression of text."""
        if self.fraction >= 1:
            return "TRUE"
        return f"hash({key} || '#{self.seed}') < {self.bound}::UBIGINT"


@dataclass(frozen=True)
class View:
    """A feature view.

    Args:
        name: of the view.
        keys: its join keys.
        features: their declared kinds.
        offline: the kinds that the offline source has now; a feature that it has not is absent.
        ttl_s: how old a row may be when it is served; `None` if it may be of any age.
        intervals: `[start, end)` in microseconds, materialized so far, in order; empty if nobody keeps them.
        has_created: whether rows say when they were written.
        depends_on: views that have to be there first.
        refresh_s: how often it is to be materialized; `None` if nobody said.
        sources: paths or tables of its offline side, as they are declared.
    """

    name: str
    keys: tuple[str, ...]
    features: dict[str, Kind]
    offline: dict[str, Kind]
    ttl_s: float | None = None
    intervals: tuple[tuple[int, int], ...] = ()
    has_created: bool = False
    depends_on: tuple[str, ...] = ()
    refresh_s: float | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Online:
    """Rows that the online side serves.

    Args:
        rows: `key`, `event_us`, and the features; no row for a key that is not there.
        events: by feature, (n,) its own event times where the store keeps them for each; null where it has none.
        is_whole: whether keys that only the online side has are among the rows.
        step_us: to which the event times are cut; Feast answers in whole seconds.
    """

    rows: pa.Table
    events: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    is_whole: bool = True
    step_us: int = 1_000


class FeatureStore(Protocol):
    """A feature store with an offline side and an online one."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    @property
    def keeps_newest(self) -> bool:
        """Whether a write of an older row leaves a newer one as it is; else past intervals have to be followed up."""
        ...

    def views(self, deadline: Deadline) -> tuple[View, ...]:
        """The views, in order of their names.

        Raises:
            BackendError: it did not answer, or not before the deadline.
        """
        ...

    def count(self, view: View, deadline: Deadline) -> int:
        """About how many keys the offline side has.

        Raises:
            BackendError: as `views`.
        """
        ...

    def offline(self, view: View, share: Share, upto_us: int, deadline: Deadline) -> pa.Table:
        """The newest `MOST_VERSIONS` rows of each key of a sample whose event lies at or before a moment.

        Returns:
            `key`, `event_us`, `created_us` (null where unknown), and the features that the source has.

        Raises:
            BackendError: as `views`, or there are more than `MOST_ROWS`.
        """
        ...

    def online(self, view: View, share: Share, keys: Sequence[str], deadline: Deadline) -> Online:
        """What is served for some keys, and for keys of the sample that only the online side has, where it can tell.

        Raises:
            BackendError: as `views`.
        """
        ...

    def days(self, view: View, start_us: int, end_us: int, step_us: int, deadline: Deadline) -> tuple[int, ...]:
        """Offline rows in each step of an interval, by event time.

        Raises:
            BackendError: as `views`.
        """
        ...

    def materialize(self, view: View, start_us: int, end_us: int, deadline: Deadline) -> int:
        """Write the newest row of each key within an interval to the online side; done twice, it is as done once.

        Returns:
            Rows that lie in the interval.

        Raises:
            BackendError: as `views`; nobody knows then how much was written.
        """
        ...


def kind_of(arrow: pa.DataType) -> Kind:
    """The kind of an Arrow type."""
    types = pa.types
    if types.is_boolean(arrow):
        return "boolean"
    if types.is_integer(arrow):
        return "integer"
    if types.is_floating(arrow) or types.is_decimal(arrow):
        return "float"
    if types.is_timestamp(arrow) or types.is_date(arrow):
        return "time"
    if types.is_string(arrow) or types.is_large_string(arrow):
        return "text"
    return kind_of(arrow.value_type) if types.is_dictionary(arrow) else "other"
