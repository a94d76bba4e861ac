"""A double of a Grafana that evaluates alert rules: the part of its API that is Alertmanager's, over a real socket.

After Grafana 12, "Alerting HTTP API" (`/api/alertmanager/grafana/api/v2/alerts`, `gettableAlerts`), with the labels and
annotations that Grafana adds, and its refusals. No official client reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .delivery_servers import Answered, DeliveryServer

_DENIED = {
    "accessErrorId": "ACE1",
    "message": "You'll need additional permissions to perform this action.",
    "title": "Access denied",
}


class GrafanaServer(DeliveryServer):
    """Serves these alerts.

    Args:
        alerts: labels, annotations, and the moments of each.
        may_read: whether the service account may read alerts.
    """

    def __init__(self, alerts: Sequence[Mapping[str, Any]], *, may_read: bool = True) -> None:
        self.alerts = alerts
        self.may_read = may_read
        super().__init__()

    def found(self, path: str, query: Mapping[str, str]) -> Answered:
        if path != "/api/alertmanager/grafana/api/v2/alerts":
            return 404, {"message": "Not found"}, {}
        if set(query) - {"active", "silenced", "inhibited", "unprocessed", "filter", "receiver"}:
            return 400, {"message": "bad request data"}, {}
        if not self.may_read:
            return 403, _DENIED, {}
        return 200, [self._shown(number, alert) for number, alert in enumerate(self.alerts)], {}

    def _shown(self, number: int, alert: Mapping[str, Any]) -> Mapping[str, Any]:
        added = {"__alert_rule_uid__": f"rule{number}", "grafana_folder": "bakery"}
        notes = {"__orgId__": "1", "__value_string__": "[ var='A' labels={} value=9 ]", **alert.get("annotations", {})}
        return {
            "labels": {**added, **alert["labels"]},
            "annotations": notes,
            "startsAt": alert["startsAt"],
            "endsAt": alert["endsAt"],
            "updatedAt": alert["startsAt"],
            "fingerprint": f"{number:016x}",
            "generatorURL": f"{self.url}/alerting/grafana/rule{number}/view?orgId=1",
            "receivers": [{"name": "grafana-default-email"}],
            "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []},
        }
