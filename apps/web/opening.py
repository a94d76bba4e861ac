"""The web view on an address of its own, alone or beside the service."""

from __future__ import annotations

from importlib.util import find_spec

from ...core.errors import ConfigError
from ..http.server import HttpServer, address
from ..installation import Installation
from .app import app_of


def web_server(installation: Installation, listen: str) -> HttpServer:
    """The server, to be started.

    Args:
        installation: whose pages are served; it stays open as long as they are.
        listen: `HOST:PORT`.

    Raises:
        ConfigError: its packages are missing, or the settings or the address cannot be used.
    """
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise ConfigError("the packages of the web view are not installed", remedy="install the extra `web`")
    own = installation.settings.web
    host, port = address(listen)
    return HttpServer(
        app_of(installation), host, port, plain=own.plain, certificate=own.certificate, key=own.certificate_key
    )
