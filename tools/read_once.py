"""What several tools of one run look at is read once: whoever comes second waits for the one who reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from ..core.clock import Deadline
from ..core.errors import BackendError

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ReadOnce(Generic[K, V]):
    """Readings by what they are of, the last few of them. A reading that failed is told to who waited, and not kept.

    Args:
        most: kept at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._readings: dict[K, Future[V]] = {}

    def get(self, key: K, read: Callable[[], V], deadline: Deadline) -> V:
        """The reading of `key`, ours or that of somebody who came first.

        Raises:
            BackendError: as `read` does, or it is not done before our deadline.
        """
        with self._lock:
            known = self._readings.get(key)
            if known is None:
                reading = self._readings[key] = Future()
                for old in [name for name, each in self._readings.items() if each.done()][: -self._most]:
                    del self._readings[old]
        if known is not None:
            try:
                return known.result(deadline.left_s)
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
