"""Services that are asked a few small questions in JSON, and places that are asked once, each by one exchange.

They have no slots, no shared answers and no breaker, unlike the systems that are read (`systems/client.py`): a
signature, a ticket or an anchor is a thing of its own, asked seldom, and never answered with somebody else's.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import BackendError, ConfigError, InputError
from .http_exchange import Exchanged, OverLimit, PackedOtherwise, Route, is_this_machine

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
        host, port, is_plain = _address(name, url, plain_hosts, section)
        self._timeout_s = timeout_s
        tls: ssl.SSLContext | None = None
        if not is_plain:
            try:
                tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(
                    f"the authorities of {name} cannot be read", remedy=f"`{section}.ca_file` names a PEM file"
                ) from error
        self._route = Route(host, port, tls)

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        return self._route.authority

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
        try:
            answer = self._route.exchange(method, path, body, headers, seconds=left_s, limit_bytes=_SIZE_LIMIT_BYTES)
        except OverLimit:
            raise BackendError(
                f"{self.name} answered more than {_SIZE_LIMIT_BYTES} bytes", remedy=f"check `{self._section}.endpoint`"
            ) from None
        except PackedOtherwise:
            raise self._no_json() from None
        return Reply(answer.status, self._parsed(answer.status, answer.content))

    def _parsed(self, status: int, content: bytes) -> Mapping[str, Any]:
        try:
            found = json.loads(content) if content else {}
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        if status >= 400:
            return {}  # a proxy's page; the status says enough
        raise self._no_json()

    def _no_json(self) -> BackendError:
        return BackendError(f"{self.name} did not answer JSON", remedy=f"check `{self._section}.endpoint`")

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
        is_plain = parts.scheme == "http"
        if is_plain and not may_be_plain and not is_this_machine(host):
            raise InputError(f"{name} would be asked without TLS", remedy="write its address with https")
        tls = None if is_plain else ssl.create_default_context()
        self._route = Route(host, port or (80 if is_plain else 443), tls)
        self.path = parts.path.rstrip("/")

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        return self._route.authority

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
        try:
            return self._route.exchange(
                method, target, body, headers or {}, seconds=self._timeout_s, limit_bytes=self._limit_bytes
            )
        except ssl.SSLCertVerificationError:
            raise BackendError(
                f"{self.name} shows a certificate that is not trusted", remedy="check its address"
            ) from None
        except OverLimit:
            raise BackendError(
                f"{self.name} answered more than {self._limit_bytes} bytes", remedy="check its address"
            ) from None
        except PackedOtherwise:
            raise BackendError(f"{self.name} packs its answer in an unknown way", remedy="check its address") from None
        except (OSError, http.client.HTTPException) as error:
            told = f"did not answer within {self._timeout_s:g} s" if time.monotonic() >= end else "cannot be reached"
            raise BackendError(
                f"{self.name} {told} ({type(error).__name__})", remedy="check its address, the network and the service"
            ) from None
