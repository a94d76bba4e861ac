"""The front of the service: webhooks, `/healthz` and `/readyz`, behind the guard of all our servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ...core.database import STATEMENT_ERRORS
from ...core.errors import ConfigError, OpswardenError
from ..http.guard import App, Guard
from ..http.server import HttpServer
from ..installation import Installation
from ..live.systems import environment_of
from .arrivals import Arrivals
from .webhooks import Webhook, said

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

HEALTH, READY = "/healthz", "/readyz"
Check = Callable[[], str]
"""Why the service is not ready, in one line; empty if it is."""
_SMALLEST_BODY = 64 * 1024
_OF_MORE = 1024 * 1024
"""For further applications: a pressed button of Slack's carries its whole message."""


class Front:
    """What answers over HTTP.

    Args:
        installation: whose webhooks are served.
        check: asked by `/readyz`, besides the database.
        more: further applications by their path, behind the same guard; each proves its callers itself.

    Raises:
        ConfigError: a webhook has no usable secret, or nobody knows which environment its alerts are from.
    """

    def __init__(
        self, installation: Installation, check: Check = lambda: "", more: Mapping[str, App] | None = None
    ) -> None:
        self._installation = installation
        self._check = check
        self._more = dict(more or {})
        self._is_stopping = False
        self.arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        self._webhooks = {name: self._webhook(name) for name in installation.settings.webhooks}

    def server(self, host: str, port: int) -> HttpServer:
        """The server, on an address.

        Raises:
            ConfigError: the address or the certificate cannot be used.
        """
        settings = self._installation.settings.service
        return HttpServer(
            self.app(),
            host,
            port,
            plain=settings.plain,
            certificate=settings.certificate,
            key=settings.certificate_key,
        )

    def app(self) -> App:
        """The ASGI application."""
        from starlette.applications import Starlette  # noqa: PLC0415 - an extra, and heavy
        from starlette.routing import Mount, Route  # noqa: PLC0415 - the same

        routes: list[Any] = [Route(HEALTH, _alive), Route(READY, self._ready)]
        routes += [Route(path_of(name), webhook.serve, methods=["POST"]) for name, webhook in self._webhooks.items()]
        routes += [Mount(path, app) for path, app in self._more.items()]
        settings = self._installation.settings
        largest = max((each.request_kb * 1024 for each in settings.webhooks.values()), default=0)
        return Guard(
            Starlette(routes=routes),
            None,
            hosts=settings.service.hosts,
            most_bytes=max(largest, _OF_MORE if self._more else _SMALLEST_BODY),
        )

    def stop(self) -> None:
        """Say from now on that nothing more should be sent here."""
        self._is_stopping = True

    def _webhook(self, name: str) -> Webhook:
        installation = self._installation
        settings = installation.settings.webhooks[name]
        if not (settings.signing_key() if settings.is_signed else settings.token_hashes()):
            raise ConfigError(f"webhook {name!r} has no usable secret", remedy="give it at least 20 characters")
        return Webhook(
            name,
            settings,
            settings.team or installation.settings.team,
            settings.environment or environment_of(installation.settings.systems, None),
            arrivals=self.arrivals,
            database=installation.database,
            clock=installation.clock,
            entity_labels=installation.settings.live.entity_labels,
            most_waiting=installation.settings.service.most_waiting,
        )

    async def _ready(self, _request: Request) -> Response:
        if self._is_stopping:
            return said(503, "stopping")
        why = await asyncio.to_thread(self._why_not_ready)
        return said(503, why) if why else said(200, None, status="ready")

    def _why_not_ready(self) -> str:
        try:
            self.arrivals.count_waiting()
        except (OpswardenError, *STATEMENT_ERRORS):
            return "the database does not answer"
        return self._check()


def path_of(name: str) -> str:
    """Where a webhook is."""
    return f"/webhooks/{name}"


async def _alive(_request: Request) -> Response:
    return said(200, None, status="alive")
