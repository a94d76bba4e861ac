"""JSON over HTTP for the few small questions that other services are asked: one deadline for all of it, no redirects.

Standard library alone: services with one or two calls each need no client library of hundreds of megabytes.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import BackendError, ConfigError

_SIZE_LIMIT_BYTES = 256_000
_ATTEMPTS = 3
_PAUSE_S = 0.2
_LATER = frozenset((429, 500, 502, 503, 504))


@dataclass(frozen=True)
class Reply:
    """What came back. `body` is what the service wrote: never shown to anybody, except for codes that are known."""

    status: int
    body: Mapping[str, Any]


class HttpService:
    """One address, asked with a deadline.

    Args:
        name: what people call it, for errors.
        url: `https://host[:port]`; `http` for an agent or a proxy on this machine alone.
        timeout_s: for one question with its repetitions. Resolving the name has the system's own deadline.
        ca_file: PEM file of the only authorities to trust.
        plain_hosts: hosts beside this machine that may be asked without TLS (link-local metadata servers).
        section: of the settings that name the address, for errors.

    Raises:
        ConfigError: the address or the file of authorities cannot be used.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        timeout_s: float,
        ca_file: Path | None = None,
        plain_hosts: frozenset[str] = frozenset(),
        section: str = "keys",
    ) -> None:
        self.name = name
        self._section = section
        self._host, self._port, self._is_plain = _address(name, url, plain_hosts, section)
        self._timeout_s = timeout_s
        self._tls: ssl.SSLContext | None = None
        if not self._is_plain:
            try:
                self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(
                    f"the authorities of {name} cannot be read", remedy=f"`{section}.ca_file` names a PEM file"
                ) from error

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        usual = 80 if self._is_plain else 443
        host = f"[{self._host}]" if ":" in self._host else self._host
        return host if self._port == usual else f"{host}:{self._port}"

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Ask, again where that may help, and give what was answered, errors included.

        Raises:
            BackendError: nothing usable came back before the deadline.
        """
        return self._ask("POST", path, body, headers)

    def get(self, path: str, headers: Mapping[str, str]) -> Reply:
        """The same without a body."""
        return self._ask("GET", path, None, headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        end = time.monotonic() + self._timeout_s
        for attempt in range(1, _ATTEMPTS + 1):
            is_last = attempt == _ATTEMPTS
            try:
                reply = self._once(method, path, body, headers, end)
                if reply.status not in _LATER or is_last:
                    return reply
            except (OSError, http.client.HTTPException) as error:
                if is_last or isinstance(error, ssl.SSLCertVerificationError) or time.monotonic() >= end:
                    raise self._unreachable(error, end) from None  # its text may name what was sent
            time.sleep(min(_PAUSE_S * attempt, max(0.0, end - time.monotonic())))
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], end: float) -> Reply:
        left_s = end - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=left_s)
            if self._tls is None
            else http.client.HTTPSConnection(self._host, self._port, timeout=left_s, context=self._tls)
        )
        try:
            connection.connect()
            with cut_off(connection.sock, end - time.monotonic()):
                connection.request(method, path, body, {**headers, "Host": self.authority})
                response = connection.getresponse()
                content = response.read(_SIZE_LIMIT_BYTES + 1)
                is_cut = bool(response.length) and len(content) <= _SIZE_LIMIT_BYTES
        finally:
            connection.close()
        if is_cut:
            raise ConnectionError
        if len(content) > _SIZE_LIMIT_BYTES:
            raise BackendError(
                f"{self.name} answered more than {_SIZE_LIMIT_BYTES} bytes", remedy=f"check `{self._section}.endpoint`"
            )
        return Reply(response.status, self._parsed(response.status, content))

    def _parsed(self, status: int, content: bytes) -> Mapping[str, Any]:
        try:
            found = json.loads(content) if content else {}
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        if status >= 400:
            return {}  # a proxy's page; the status says enough
        raise BackendError(f"{self.name} did not answer JSON", remedy=f"check `{self._section}.endpoint`")

    def _unreachable(self, error: Exception, end: float) -> BackendError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return BackendError(
                f"{self.name} shows a certificate that is not trusted",
                remedy=f"name its authority in `{self._section}.ca_file`, or check `{self._section}.endpoint`",
            )
        if isinstance(error, TimeoutError) or time.monotonic() >= end:
            return BackendError(
                f"{self.name} did not answer within {self._timeout_s:g} s",
                remedy=f"check the network, or raise `{self._section}.timeout_s`",
            )
        return BackendError(
            f"{self.name} cannot be reached ({type(error).__name__})",
            remedy=f"check `{self._section}.endpoint`, the network and the service",
        )


def _address(name: str, url: str, plain_hosts: frozenset[str], section: str) -> tuple[str, int, bool]:
    """Host, port, and whether it is asked without TLS."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    if not host or parts.scheme not in ("http", "https") or parts.path not in ("", "/"):
        raise ConfigError(
            f"the address of {name} cannot be used", remedy=f"write `{section}.endpoint` as `https://host`"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            f"the address of {name} holds more than a host and a port", remedy="credentials belong into variables"
        )
    is_plain = parts.scheme == "http"
    if is_plain and not (is_this_machine(host) or host in plain_hosts):
        raise ConfigError(f"{name} would be asked without TLS", remedy=f"write `{section}.endpoint` with https")
    return host, port or (80 if is_plain else 443), is_plain


def is_this_machine(host: str) -> bool:
    """Whether a name or an address of a URL can only lead back here."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def cut_off(connection: socket.socket, seconds: float) -> Iterator[None]:
    """End the connection at the deadline, however slowly bytes come: a socket's own time-out starts anew with each."""

    def cut() -> None:
        with suppress(OSError):
            # Not the method of a TLS socket, which would take its state away from the thread that reads.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, seconds), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
