"""Items of something that blocks, each within a time limit.

A socket's time-outs start anew with every byte, so only a second thread can hold a deadline against an endpoint that
answers one byte at a time.
"""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_WAITING_ITEMS = 256
_OFFER_S = 0.5


class TooLate(Exception):
    """The next item did not come in time."""


@dataclass(frozen=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True)
class _Ended:
    error: BaseException | None = None


def in_time(source: Callable[[], Iterator[T]], limit_s: Callable[[int], float]) -> Generator[T, None, None]:
    """The items of `source`, which runs on a thread of its own.

    When the caller stops early, the thread ends at its next item or at the time-out of its socket, unseen.

    Args:
        source: makes the iterator; called and advanced on the thread only.
        limit_s: how long to wait for the item of this number, from 0.

    Raises:
        TooLate: an item did not come in time.
        BaseException: whatever the source raised.
    """
    pump = _Pump(source)
    thread = threading.Thread(
        target=contextvars.copy_context().run, args=(pump.run,), name="opswarden-model", daemon=True
    )
    thread.start()
    try:
        number = 0
        while True:
            item = pump.take(limit_s(number))
            if isinstance(item, _Ended):
                if item.error is not None:
                    raise item.error
                return
            number += 1
            yield item.value
    finally:
        pump.is_over.set()


class _Pump(Generic[T]):
    """Moves items from the thread of the source to the thread of the caller."""

    def __init__(self, source: Callable[[], Iterator[T]]) -> None:
        self._source = source
        self._items: queue.Queue[_Item[T] | _Ended] = queue.Queue(_WAITING_ITEMS)
        self.is_over = threading.Event()

    def run(self) -> None:
        try:
            for value in self._source():
                self._offer(_Item(value))
                if self.is_over.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who decides
            self._offer(_Ended(error))
        else:
            self._offer(_Ended())

    def take(self, limit_s: float) -> _Item[T] | _Ended:
        try:
            return self._items.get(timeout=max(0.0, limit_s))
        except queue.Empty:
            raise TooLate from None

    def _offer(self, item: _Item[T] | _Ended) -> None:
        while not self.is_over.is_set():
            try:
                self._items.put(item, timeout=_OFFER_S)
            except queue.Full:
                continue
            return
