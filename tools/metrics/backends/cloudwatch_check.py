"""What can be told of a CloudWatch's metrics before a triage depends on them, by asking as a triage does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ....core.clock import Clock, Deadline
from ....core.systems.checks import Checked, conforms, deviates, fresh, looked_at, share_without_entity
from ...windows import from_us
from ..series import SeriesSet
from .cloudwatch import CloudwatchMetrics

_BACK = timedelta(minutes=20)
_SETTLED = timedelta(minutes=5)
_STALE_S = 600.0
_NOBODY = "opswarden conformance: nobody is called this"

Told = dict[tuple[str, str, tuple[tuple[str, str], ...]], list[tuple[int, float]]]


class CloudwatchCheck:
    """Implements `SystemCheck`.

    Args:
        metrics: asks the system.
        clock: ours.
    """

    def __init__(self, metrics: CloudwatchMetrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock

    @property
    def version(self) -> str:
        """None: CloudWatch has none to tell."""
        return ""

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reach, which shows that signature, rights and clock do; then size, labels and freshness."""
        return looked_at((("reach", lambda: self._reach(deadline)), ("size", lambda: self._newest(deadline))))

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """A window says the same in one piece and in two, values lie in it, and a name that nobody has is no data."""
        return looked_at((("conformance", lambda: self._same(deadline)), ("conformance", lambda: self._none(deadline))))

    def _reach(self, deadline: Deadline) -> Iterable[Checked]:
        self._metrics.entities(deadline)
        yield Checked("reach", "ok", "it answers, and takes what we ask")

    def _newest(self, deadline: Deadline) -> Iterable[Checked]:
        now = self._clock.now()
        found = self._metrics.series(now - _BACK, now, deadline)
        if not len(found):
            yield Checked("size", "warning", "no series matches", "check `namespaces`, `scope` and `region`")
            return
        yield Checked("size", "ok", f"{len(found)} series of the last {_BACK.seconds // 60} minutes are read")
        without = sum(not key.entity for key in found.keys)
        yield share_without_entity(
            without, len(found), "series", "set `entity_dimensions` to dimensions that they have"
        )
        yield fresh(from_us(int(found.times_us.max())), self._clock, _STALE_S, "value")

    def _same(self, deadline: Deadline) -> Iterable[Checked]:
        start, middle, end = self._settled()
        whole, first, last = (
            _told(self._metrics.series(*part, deadline)) for part in ((start, end), (start, middle), (middle, end))
        )
        halves = {key: [*first.get(key, []), *last.get(key, [])] for key in {*first, *last}}
        if whole != halves:
            yield deviates("the same time says other values in one piece and in two")
        else:
            yield conforms(f"a window says the same in one piece and in two ({len(whole)} series)")

    def _none(self, deadline: Deadline) -> Iterable[Checked]:
        start, _, end = self._settled()
        if len(self._metrics.series(start, end, deadline, metric=_NOBODY)):
            yield deviates("a metric that nobody has is answered with values")
        else:
            yield conforms("what matches nothing is no data, and no error")

    def _settled(self) -> tuple[datetime, datetime, datetime]:
        end = self._clock.now().replace(second=0, microsecond=0) - _SETTLED
        return end - _BACK, end - _BACK / 2, end


def _told(found: SeriesSet) -> Told:
    return {
        (key.entity, key.metric, key.labels): list(zip(times.tolist(), values.tolist(), strict=True))
        for key, times, values in found
    }
