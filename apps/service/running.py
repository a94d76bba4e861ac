"""One process of the service, from its start to an orderly end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """Somebody wants the process to end."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody does."""
        return self._event.is_set()

    def want(self) -> None:
        """Ask for it."""
        self._event.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Until somebody does, or the time is over; whether somebody does."""
        return self._event.wait(seconds)

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """While inside, SIGTERM and SIGINT ask for it; a second one ends the process as it would without us."""
        numbers = (int(signal.SIGTERM), int(signal.SIGINT))
        before: dict[int, Callable[..., object] | int | None] = {}

        def heard(number: int, _frame: object) -> None:
            self.want()
            signal.signal(number, signal.SIG_DFL)

        for number in numbers:
            before[number] = signal.signal(number, heard)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
