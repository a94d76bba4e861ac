"""Socket Mode: we open the connection, so Slack needs no way in. What comes is kept before it is acknowledged."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ...core.errors import BackendError, ConfigError
from .receiving import Keeping, Receiving
from .settings import SlackSettings

if TYPE_CHECKING:
    from slack_sdk.socket_mode.client import BaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest


@contextmanager
def listening(settings: SlackSettings, receiving: Receiving, keeping: Keeping) -> Iterator[None]:
    """Listen to Slack while inside; the connection is made anew when Slack ends it.

    Raises:
        ConfigError: the extra or the token is missing.
        BackendError: no connection could be made.
    """
    if find_spec("slack_sdk") is None:
        raise ConfigError("slack_sdk is not installed", remedy="install opswarden with the extra `slack`")
    from slack_sdk.socket_mode import SocketModeClient  # noqa: PLC0415 - an extra, and heavy
    from slack_sdk.web import WebClient  # noqa: PLC0415 - the same

    token = settings.app_token()
    if token is None:
        raise ConfigError(
            "the app-level token of Slack is not set",
            remedy="set `slack.app_token_file`, or what `slack.app_token_env` names",
        )
    trust = ssl.create_default_context(cafile=str(settings.ca_file)) if settings.ca_file else None
    web = WebClient(base_url=settings.url, ssl=trust, proxy=settings.proxy, timeout=int(settings.timeout_s) or 1)
    client = SocketModeClient(app_token=token.get_secret_value(), web_client=web, proxy=settings.proxy)

    def heard(session: BaseSocketModeClient, request: SocketModeRequest) -> None:
        _acknowledge(session, request, receiving, keeping)

    client.socket_mode_request_listeners.append(heard)
    try:
        client.connect()
    except Exception as error:  # noqa: BLE001 - slack_sdk raises what it likes; whoever starts the service is told
        client.close()
        raise BackendError(
            f"Slack lets us open no socket ({type(error).__name__})",
            remedy="check that Slack can be reached, and the app-level token and its scope `connections:write`",
        ) from None  # its text may hold the token
    try:
        yield
    finally:
        client.close()


def _acknowledge(session: Any, request: Any, receiving: Receiving, keeping: Keeping) -> None:
    from slack_sdk.socket_mode.response import SocketModeResponse  # noqa: PLC0415 - as above

    handled = receiving.handle_envelope(str(request.type), request.payload)
    if keeping.keep(handled.incoming):
        said = json.loads(handled.body) if handled.body and request.accepts_response_payload else None
        session.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=said))
