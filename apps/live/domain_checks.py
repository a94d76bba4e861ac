"""What any live system is asked about itself through the domains that it serves, where its kind has no own check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ...core.clock import Clock, Deadline
from ...core.errors import BackendError
from ...core.systems.checks import (
    Checked,
    Step,
    clock_of,
    conforms,
    deviates,
    fresh,
    looked_at,
    plain_version,
    share_without_entity,
    version_found,
)
from ...core.systems.client import SystemClient, json_of, refusal
from ...tools.windows import from_us, to_us
from .systems import SystemSettings
from .write_rights import rights_of

_TELLS_VERSION: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "argocd": ("/api/version", ("Version",)),
    "grafana": ("/api/health", ("version",)),
}
"""By kind: where a system tells its version, by its documentation; others are asked for nothing but an answer."""
_SETTLED = timedelta(minutes=2)
"""Changes that are younger may still be on their way, and would be told by one question and not by the next."""
_MONTH = timedelta(days=30)
_HOUR = timedelta(hours=1)
_LONG_AGO = timedelta(days=20 * 365)
_STALE_CHANGES_S = 14 * 86_400.0
_STALE_SAMPLES_S = 300.0
_NOBODY = "opswarden conformance: nobody is called this"


class DomainCheck:
    """Implements `SystemCheck`.

    Args:
        settings: of the system.
        backends: per domain, what reads the system.
        client: asks the system; `None` for what lies on this machine.
        clock: ours.
    """

    def __init__(
        self, settings: SystemSettings, backends: Mapping[str, Any], client: SystemClient | None, clock: Clock
    ) -> None:
        self._settings = settings
        self._backends = backends
        self._client = client
        self._clock = clock
        self._version = ""

    @property
    def version(self) -> str:
        """As the system tells it."""
        return self._version

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reach, clock and version; then rights, as far as it tells of them, and freshness and labels by domain."""
        steps: list[Step] = [("reach", lambda: self._reach(deadline))]
        if (client := self._client) is not None:
            steps.append(("rights", lambda: rights_of(self._settings, client, deadline)))
        if "changes" in self._backends:
            steps.append(("freshness", lambda: self._changes_now(deadline)))
        if "alerts" in self._backends:
            steps.append(("labels", lambda: self._alerts_now(deadline)))
        if "metrics" in self._backends:
            steps.append(("freshness", lambda: self._metrics_now(deadline)))
        return looked_at(steps)

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """By domain: nothing is no error, what is answered lies in its window, and the same is told twice."""
        steps: list[Step] = []
        if "changes" in self._backends:
            steps.append(("conformance", lambda: self._changes_kept(deadline)))
        if "alerts" in self._backends:
            steps.append(("conformance", lambda: self._alerts_kept(deadline)))
        if "metrics" in self._backends:
            steps.append(("conformance", lambda: self._metrics_kept(deadline)))
        return looked_at(steps)

    def _reach(self, deadline: Deadline) -> Iterable[Checked]:
        if self._client is None:
            yield Checked("reach", "ok", "it lies on this machine")
            return
        path, place = _TELLS_VERSION.get(self._settings.kind, ("", ()))
        answer = self._client.get(path, [], deadline, accept="application/json" if path else "*/*")
        if answer.status in (401, 403) or answer.status >= 500:
            raise refusal(self._client.name, answer.status)
        if place and answer.status < 300:
            told = json_of(self._client, answer)
            for name in place:
                told = told.get(name) if isinstance(told, dict) else None
            self._version = plain_version(told)
        yield Checked("reach", "ok", "it answers")
        yield clock_of(answer, self._clock)
        yield version_found(self._version)

    def _changes_now(self, deadline: Deadline) -> Iterable[Checked]:
        now = self._clock.now()
        found = self._backends["changes"].between(now - _MONTH, now, deadline).rows
        moments = found["ts"].to_pylist()
        if not moments:
            yield Checked("freshness", "warning", "no change of the last 30 days", "check what it is asked for")
            return
        yield fresh(max(moments), self._clock, _STALE_CHANGES_S, "change")
        without = sum(not entity for entity in found["entity"].to_pylist())
        yield share_without_entity(without, found.num_rows, "changes", "say in the settings whose they are")

    def _alerts_now(self, deadline: Deadline) -> Iterable[Checked]:
        entities = self._backends["alerts"].events(self._clock.now(), deadline)["entity"].to_pylist()
        without = sum(not entity for entity in entities)
        yield share_without_entity(without, len(entities), "alerts", "set `entity_labels` to labels that they have")

    def _alerts_kept(self, deadline: Deadline) -> Iterable[Checked]:
        alerts, now = self._backends["alerts"], self._clock.now()
        whole, nobodys = alerts.events(now, deadline), alerts.events(now, deadline, entities=(_NOBODY,))
        at = to_us(now)
        if nobodys.num_rows:
            yield deviates("a name that nobody has is answered with alerts")
        elif any(moment >= at for moment in whole["ts_us"].to_pylist()):
            yield deviates("alerts began later than now")
        elif alerts.events(now - _LONG_AGO, deadline).num_rows:
            yield deviates("alerts began twenty years ago")
        else:
            yield conforms(f"alerts began before now, and nobody's are none ({whole.num_rows} told)")

    def _metrics_now(self, deadline: Deadline) -> Iterable[Checked]:
        end = self._clock.now() + _SETTLED
        found = self._backends["metrics"].series(end - _HOUR, end, deadline)
        newest = int(found.times_us.max()) if len(found.times_us) else None
        yield fresh(None if newest is None else from_us(newest), self._clock, _STALE_SAMPLES_S, "sample")
        without = sum(not key.entity for key in found.keys)
        yield share_without_entity(without, len(found), "series", "set `entity_labels` to labels that they have")

    def _metrics_kept(self, deadline: Deadline) -> Iterable[Checked]:
        metrics, end = self._backends["metrics"], self._clock.now() + _SETTLED
        whole = metrics.series(end - _HOUR, end, deadline)
        some = whole.keys[0] if len(whole) else None
        if len(metrics.series(end - _HOUR, end, deadline, entities=(_NOBODY,))):
            yield deviates("a name that nobody has is answered with series")
        elif len(whole.times_us) and not to_us(end - _HOUR) <= whole.times_us.min() <= whole.times_us.max() < to_us(
            end
        ):
            yield deviates("samples of a window lie outside of it")
        elif some is not None and some not in metrics.series(end - _HOUR, end, deadline, metric=some.metric).keys:
            yield deviates("a series is not found again by its metric")
        else:
            yield conforms(f"samples lie in their window, and nobody's are none ({len(whole)} series)")

    def _changes_kept(self, deadline: Deadline) -> Iterable[Checked]:
        changes, end = self._backends["changes"], self._clock.now().replace(second=0, microsecond=0) - _SETTLED
        start, middle = end - _MONTH, end - _MONTH / 2
        whole = _changes_of(changes, start, end, deadline)
        if whole != _changes_of(changes, start, middle, deadline) | _changes_of(changes, middle, end, deadline):
            yield deviates("the same month holds other changes in one piece and in two")
        elif not all(start <= moment < end for moment, _, _ in whole):
            yield deviates("changes of a window lie outside of it")
        else:
            yield conforms(f"a month says the same in one piece and in two ({len(whole)} changes)")


def _changes_of(changes: Any, start: datetime, end: datetime, deadline: Deadline) -> set[tuple[datetime, str, str]]:
    found = changes.between(start, end, deadline)
    if found.matched > found.rows.num_rows:
        raise BackendError("there are more changes in a month than are read", remedy="narrow what it is asked for")
    rows = found.rows
    return set(zip(rows["ts"].to_pylist(), rows["entity"].to_pylist(), rows["id"].to_pylist(), strict=True))
