"""Running something with a deadline on a bounded number of threads."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ..tools.spec import Output

T = TypeVar("T")


class DeadlinePassed(Exception):
    """The work was not done in time.

    Args:
        has_started: False if it was still waiting for a thread and now never runs.
    """

    def __init__(self, *, has_started: bool) -> None:
        super().__init__("the deadline has passed")
        self.has_started = has_started


class _Work(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._context = contextvars.copy_context()
        self._lock = threading.Lock()
        self._state = "waiting"
        self._done = threading.Event()
        self._result: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        with self._lock:
            if self._state != "waiting":
                return
            self._state = "started"
        try:
            self._result.append(self._context.run(self._work))
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who decides
            self._error = error
        finally:
            self._done.set()

    def wait(self, timeout_s: float) -> T:
        if not self._done.wait(timeout_s):
            with self._lock:
                has_started = self._state == "started"
                self._state = "started" if has_started else "given up"
            if not self._done.is_set():
                raise DeadlinePassed(has_started=has_started)
        if self._error is not None:
            raise self._error
        return self._result[0]


class BoundedThreads:
    """At most `size` threads; more work waits until its deadline.

    A call that hangs cannot be stopped in Python; it keeps its thread, and the threads are daemons so that it does not
    keep the process. (`ThreadPoolExecutor` would wait for it at exit.) One that has had nothing to do for a while ends:
    a service opens many gates, and each has threads of its own.
    """

    def __init__(self, size: int = 16, *, idle_s: float = 10.0) -> None:
        self._size = size
        self._idle_s = idle_s
        self._queue: queue.SimpleQueue[_Work[object]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._pending = 0  # work that waits or runs; there are as many threads, up to the bound

    def run(self, work: Callable[[], T], timeout_s: float) -> T:
        """The result of the work.

        Raises:
            DeadlinePassed: it was not done in time; started work goes on unseen.
            BaseException: whatever the work raised.
        """
        item: _Work[T] = _Work(work)
        with self._lock:
            if self._threads < min(self._size, self._pending + 1):
                threading.Thread(target=self._serve, name="opswarden-call", daemon=True).start()
                self._threads += 1
            self._pending += 1
        self._queue.put(item)  # type: ignore[arg-type]  # the queue does not care what the work returns
        return item.wait(timeout_s)

    def _serve(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=self._idle_s)
            except queue.Empty:
                with self._lock:
                    if self._threads > self._pending:
                        self._threads -= 1
                        return
                continue  # work has been counted that is not in the queue yet
            item.run()
            del item  # its result is the caller's, who may let go of it
            with self._lock:
                self._pending -= 1


class Flight:
    """A run of a tool; settles who reports an outcome that comes near the deadline, the caller or the late thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._output: Output[Any] | None = None
        self._is_given_up = False

    def land(self, output: Output[Any]) -> bool:
        """The tool has returned; False if nobody waits any more."""
        with self._lock:
            self._output = output
            return not self._is_given_up

    def give_up(self) -> Output[Any] | None:
        """The deadline has passed; the output if it came at this very moment."""
        with self._lock:
            self._is_given_up = True
            return self._output
