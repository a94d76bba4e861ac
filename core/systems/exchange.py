"""One exchange with a system, and what its failures mean for whoever owns it."""

from __future__ import annotations

import http.client
import ssl
import time
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..errors import BackendError, ConfigError
from ..http_exchange import REDIRECTS, Exchanged, OverLimit, PackedOtherwise, Route
from .settings import HttpSettings


class TooLarge(BackendError):
    """The answer is larger than is let in; a narrower question may fit."""


class Unreachable(BackendError):
    """No whole answer came back.

    Args:
        again: whether the same question may fare better later.
        late: whether time ran out.
    """

    def __init__(self, message: str, *, remedy: str = "", again: bool, late: bool = False) -> None:
        super().__init__(message, remedy=remedy)
        self.again = again
        self.late = late


class Place:
    """Where a system is, and how a connection to it is made.

    Args:
        name: what people call it, for errors.
        settings: of the system.

    Raises:
        ConfigError: a certificate or a key cannot be used.
    """

    def __init__(self, name: str, settings: HttpSettings) -> None:
        self.name = name
        parts, proxy = urlsplit(settings.url), urlsplit(settings.proxy or "")
        self.path = parts.path
        self._route = Route(
            parts.hostname or "",
            parts.port or (80 if settings.is_plain else 443),
            None if settings.is_plain else _tls(name, settings),
            (proxy.hostname, proxy.port or 3128) if proxy.hostname else None,
        )

    def ask(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], seconds: float, limit: int
    ) -> Exchanged:
        """Ask once.

        Args:
            method: `GET` or `POST`.
            target: path and query, encoded.
            body: sent as it is.
            headers: beside `Host`, `Accept-Encoding` and the length.
            seconds: until the whole answer is here.
            limit: bytes of the body, unpacked.

        Raises:
            TooLarge: more was answered.
            Unreachable: no whole answer came before the deadline.
            BackendError: it sends us elsewhere, or packs its answer in a way that nobody asked for.
        """
        end = time.monotonic() + seconds
        try:
            answer = self._route.exchange(
                method, target, body, headers, seconds=seconds, limit_bytes=limit, unpacks=True
            )
        except OverLimit:
            raise TooLarge(
                f"{self.name} answered more than {limit} bytes", remedy="ask for less, or raise its `limit_mb`"
            ) from None
        except PackedOtherwise:
            raise BackendError(
                f"{self.name} packs its answer in an unknown way", remedy="check what stands before it"
            ) from None
        except (OSError, http.client.HTTPException, zlib.error) as error:
            raise self._failed(error, end) from None  # its text may name what was sent
        if answer.status in REDIRECTS:
            raise BackendError(
                f"{self.name} sends us to another place, which is not followed", remedy="correct its `url`"
            )
        return answer

    def _failed(self, error: Exception, end: float) -> BackendError:
        if isinstance(error, ssl.SSLCertVerificationError):
            expired = "has expired" if error.verify_code == _EXPIRED else "is not trusted"
            return Unreachable(
                f"the certificate of {self.name} {expired}",
                remedy="renew it, or name its authority in `ca_file`",
                again=False,
            )
        if time.monotonic() >= end or isinstance(error, TimeoutError):
            return Unreachable(
                f"{self.name} did not answer in time",
                remedy="ask for less, or raise its `timeout_s`",
                again=True,
                late=True,
            )
        if isinstance(error, ssl.SSLError):
            return Unreachable(
                f"no secure connection to {self.name} ({type(error).__name__})",
                remedy="check its certificate, and `client_certificate` if it asks for one",
                again=False,
            )
        told = "broke off its answer" if isinstance(error, _BROKEN) else "cannot be reached"
        return Unreachable(
            f"{self.name} {told} ({type(error).__name__})",
            remedy="check its address, the network and the system",
            again=True,
        )


_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""
_BROKEN = (http.client.HTTPException, zlib.error, ConnectionResetError, BrokenPipeError)


def _tls(name: str, settings: HttpSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        if settings.client_certificate:
            key = str(settings.client_key) if settings.client_key else None
            context.load_cert_chain(str(settings.client_certificate), key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"the certificates for {name} cannot be used ({type(error).__name__})",
            remedy="check `ca_file`, `client_certificate` and `client_key`",
        ) from error
    return context
