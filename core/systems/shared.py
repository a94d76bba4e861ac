"""One answer for many who ask the same: a storm of alerts asks the same questions again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from ..clock import Clock, Deadline
from ..errors import BackendError
from ..http_exchange import Exchanged
from .exchange import Unreachable

_KEPT_BYTES = 64_000_000


@dataclass
class _Asked:
    """A question that somebody is asking."""

    done: threading.Event = field(default_factory=threading.Event)
    answer: Exchanged | None = None
    error: BackendError | None = None


class SharedAnswers:
    """Answers of the last seconds, and questions in flight that others may wait for.

    A failure is told to those who waited for it and never kept. Only what is asked with the same credential is shared:
    a client has one of these, and one credential.

    Args:
        clock: counts the seconds.
        seconds: how long an answer serves.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, Exchanged]] = OrderedDict()
        self._size = 0
        self._asked: dict[Hashable, _Asked] = {}

    def get(
        self,
        key: Hashable,
        ask: Callable[[], Exchanged],
        deadline: Deadline,
        seconds: float | None = None,
        is_settled: Callable[[Exchanged], bool] = lambda _answer: True,
    ) -> Exchanged:
        """The answer to a question, asked by us or by somebody else.

        Args:
            key: of the question.
            ask: asks.
            deadline: until then somebody else may be waited for.
            seconds: how long this answer serves; as told at the start if absent.
            is_settled: whether an answer may be kept.

        Raises:
            BackendError: as `ask` does, or the one who asked did not come back before our deadline.
        """
        with self._lock:
            self._drop_old()
            if key in self._kept:
                return self._kept[key][1]
            asked = self._asked.get(key)
            is_ours = asked is None
            if asked is None:
                asked = self._asked[key] = _Asked()
        return (
            self._ask(key, asked, ask, self._seconds if seconds is None else seconds, is_settled)
            if is_ours
            else self._wait(asked, deadline)
        )

    def _ask(
        self,
        key: Hashable,
        asked: _Asked,
        ask: Callable[[], Exchanged],
        seconds: float,
        is_settled: Callable[[Exchanged], bool],
    ) -> Exchanged:
        try:
            asked.answer = ask()
            return asked.answer
        except BackendError as error:
            asked.error = error
            raise
        finally:
            with self._lock:
                del self._asked[key]
                if asked.answer is not None and seconds > 0 and is_settled(asked.answer):
                    self._keep(key, asked.answer, seconds)
            asked.done.set()

    def _wait(self, asked: _Asked, deadline: Deadline) -> Exchanged:
        if not asked.done.wait(deadline.left_s):
            raise Unreachable(
                "the same question is being asked and is not answered yet",
                remedy="try again later",
                again=False,
                late=True,
            )
        if asked.answer is None:
            raise asked.error or BackendError("the same question, asked by others, failed", remedy="try again")
        return asked.answer

    def _keep(self, key: Hashable, answer: Exchanged, seconds: float) -> None:
        if len(answer.content) > _KEPT_BYTES // 4:
            return
        self._kept[key] = (self._clock.monotonic() + seconds, answer)
        self._size += len(answer.content)
        while self._size > _KEPT_BYTES:
            self._drop_first()

    def _drop_old(self) -> None:
        now = self._clock.monotonic()
        for key in [key for key, (until, _) in self._kept.items() if until <= now]:
            self._size -= len(self._kept.pop(key)[1].content)

    def _drop_first(self) -> None:
        _, (_, answer) = self._kept.popitem(last=False)
        self._size -= len(answer.content)
