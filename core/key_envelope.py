"""The envelope around a key set that lies on disk.

Two layers: the key set is sealed with AES-256-GCM under a data key of its own, and the data key is wrapped by a key
service, bound to the application and the name of the installation. Every change makes a new data key.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from typing import NamedTuple

from .canonical import canonical_json
from .errors import BackendError, ConfigError
from .key_files import RESTORE
from .key_services.service import KeyService
from .key_set import KeySet, read_key_set

_FORM = 1
_NONCE_BYTES = 12


class _Written(NamedTuple):
    """What lies in the file; nothing of it is secret."""

    data_key: str
    sealed: bytes


class Envelope:
    """Seals and opens key sets for one installation.

    Args:
        service: wraps and unwraps.
        installation: what the keys are bound to, so that policies of the service can name it.
    """

    def __init__(self, service: KeyService, installation: str) -> None:
        self._service = service
        self._context = {"application": "opswarden", "installation": installation}

    def sealed(self, keys: KeySet) -> bytes:
        """The content of a file that only the service opens.

        Raises:
            ConfigError: the service refuses.
            BackendError: it does not answer, or does not unwrap what it wrapped.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 70 ms that `--help` spares

        fresh = self._service.new_data_key(self._context)
        # A right to wrap without the right to unwrap would lock everybody out at the next start.
        if self._service.unwrap(fresh.wrapped, self._context) != fresh.plain:
            raise BackendError(f"{self._service.name} does not unwrap what it wrapped", remedy="check `keys.key`")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._to_bytes(
            _Written(fresh.wrapped, nonce + AESGCM(fresh.plain).encrypt(nonce, keys.to_bytes(), self._bound()))
        )

    def opened(self, content: bytes) -> KeySet:
        """The key set again.

        Raises:
            ConfigError: damaged, altered, of another service or installation, or the service refuses.
            BackendError: the service does not answer.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        written = self._read(content)
        data_key = self._service.unwrap(written.data_key, self._context)
        nonce, sealed = written.sealed[:_NONCE_BYTES], written.sealed[_NONCE_BYTES:]
        try:
            return read_key_set(AESGCM(data_key).decrypt(nonce, sealed, self._bound()))
        except (InvalidTag, ValueError):
            raise ConfigError("the wrapped keys were altered", remedy=RESTORE) from None

    def rewrapped(self, content: bytes) -> bytes:
        """The same with the data key wrapped by the newest version of the service's key, tried before it is given.

        Raises:
            ConfigError: as `opened`.
            BackendError: as `opened`.
        """
        before = self.opened(content)
        written = self._read(content)
        after = self._to_bytes(written._replace(data_key=self._service.rewrap(written.data_key, self._context)))
        if self.opened(after) != before:
            raise BackendError(f"{self._service.name} did not rewrap what it got", remedy="try again")
        return after

    def _bound(self) -> bytes:
        return canonical_json({"version": _FORM, "service": self._service.name, **self._context})

    def _to_bytes(self, written: _Written) -> bytes:
        body = {
            "version": _FORM,
            "service": self._service.name,
            "installation": self._context["installation"],
            "data_key": written.data_key,
            "sealed": base64.b64encode(written.sealed).decode(),
        }
        return json.dumps(body, indent=2).encode() + b"\n"

    def _read(self, content: bytes) -> _Written:
        try:
            body = json.loads(content)
            if body["version"] != _FORM:
                raise ValueError("another form")
            owner = (body["service"], body["installation"])
            written = _Written(str(body["data_key"]), base64.b64decode(body["sealed"], validate=True))
        except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
            raise ConfigError("the wrapped keys are damaged", remedy=RESTORE) from None
        if owner != (self._service.name, self._context["installation"]):
            raise ConfigError(
                "the wrapped keys are of another key service or installation",
                remedy="set `keys.service` and `keys.installation` to what they were when the keys were made",
            )
        return written
