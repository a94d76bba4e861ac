"""What can be told of any log system before a triage depends on it, by asking it as a triage does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ....core.clock import Clock, Deadline
from ....core.systems.checks import (
    Checked,
    Look,
    Step,
    conforms,
    deviates,
    fresh,
    looked_at,
    share_without_entity,
    version_found,
)
from ...windows import ComparedWindows, from_us, to_us
from .types import FoundLines, LogsBackend

_BACK = timedelta(minutes=15)
_SETTLED = timedelta(minutes=2)
"""Lines younger than that may still come in."""
_STALE_S = 300.0
_LOOKED_AT = 200
_NOBODY = "opswarden conformance: nobody is called this, and no line says it"
_NO_LINES = (_NOBODY, "\"} |= `x` OR *:* \\ ' } | json")
"""Texts that no line has; the second would change a question of a query language if it were written into it."""

About = Callable[[Deadline], tuple[str, Sequence[Checked]]]
"""The version of a system, and what else it says of itself."""


class LogsCheck:
    """Implements `SystemCheck`.

    Args:
        backend: asks the system.
        clock: ours.
        remedy: names the setting that says whose lines are.
        about: asks the system itself; nothing where it cannot be asked.
        rights: asks what the credential may do; nothing where there is none.
    """

    def __init__(
        self, backend: LogsBackend, clock: Clock, remedy: str, about: About | None = None, rights: Look | None = None
    ) -> None:
        self._backend = backend
        self._clock = clock
        self._remedy = remedy
        self._about = about
        self._rights = rights
        self._version = ""

    @property
    def version(self) -> str:
        """As the system tells it."""
        return self._version

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reach, version and clock; then rights, freshness, and whose the newest lines are."""
        steps: list[Step] = [("reach", lambda: self._reach(deadline)), ("freshness", lambda: self._newest(deadline))]
        if (rights := self._rights) is not None:
            steps.insert(1, ("rights", lambda: rights(deadline)))
        return looked_at(steps)

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """Lines lie in their time and are counted once; nothing is no error; a line is found again by its id."""
        if self._about is not None and not self._version:
            self._version, _ = self._about(deadline)
        return looked_at(
            (
                ("conformance", lambda: self._counts_once(deadline)),
                ("conformance", lambda: self._says_nothing(deadline)),
                ("conformance", lambda: self._finds_again(deadline)),
                ("conformance", lambda: self._groups_all(deadline)),
            )
        )

    def _reach(self, deadline: Deadline) -> Iterable[Checked]:
        more: Sequence[Checked] = ()
        if self._about is not None:
            self._version, more = self._about(deadline)
        self._search(*self._settled(), deadline)
        yield Checked("reach", "ok", "it answers, and takes what we ask")
        if self._about is not None:
            yield version_found(self._version)
        yield from more

    def _newest(self, deadline: Deadline) -> Iterable[Checked]:
        now = self._clock.now()
        found = self._backend.search(now - _BACK, now + _SETTLED, deadline, head=0, tail=_LOOKED_AT)
        moments = found.rows["ts_us"].to_pylist()
        yield fresh(from_us(max(moments)) if moments else None, self._clock, _STALE_S, "line")
        without = sum(not entity for entity in found.rows["entity"].to_pylist())
        yield share_without_entity(without, found.rows.num_rows, "lines", self._remedy)

    def _counts_once(self, deadline: Deadline) -> Iterable[Checked]:
        start, middle, end = self._settled_parts()
        whole = self._search(start, end, deadline)
        halves = [self._search(*half, deadline).matched for half in ((start, middle), (middle, end))]
        moments = whole.rows["ts_us"].to_pylist()
        if moments != sorted(moments) or any(not to_us(start) <= moment < to_us(end) for moment in moments):
            yield deviates("lines of a stretch of time lie outside of it or in no order")
        elif whole.matched != sum(halves):
            yield deviates("the same stretch of time holds another number of lines in one piece and in two")
        else:
            yield conforms(f"lines lie in their time and are counted once ({whole.matched} lines)")

    def _says_nothing(self, deadline: Deadline) -> Iterable[Checked]:
        start, end = self._settled()
        texts = [self._backend.search(start, end, deadline, contains=text, head=1, tail=1) for text in _NO_LINES]
        named = self._backend.search(start, end, deadline, entities=(_NOBODY,), head=1, tail=1)
        if named.matched or any(found.matched for found in texts):
            yield deviates("a text that no line has, or a name that nobody has, is answered with lines")
        else:
            yield conforms("what matches nothing is no data, and no error")

    def _finds_again(self, deadline: Deadline) -> Iterable[Checked]:
        rows = self._search(*self._settled(), deadline).rows.slice(0, 3)
        again = {row["id"]: row["body"] for row in self._backend.read(rows["id"].to_pylist(), deadline).to_pylist()}
        if any(again.get(row["id"]) != row["body"] for row in rows.to_pylist()):
            yield deviates("a line is not found again by its id")
        else:
            yield conforms(f"lines are found again by their ids ({rows.num_rows} lines)")

    def _groups_all(self, deadline: Deadline) -> Iterable[Checked]:
        start, middle, end = self._settled_parts()
        windows = ComparedWindows(start=middle, end=end, baseline_start=start, baseline_end=middle)
        totals = self._backend.grouped(windows, deadline).totals
        lines = sum(totals["before"].to_pylist()) + sum(totals["after"].to_pylist())
        matched = self._search(start, end, deadline).matched
        if lines != matched:
            yield deviates("counted by entity there is another number of lines than there are")
        else:
            yield conforms(f"lines counted by entity are all there are ({totals.num_rows} entities)")

    def _search(self, start: datetime, end: datetime, deadline: Deadline) -> FoundLines:
        return self._backend.search(start, end, deadline, head=_LOOKED_AT // 2, tail=_LOOKED_AT // 2)

    def _settled(self) -> tuple[datetime, datetime]:
        """A quarter of an hour of whole minutes to which nothing is added any more."""
        end = (self._clock.now().astimezone(UTC) - _SETTLED).replace(second=0, microsecond=0)
        return end - _BACK, end

    def _settled_parts(self) -> tuple[datetime, datetime, datetime]:
        start, end = self._settled()
        return start, start + timedelta(minutes=7), end
