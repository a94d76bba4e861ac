"""One HTTP exchange with a place outside: one deadline for all of it, a limit on what comes back, no redirects."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .errors import BackendError, InputError
from .https import cut_off, is_this_machine


@dataclass(frozen=True)
class Exchanged:
    """What came back; header names in lower case."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """Without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class HttpPlace:
    """An address outside.

    Args:
        name: what people call it, for errors.
        url: `https://host[:port][/path]`.
        timeout_s: for one exchange. Resolving the name has the system's own deadline.
        limit_bytes: of an answer.
        may_be_plain: whether `http` may lead beyond this machine, where nothing that is sent or believed needs TLS.

    Raises:
        InputError: the address cannot be used.
    """

    def __init__(
        self, name: str, url: str, *, timeout_s: float = 20.0, limit_bytes: int = 256_000, may_be_plain: bool = False
    ) -> None:
        self.name = name
        self._timeout_s = timeout_s
        self._limit_bytes = limit_bytes
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        host = parts.hostname or ""
        if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
            raise InputError(f"the address of {name} cannot be used", remedy="write it as `https://host/path`")
        self._is_plain = parts.scheme == "http"
        if self._is_plain and not may_be_plain and not is_this_machine(host):
            raise InputError(f"{name} would be asked without TLS", remedy="write its address with https")
        self._host = host
        self._port = port or (80 if self._is_plain else 443)
        self.path = parts.path.rstrip("/")

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return host if self._port == (80 if self._is_plain else 443) else f"{host}:{self._port}"

    def ask(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Exchanged:
        """Ask once.

        Args:
            method: `GET`, `PUT`, `POST`.
            target: path and query, encoded.
            body: sent as it is.
            headers: beside `Host` and the length.

        Raises:
            BackendError: nothing usable came back before the deadline.
        """
        end = time.monotonic() + self._timeout_s
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
            if self._is_plain
            else http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout_s, context=ssl.create_default_context()
            )
        )
        try:
            connection.connect()
            with cut_off(connection.sock, end - time.monotonic()):
                connection.request(method, target, body, {**(headers or {}), "Host": self.authority})
                response = connection.getresponse()
                content = response.read(self._limit_bytes + 1)
                if response.length and len(content) <= self._limit_bytes:
                    raise ConnectionError
        except ssl.SSLCertVerificationError:
            raise BackendError(
                f"{self.name} shows a certificate that is not trusted", remedy="check its address"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            told = f"did not answer within {self._timeout_s:g} s" if time.monotonic() >= end else "cannot be reached"
            raise BackendError(
                f"{self.name} {told} ({type(error).__name__})", remedy="check its address, the network and the service"
            ) from None
        finally:
            connection.close()
        if len(content) > self._limit_bytes:
            raise BackendError(f"{self.name} answered more than {self._limit_bytes} bytes", remedy="check its address")
        return Exchanged(response.status, content, {name.lower(): value for name, value in response.getheaders()})
