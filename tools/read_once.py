"""What several tools of one run look at is read once: whoever comes second waits for the one who reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from typing import Generic, TypeVar

from ..core.clock import Clock, Deadline, SystemClock
from ..core.errors import BackendError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_SERVES_S = 300.0
"""As long as a client shares what a system said about the past."""


class ReadOnce(Generic[K, V]):
    """Readings by what they are of, the last few of them. A reading that failed is told to who waited, and not kept.

    Args:
        most: kept at once.
        clock: counts how long one serves: five minutes.
    """

    def __init__(self, most: int, clock: Clock | None = None) -> None:
        self._most = most
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._readings: dict[K, tuple[float, Future[V]]] = {}

    def get(self, key: K, read: Callable[[], V], deadline: Deadline) -> V:
        """The reading of `key`, ours or that of somebody who came first.

        Raises:
            BackendError: as `read` does, or it is not done before our deadline.
        """
        with self._lock:
            self._drop([each for each in self._done() if self._readings[each][0] <= self._clock.monotonic()])
            known = self._readings.get(key)
            reading: Future[V] = Future()
            if known is None:
                self._drop(self._done()[: 1 - self._most or None])
                self._readings[key] = self._clock.monotonic() + _SERVES_S, reading
        if known is not None:
            try:
                return known[1].result(deadline.left_s)
            except TimeoutError:
                raise BackendError("others read the same and are not done yet", remedy="try again later") from None
        try:
            found = read()
        except BaseException as error:
            with self._lock:
                del self._readings[key]
            reading.set_exception(error)
            raise
        reading.set_result(found)
        return found

    def _done(self) -> list[K]:
        return [key for key, (_, reading) in self._readings.items() if reading.done()]

    def _drop(self, keys: Iterable[K]) -> None:
        for key in keys:
            del self._readings[key]
