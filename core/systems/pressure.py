"""How much may be asked of a system at once: never more than it was promised, less when it slows down, nothing while
it is down.

The window of questions in flight grows by one and is halved when answers get slow, as TCP does it (additive increase,
multiplicative decrease: Chiu and Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in
computer networks", Computer Networks 17, 1989). The breaker is Nygard's ("Release It!", 2007).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..clock import Clock, Deadline
from ..errors import BackendError
from .exchange import Unreachable

_SLOW = 3.0
"""Times its usual time from which an answer counts as slow."""
_USUAL_SHARE = 0.1
"""How much one answer moves what counts as usual."""
_NOTICEABLE_S = 0.25
"""Below that no answer is slow, whatever is usual."""
_FAILURES = 5
_REST_S = 15.0
_LONGEST_REST_S = 240.0


class Breaker:
    """Stops asking a system that is down, and tries it again with a single question.

    Args:
        name: of the system, for errors.
        clock: counts the rest.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rest_s = _REST_S
        self._closed_until = 0.0
        self._trying = False

    def enter(self) -> None:
        """Before a question.

        Raises:
            BackendError: the system failed several times in a row, and its rest is not over.
        """
        with self._lock:
            if self._failures < _FAILURES:
                return
            if self._clock.monotonic() < self._closed_until or self._trying:
                raise BackendError(
                    f"{self._name} failed {self._failures} times in a row and is left alone for a while",
                    remedy="mend it; it is tried again by itself",
                )
            self._trying = True

    def succeeded(self) -> None:
        """After a usable answer, or one that shows that the system is well."""
        with self._lock:
            self._failures, self._rest_s, self._trying = 0, _REST_S, False

    def failed(self) -> None:
        """After a failure that is the system's own."""
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._closed_until = self._clock.monotonic() + self._rest_s
                self._rest_s = min(self._rest_s * 2, _LONGEST_REST_S)
            self._trying = False


class Window:
    """Questions in flight of this process: at most `most`, fewer while answers are slow.

    Args:
        name: of the system, for errors.
        most: the limit.
        clock: measures answers.
    """

    def __init__(self, name: str, most: int, clock: Clock) -> None:
        self._name = name
        self._most = most
        self._clock = clock
        self._free = threading.Condition()
        self._in_flight = 0
        self._size = float(most)
        self._usual_s: float | None = None

    @property
    def size(self) -> int:
        """How many may be in flight now."""
        return max(1, int(self._size))

    @contextmanager
    def place(self, deadline: Deadline) -> Iterator[None]:
        """Wait for a place, and keep it during the block.

        Raises:
            BackendError: the deadline passed first.
        """
        with self._free:
            while self._in_flight >= self.size:
                if not self._free.wait(min(deadline.left_s, 1.0)) and deadline.passed:
                    raise Unreachable(
                        f"{self._name} is busy with earlier questions", remedy="try again later", again=False, late=True
                    )
            self._in_flight += 1
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self._leave(self._clock.monotonic() - began)

    def _leave(self, seconds: float) -> None:
        with self._free:
            self._in_flight -= 1
            usual = self._usual_s if self._usual_s is not None else seconds
            if seconds > max(_SLOW * usual, _NOTICEABLE_S):
                self._size = max(1.0, self._size / 2)
            else:
                self._size = min(float(self._most), self._size + 1.0 / self._size)
            self._usual_s = usual + _USUAL_SHARE * (seconds - usual)
            self._free.notify_all()
