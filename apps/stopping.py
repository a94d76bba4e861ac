"""One process that serves, from its start to an orderly end."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_S = 0.5


class Stop:
    """Somebody wants the process to end."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._is_heard = False

    @property
    def is_wanted(self) -> bool:
        """Whether somebody does."""
        return self._is_heard or self._event.is_set()

    def want(self) -> None:
        """Ask for it."""
        self._event.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Until somebody does, or the time is over; whether somebody does.

        It looks twice a second. Only the main thread runs what hears a signal, and one that the system hands to
        another thread does not wake it: a wait without an end would never notice.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while not self.is_wanted:
            left = _LOOK_S if end is None else min(_LOOK_S, end - time.monotonic())
            if left <= 0:
                return False
            self._event.wait(left)
        self._event.set()
        return True

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """While inside, SIGTERM and SIGINT ask for it; a second one ends the process as it would without us."""
        numbers = (int(signal.SIGTERM), int(signal.SIGINT))
        before: dict[int, Callable[..., object] | int | None] = {}

        def heard(number: int, _frame: object) -> None:
            # Only a name is bound: what takes a lock could wait for the very code that the signal has interrupted.
            self._is_heard = True
            signal.signal(number, signal.SIG_DFL)

        for number in numbers:
            before[number] = signal.signal(number, heard)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
