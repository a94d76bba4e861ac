"""What an Alertmanager says about itself, and whether it answers as the documentation says (API v2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.systems.checks import (
    Checked,
    clock_of,
    conforms,
    deviates,
    fresh,
    looked_at,
    plain_version,
    share_without_entity,
    version_found,
)
from ....core.systems.client import SystemClient, json_of, refusal
from .settings import AlertmanagerSettings, entity_of

_LEAST = "0.16"
"""The first one with API v2."""
_STALE_S = 600.0
"""Prometheus sends what fires again every minute or so."""
_NOT_ALLOWED = frozenset((401, 403, 404, 405, 501))
_REFUSED = frozenset((400, 422))


class AlertmanagerCheck:
    """Implements `SystemCheck`.

    Args:
        client: asks the system.
        settings: of the system.
        clock: ours.
    """

    def __init__(self, client: SystemClient, settings: AlertmanagerSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._version = ""

    @property
    def version(self) -> str:
        """As `status` tells it."""
        return self._version

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reach, clock and version, rights, labels, freshness."""
        return looked_at(
            (
                ("reach", lambda: self._reach(deadline)),
                ("rights", lambda: self._rights(deadline)),
                ("labels", lambda: self._alerts_now(deadline)),
            )
        )

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """Nothing is no error, an error is not nothing, and a filter leaves what it names."""
        self._status(deadline)
        return looked_at(
            (
                ("conformance", lambda: self._says_nothing(deadline)),
                ("conformance", lambda: self._refuses(deadline)),
                ("conformance", lambda: self._filters(deadline)),
            )
        )

    def _status(self, deadline: Deadline) -> Checked:
        answer = self._client.get("/api/v2/status", [], deadline)
        told = json_of(self._client, answer)
        if not isinstance(told, dict) or not isinstance(told.get("versionInfo"), dict):
            raise BackendError(f"{self._client.name} is no Alertmanager API v2", remedy="check its `url`")
        self._version = plain_version(told["versionInfo"].get("version"))
        return clock_of(answer, self._clock)

    def _reach(self, deadline: Deadline) -> Iterable[Checked]:
        clock = self._status(deadline)
        yield Checked("reach", "ok", "it answers, and takes the credential")
        yield clock
        yield version_found(self._version, _LEAST)

    def _rights(self, deadline: Deadline) -> Iterable[Checked]:
        # A silence without matchers and times is none: whoever may post silences is told that, and nothing is made.
        answer = self._client.post_json("/api/v2/silences", {}, deadline)
        if answer.status in _NOT_ALLOWED:
            yield Checked("rights", "ok", "it takes no silences from us")
        elif answer.status in _REFUSED:
            yield Checked(
                "rights",
                "warning",
                "the credential could post silences; reading is enough for us",
                "put a proxy before it that lets only GET through, or give us a credential that reads",
            )
        else:
            yield Checked("rights", "ok", f"whether it takes silences from us cannot be told (status {answer.status})")

    def _alerts_now(self, deadline: Deadline) -> Iterable[Checked]:
        found = self._alerts([], deadline)
        scope = set(self._settings.scope.items())
        labels = [alert["labels"] for alert in found if scope <= set(alert["labels"].items())]
        without = sum(not entity_of(each, self._settings.entity_labels) for each in labels)
        now = ", ".join(self._settings.entity_labels)
        yield share_without_entity(
            without, len(labels), "alerts", f"set `entity_labels` to labels that they have (now {now})"
        )
        if not found:
            yield Checked("freshness", "ok", "nothing fires, so whether alerts arrive cannot be told")
            return
        newest = max(filter(None, (_moment(alert.get("updatedAt")) for alert in found)), default=None)
        yield fresh(newest, self._clock, _STALE_S, "update of an alert")

    def _says_nothing(self, deadline: Deadline) -> Iterable[Checked]:
        if self._alerts([("filter", 'opswarden_conformance="nobody has this"')], deadline):
            yield deviates("a label that nothing has is answered with alerts")
        else:
            yield conforms("what matches nothing is no data, and no error")

    def _refuses(self, deadline: Deadline) -> Iterable[Checked]:
        answer = self._client.get("/api/v2/alerts", [("filter", "{{{")], deadline)
        if answer.status in _REFUSED:
            yield conforms("a filter that is none is an error, and not no data")
        else:
            yield deviates(f"a filter that is none is answered with status {answer.status}")

    def _filters(self, deadline: Deadline) -> Iterable[Checked]:
        everything = self._alerts([], deadline)
        name = next((alert["labels"].get("alertname", "") for alert in everything), "")
        if not name.isascii() or not name.replace("_", "").isalnum():
            yield conforms("nothing fires by which a filter could be tried")
            return
        some = self._alerts([("filter", f'alertname="{name}"')], deadline)
        wanted = sum(alert["labels"].get("alertname") == name for alert in everything)
        if len(some) != wanted:
            yield deviates("a filter does not leave the alerts that it names")
        else:
            yield conforms(f"a filter leaves just what it names ({wanted} of {len(everything)} alerts)")

    def _alerts(self, params: Sequence[tuple[str, str]], deadline: Deadline) -> list[dict[str, Any]]:
        answer = self._client.get("/api/v2/alerts", params, deadline)
        if answer.status >= 300:
            raise refusal(self._client.name, answer.status)
        found = json_of(self._client, answer)
        if not isinstance(found, list) or not all(isinstance(each, dict) and _has_labels(each) for each in found):
            raise BackendError(f"{self._client.name} is no Alertmanager API v2", remedy="check its `url`")
        return found


def _has_labels(alert: Mapping[str, Any]) -> bool:
    labels = alert.get("labels")
    return isinstance(labels, dict) and all(isinstance(value, str) for value in labels.values())


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
