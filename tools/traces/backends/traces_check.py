"""What can be told of a tracing system before a triage depends on it, by asking it as a triage does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

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
from ...windows import from_us, to_us
from .sampled import SampledTraces

_BACK = timedelta(minutes=15)
_SETTLED = timedelta(minutes=2)
"""Spans younger than that may still come in."""
_STALE_S = 300.0
_NO_TRACE = "f" * 32
_SPANS = "SELECT trace_id, entity, epoch_us(start) AS start_us FROM spans ORDER BY start"

About = Callable[[Deadline], tuple[str, Sequence[Checked]]]
"""The version of a system, and what else it says of itself."""


class TracesCheck:
    """Implements `SystemCheck`.

    Args:
        traces: asks the system.
        clock: ours.
        about: asks the system itself.
        rights: asks what the credential may do.
    """

    def __init__(self, traces: SampledTraces, clock: Clock, about: About, rights: Look | None = None) -> None:
        self._traces = traces
        self._clock = clock
        self._about = about
        self._rights = rights
        self._version = ""

    @property
    def version(self) -> str:
        """As the system tells it."""
        return self._version

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reach, version and clock; then rights, freshness, and whose the spans are."""
        steps: list[Step] = [("reach", lambda: self._reach(deadline)), ("freshness", lambda: self._newest(deadline))]
        if (rights := self._rights) is not None:
            steps.insert(1, ("rights", lambda: rights(deadline)))
        return looked_at(steps)

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """Traces of a time have spans in it; nothing is no error; a trace is found again by its id."""
        if not self._version:
            self._version, _ = self._about(deadline)
        return looked_at(
            (
                ("conformance", lambda: self._lies_in_time(deadline)),
                ("conformance", lambda: self._says_nothing(deadline)),
                ("conformance", lambda: self._finds_again(deadline)),
            )
        )

    def _reach(self, deadline: Deadline) -> Iterable[Checked]:
        self._version, more = self._about(deadline)
        services = self._traces.entities(deadline)
        yield Checked("reach", "ok", f"it answers, and lists {len(services)} services")
        yield version_found(self._version)
        yield from more

    def _newest(self, deadline: Deadline) -> Iterable[Checked]:
        now = self._clock.now()
        spans = self._spans(now - _BACK, now, deadline)
        moments = spans["start_us"].to_pylist()
        yield fresh(from_us(max(moments)) if moments else None, self._clock, _STALE_S, "span")
        without = sum(not entity for entity in spans["entity"].to_pylist())
        yield share_without_entity(without, spans.num_rows, "spans", "set `service.name` where they are made")

    def _lies_in_time(self, deadline: Deadline) -> Iterable[Checked]:
        start, end = self._settled()
        rows = self._spans(start, end, deadline).to_pylist()
        inside = {row["trace_id"] for row in rows if to_us(start) <= row["start_us"] < to_us(end)}
        outside = {row["trace_id"] for row in rows} - inside
        if outside:
            yield deviates("a trace of a stretch of time has no span in it")
        else:
            yield conforms(f"traces lie in their time ({len(inside)} traces)")

    def _says_nothing(self, deadline: Deadline) -> Iterable[Checked]:
        if self._traces.trace(_NO_TRACE, deadline).num_rows:
            yield deviates("a trace that nobody has is answered with spans")
        else:
            yield conforms("what matches nothing is no data, and no error")

    def _finds_again(self, deadline: Deadline) -> Iterable[Checked]:
        start, end = self._settled()
        rows = self._spans(start, end, deadline).to_pylist()
        if not rows:
            yield conforms("there is no trace to be found again")
            return
        wanted = rows[-1]
        again = self._traces.trace(wanted["trace_id"], deadline)["entity"].to_pylist()
        sampled = sum(row["trace_id"] == wanted["trace_id"] for row in rows)
        if wanted["entity"] not in again or len(again) < sampled:
            yield deviates("a trace has fewer spans by its id than among others")
        else:
            yield conforms(f"a trace is found again by its id ({len(again)} spans)")

    def _spans(self, start: datetime, end: datetime, deadline: Deadline) -> pa.Table:
        return self._traces.between([(start, end)], deadline).query(_SPANS, deadline=deadline)

    def _settled(self) -> tuple[datetime, datetime]:
        """A quarter of an hour of whole minutes to which nothing is added any more."""
        end = (self._clock.now().astimezone(UTC) - _SETTLED).replace(second=0, microsecond=0)
        return end - _BACK, end
