"""Work on text that nobody can stop, such as that of a trained model: it is waited for so long and no longer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
IsOver = Callable[[], bool]
"""Whether nobody waits any more; work of several parts asks between them."""


class OutOfTimeError(Exception):
    """It was not done in time, or what was not done before is still under way."""


class Patience:
    """One thread for one kind of work. A thread cannot be stopped: what is out of time is left alone until it ends.

    Until then nothing else is begun, so a model that hangs costs one limit and one thread, not one for each text. The
    thread is a daemon: a process ends whatever it does. Work that holds Python's own lock holds up everything, and no
    thread can help that; none of the engines does for longer than a call of its library.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._turn = threading.Lock()
        self._asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._left: Future[Any] | None = None

    def run(self, work: Callable[[IsOver], T], limit_s: float) -> T:
        """Do the work, one at a time; whoever comes meanwhile waits for at most what is being done.

        Raises:
            OutOfTimeError: see there.
        """
        with self._turn:
            if self._left is not None and not self._left.done() and self._is_alive():
                raise OutOfTimeError
            over = threading.Event()
            future: Future[T] = Future()
            self._begin(future, lambda: work(over.is_set))
            try:
                return future.result(limit_s)
            except TimeoutError:
                raise OutOfTimeError from None
            finally:
                over.set()
                self._left = None if future.done() else future

    def _is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _begin(self, future: Future[Any], work: Callable[[], Any]) -> None:
        if not self._is_alive():  # the first time, and in the child of a fork, which has no threads but one
            self._asked = SimpleQueue()
            self._thread = threading.Thread(target=_serve, args=(self._asked,), name=self._name, daemon=True)
            self._thread.start()
        self._asked.put((future, work))


def _serve(asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]]]) -> None:
    while True:
        future, work = asked.get()
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            future.set_exception(error)
        del future, work  # no text stays behind
