"""An HTTP server that runs beside whoever started it: uvicorn on a thread, on a socket that is bound before."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...core.errors import ConfigError
from ...core.http_exchange import is_this_machine
from ..stopping import Stop

_MOST_CONNECTIONS = 256
_START_S = 20.0
_FIRST_HANDED, _MOST_HANDED = 3, 64
HEADERS_S = 15.0
_ASKING_S = 2.0
"""How long whoever connects may take to say what they want; nobody is known before."""


class HttpServer:
    """Serves an ASGI application until it is closed.

    Args:
        app: what is served.
        host: to listen on.
        port: 0 takes any.
        plain: whether other machines may be served without TLS.
        certificate: PEM file to serve TLS with.
        key: PEM file with its key, if it is not in the same file.
        stop_s: how long requests under way may take when it is closed.

    Raises:
        ConfigError: the address or the certificate cannot be used, or TLS is missing.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        host: str,
        port: int,
        *,
        plain: bool = False,
        certificate: Path | None = None,
        key: Path | None = None,
        stop_s: int = 5,
    ) -> None:
        import uvicorn  # noqa: PLC0415 - an extra, and heavy

        if certificate is None and not plain and not is_this_machine(host):
            raise ConfigError(
                f"{host} would be served without TLS", remedy="set `certificate`, or `plain` behind a proxy that has it"
            )
        config = uvicorn.Config(
            app,
            http=_protocol(),
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=stop_s,
            h11_max_incomplete_event_size=32_768,
            ssl_certfile=str(certificate) if certificate else None,
            ssl_keyfile=str(key) if key else None,
            ws="none",
        )
        try:
            config.load()
        except (OSError, ValueError) as error:
            raise ConfigError("the certificate cannot be used", remedy="name a PEM file and its key") from error
        self._socket = listening(host, port)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="opswarden-http", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to serve.

        Raises:
            ConfigError: the application did not come up.
        """
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(_START_S / 0.01)):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            waited.wait(0.01)
        raise ConfigError("the server did not come up", remedy="look at the lines above")

    def wait(self, stop: Stop) -> None:
        """Until somebody wants an end, or it stops, which only `close` or a defect brings about."""
        while self._thread.is_alive() and not stop.wait(1.0):
            pass

    def close(self) -> None:
        """Let requests under way end, and stop."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(30.0)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> HttpServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _protocol() -> Any:
    """Uvicorn's own protocol, which would wait for ever for the rest of a request's head."""
    from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 - as above

    class Hurrying(H11Protocol):
        _watched: Any = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.loop.call_later(HEADERS_S, self._give_up, None)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            is_next = getattr(self.cycle, "response_complete", False)  # there is none before the first
            if is_next and not self.transport.is_closing() and self.cycle is not self._watched:
                self._watched = self.cycle
                self.loop.call_later(HEADERS_S, self._give_up, self.cycle)

        def shutdown(self) -> None:
            """Nobody who has just connected is sent away before they could ask."""
            if getattr(self.cycle, "response_complete", None) is None:  # nothing was asked yet
                self.loop.call_later(_ASKING_S, self._shut_down)
            else:
                super().shutdown()

        def _shut_down(self) -> None:
            if not self.transport.is_closing():
                super().shutdown()

        def _give_up(self, last: Any = None) -> None:
            """Close if after this request no other has come whole."""
            if self.cycle is last:
                self.transport.close()

    return Hurrying


def address(listen: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`.

    Raises:
        ConfigError: it is not written like that.
    """
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ConfigError("the address to listen on cannot be read", remedy="write HOST:PORT, such as 127.0.0.1:8480")
    return host.strip("[]"), int(port)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on an address: the one that is handed over for it, or a new one.

    Raises:
        ConfigError: the address cannot be used.
    """
    handed = _handed_over(host, port)
    if handed is not None:
        return handed
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    own = socket.socket(family, socket.SOCK_STREAM)
    try:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.bind((host, port))
        own.listen(_MOST_CONNECTIONS)
    except OSError as error:
        own.close()
        raise ConfigError(
            f"nothing can listen on {host} port {port}: {error.strerror}", remedy="choose another address"
        ) from error
    return own


def _handed_over(host: str, port: int) -> socket.socket | None:
    """The socket of this address that whoever started us holds, so that it takes connections while we come and go.

    Source: `sd_listen_fds(3)`: `LISTEN_FDS` sockets from descriptor 3 on, for the process `LISTEN_PID`.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = os.environ.get("LISTEN_FDS", "")
    for number in range(_FIRST_HANDED, _FIRST_HANDED + min(int(count) if count.isdecimal() else 0, _MOST_HANDED)):
        try:
            found = socket.socket(fileno=os.dup(number))
        except OSError:
            continue  # no descriptor, or of something else
        if found.type == socket.SOCK_STREAM and found.getsockname()[:2] == (host, port):
            return found
        found.close()
    return None
