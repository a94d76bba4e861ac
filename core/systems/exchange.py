"""One HTTP exchange with a system: one deadline for all of it, a limit on what is unpacked, no redirects.

Standard library alone: what matters here is to know every byte that goes out and every one that is let in.
"""

from __future__ import annotations

import http.client
import ssl
import time
import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..errors import BackendError, ConfigError
from ..http_exchange import Exchanged
from ..https import cut_off
from .settings import HttpSettings

_CHUNK_BYTES = 65_536
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_UNPACKED = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


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
        self._settings = settings
        parts = urlsplit(settings.url)
        self._host = parts.hostname or ""
        self._port = parts.port or (80 if settings.is_plain else 443)
        self.path = parts.path
        self._tls = None if settings.is_plain else _tls(name, settings)

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
        connection = self._connection(seconds)
        try:
            connection.connect()
            with cut_off(connection.sock, end - time.monotonic()):
                connection.request(method, target, body, {**headers, "Accept-Encoding": "gzip"})
                with connection.getresponse() as response:
                    if response.status in _REDIRECTS:
                        raise BackendError(
                            f"{self.name} sends us to another place, which is not followed", remedy="correct its `url`"
                        )
                    content = self._body(response, limit, end)
        except (OSError, http.client.HTTPException, zlib.error) as error:
            raise self._failed(error, end) from None  # its text may name what was sent
        finally:
            connection.close()
        return Exchanged(response.status, content, {name.lower(): value for name, value in response.getheaders()})

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        proxy = urlsplit(self._settings.proxy or "")
        host, port = (proxy.hostname, proxy.port or 3128) if proxy.hostname else (self._host, self._port)
        connection = (
            http.client.HTTPConnection(host, port, timeout=seconds)
            if self._tls is None
            else http.client.HTTPSConnection(host, port, timeout=seconds, context=self._tls)
        )
        if proxy.hostname:
            connection.set_tunnel(self._host, self._port)
        return connection

    def _body(self, response: http.client.HTTPResponse, limit: int, end: float) -> bytes:
        packing = (response.getheader("Content-Encoding") or "identity").strip().lower()
        if packing not in (*_UNPACKED, "identity"):
            raise BackendError(f"{self.name} packs its answer in an unknown way", remedy="check what stands before it")
        unpack = None if packing == "identity" else zlib.decompressobj(_UNPACKED[packing])
        content = bytearray()
        while chunk := response.read(_CHUNK_BYTES):
            # One byte beyond the limit tells a full answer from one that goes on; a bomb unpacks no further.
            content += unpack.decompress(chunk, limit + 1 - len(content)) if unpack else chunk
            if len(content) > limit or (unpack and unpack.unconsumed_tail):
                raise TooLarge(
                    f"{self.name} answered more than {limit} bytes", remedy="ask for less, or raise its `limit_mb`"
                )
        if time.monotonic() >= end:
            raise TimeoutError  # what was cut off at the deadline looks like an end
        if response.length or (unpack and not unpack.eof):
            raise ConnectionError("the answer was cut")
        return bytes(content)

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
