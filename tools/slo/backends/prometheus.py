"""Service level objectives that rules record in a Prometheus, as Sloth writes them.

Source: Sloth documentation, "SLO rules": `slo:objective:ratio`, `slo:time_period:days` and
`slo:sli_error:ratio_rate5m`, told apart by `sloth_id`. The share of bad is what the rules computed, so that every
moment counts alike, however many requests came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ...alerts.backends.settings import entity_of
from ...metrics.backends.prometheus_api import PrometheusApi
from ...metrics.backends.promql import Matcher, one_of, selector
from ...metrics.backends.settings import PrometheusSettings
from ...windows import to_us
from .types import SLO_LIMIT, Slo

_OBJECTIVE, _DAYS = "slo:objective:ratio", "slo:time_period:days"
_BAD = "slo:sli_error:ratio_rate5m"
_DAY_S = 86_400


class PrometheusSlos:
    """Implements `SloBackend`. The entity is the first of `entity_labels` that the rules gave their series.

    Args:
        api: asks the system.
        settings: of the system.
        clock: says what now is.
        at: when the rules are looked at; now unless given.
    """

    def __init__(
        self, api: PrometheusApi, settings: PrometheusSettings, clock: Clock, at: datetime | None = None
    ) -> None:
        self._api = api
        self._settings = settings
        self._clock = clock
        self._at = at

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        return self._settings.environment

    def slos(self, deadline: Deadline, *, entities: Sequence[str] = ()) -> tuple[Slo, ...]:
        """What the rules record, by entity and name; one without an objective or a length is said to lack it."""
        objectives: dict[str, tuple[Mapping[str, str], float]] = {}
        days: dict[str, float] = {}
        for labels, value in self._recorded(deadline):
            id = labels.get("sloth_id", "")
            if labels.get("__name__") == _OBJECTIVE:
                objectives[id] = labels, value
            else:
                days[id] = value
        found = []
        for id, (labels, objective) in objectives.items():
            entity = entity_of(labels, self._settings.entity_labels)
            if id and entity and (not entities or entity in entities):
                window_s = round(days[id] * _DAY_S) if id in days else None
                found.append(Slo(entity, labels.get("sloth_slo", id), objective, window_s, _share_of_bad(id)))
        return tuple(sorted(found, key=lambda slo: (slo.entity, slo.name, slo.query))[:SLO_LIMIT])

    def _recorded(self, deadline: Deadline) -> list[tuple[Mapping[str, str], float]]:
        scope = [Matcher(name, "=", value) for name, value in sorted(self._settings.scope.items())]
        # On the minute, so that whoever asks within it asks the same.
        at = self._at or self._clock.now().replace(second=0, microsecond=0)
        params = [
            ("query", selector((*scope, one_of("__name__", (_OBJECTIVE, _DAYS))))),
            ("time", f"{to_us(at) / 1e6:.3f}"),
            ("partial_response", "false"),
        ]
        data = self._api.data("/api/v1/query", params, deadline)
        if not isinstance(data, dict) or data.get("resultType") != "vector":
            raise BackendError(f"{self._api.client.name} answered something else than values", remedy="check its `url`")
        return [_value(row) for row in data.get("result") or ()]


class JoinedSlos:
    """Implements `SloBackend`: what the service catalogue declares, and what systems record beside it.

    Args:
        first: of an objective that several know, this one's counts.
        others: systems of the same environment.
    """

    def __init__(self, first: Any, others: Sequence[PrometheusSlos]) -> None:
        self._backends = (first, *others)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return str(self._backends[0].environment)

    def slos(self, deadline: Deadline, *, entities: Sequence[str] = ()) -> tuple[Slo, ...]:
        """The objectives of all."""
        found: dict[tuple[str, str], Slo] = {}
        for backend in self._backends:
            for slo in backend.slos(deadline, entities=entities):
                found.setdefault((slo.entity, slo.name), slo)
        return tuple(found[key] for key in sorted(found))[:SLO_LIMIT]


def _share_of_bad(id: str) -> str:
    escaped = id.replace("\\", "\\\\").replace('"', '\\"')
    return f'1 - {_BAD}{{sloth_id="{escaped}"}}'


def _value(row: Any) -> tuple[Mapping[str, str], float]:
    try:
        labels, value = row["metric"], float(row["value"][1])
        return {str(name): str(text) for name, text in labels.items()}, value
    except (TypeError, KeyError, IndexError, ValueError, AttributeError) as error:
        raise BackendError("an objective is no number", remedy="check the rules that record it") from error
