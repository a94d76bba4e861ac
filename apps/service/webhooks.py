"""Webhooks: what is sent is proven, read, kept and acknowledged; nothing else happens while the sender waits."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...core.canonical import JsonValue
from ...core.clock import Clock
from ...core.database import STATEMENT_ERRORS, Database
from ...core.errors import InputError, OpswardenError
from ...tools.alerts.firing import severity_rank
from .alerts import IncomingAlert, read_alerts
from .arrivals import Arrivals
from .proofs import is_genuine
from .settings import WebhookSettings

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

SOURCE = "webhook/"
"""Before the name of a webhook, in the source of its arrivals."""
_RETRY_S = 30
_COUNTED_FOR_S = 1.0


class Pace:
    """How many requests may still come: a bucket that fills evenly.

    Args:
        per_minute: of one webhook; as many may come at once.
        clock: fills it.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self._most = float(per_minute)
        self._left = float(per_minute)
        self._clock = clock
        self._at = clock.monotonic()
        self._lock = threading.Lock()

    def takes(self) -> bool:
        """Whether one more may come; counts it if so."""
        with self._lock:
            now = self._clock.monotonic()
            self._left = min(self._most, self._left + (now - self._at) * self._most / 60)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Webhook:
    """One webhook.

    Args:
        name: in its path.
        settings: of it.
        team: whose incidents its alerts are.
        environment: where.
        arrivals: where alerts are kept.
        database: of the arrivals; the alerts of one request are kept together or not at all.
        clock: tells when they came.
        entity_labels: labels that name the entity of an alert.
        most_waiting: from how much unfinished work on senders are put off.
    """

    def __init__(
        self,
        name: str,
        settings: WebhookSettings,
        team: str,
        environment: str,
        *,
        arrivals: Arrivals,
        database: Database,
        clock: Clock,
        entity_labels: tuple[str, ...],
        most_waiting: int,
    ) -> None:
        self._source = SOURCE + name
        self._settings = settings
        self._team = team
        self._environment = environment
        self._arrivals = arrivals
        self._database = database
        self._clock = clock
        self._entity_labels = entity_labels
        self._most_waiting = most_waiting
        self._pace = Pace(settings.per_minute, clock)
        self._counted = (float("-inf"), 0)

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        if request.method != "POST":
            return said(405, "a webhook takes POST")
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        return await asyncio.to_thread(self.answer, headers, body)

    def answer(self, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer to a request with these headers, by lower-case names."""
        if len(body) > self._settings.request_kb * 1024:
            return said(413, f"a request has at most {self._settings.request_kb * 1024} bytes")
        if not is_genuine(self._settings, headers, body, self._clock):
            return said(401, "the token or signature of this webhook is needed")
        if not self._pace.takes():
            return said(429, "too many requests", wait_s=_RETRY_S)
        now = self._clock.now()
        try:
            alerts = read_alerts(self._settings.kind, body, now, self._entity_labels, self._settings.mapping)
        except InputError as error:
            return said(400, f"{error.message}; {error.remedy}" if error.remedy else error.message)
        try:
            if self._is_full():
                return said(429, "too much waits to be worked off", wait_s=_RETRY_S)
            new = self._keep(alerts)
        except InputError as error:
            return said(413, error.message)  # sent again it would be as large
        except (OpswardenError, *STATEMENT_ERRORS):
            # Not kept: the sender is to send it again.
            return said(503, "it could not be kept", wait_s=_RETRY_S)
        return said(202, None, accepted=len(alerts), new=new)

    def _keep(self, alerts: tuple[IncomingAlert, ...]) -> int:
        new = 0
        with self._database.transaction():
            for alert in alerts:
                body: dict[str, JsonValue] = {
                    "team": self._team,
                    "environment": self._environment,
                    "alert": alert.model_dump(mode="json"),
                }
                _, is_new = self._arrivals.accept(
                    self._source, alert.event, "alert", body, priority=priority_of(alert.severity)
                )
                new += is_new
        return new

    def _is_full(self) -> bool:
        moment, count = self._counted
        if self._clock.monotonic() - moment >= _COUNTED_FOR_S:
            count = self._arrivals.count_waiting()
            self._counted = (self._clock.monotonic(), count)
        return count >= self._most_waiting


def priority_of(severity: str) -> int:
    """When an alert is worked off, lower is sooner: 1 for the most severe to 9."""
    return min(1 + severity_rank(severity), 9)


def said(code: int, error: str | None, *, wait_s: int = 0, **told: Any) -> Response:
    """An answer in JSON."""
    from starlette.responses import Response  # noqa: PLC0415 - an extra, and heavy

    headers = {"retry-after": str(wait_s)} if wait_s else {}
    if code == 401:
        headers["www-authenticate"] = "Bearer"
    body = {**told} if error is None else {"error": error, **told}
    return Response(json.dumps(body).encode(), status_code=code, headers=headers, media_type="application/json")
