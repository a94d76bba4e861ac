"""Google Cloud KMS: REST over HTTPS, with a checksum on everything that goes either way.

Source: Cloud KMS REST reference, `cryptoKeys.encrypt` and `cryptoKeys.decrypt`; "Verifying end-to-end data integrity".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from ..canonical import canonical_json
from ..errors import BackendError, ConfigError, OpswardenError
from ..https import HttpService, Reply
from .crc32c import crc32c
from .credentials import TokenSource
from .service import Context, DataKey, failed, not_ours, refused, unusable

ENDPOINT = "https://cloudkms.googleapis.com"
_PART = r"[A-Za-z0-9_-]{1,63}"
_NAME = re.compile(rf"projects/[a-z0-9.:-]{{1,63}}/locations/{_PART}/keyRings/{_PART}/cryptoKeys/{_PART}")
_LENGTH_BYTES = 32
_REFUSALS = {
    401: ("the token is not valid or has expired", "get a new one: `keys.token_file`, `keys.token_env`"),
    403: (
        "access is denied",
        "grant cloudkms.cryptoKeyVersions.useToEncrypt and useToDecrypt on the key to this account",
    ),
    404: ("there is no such key", "check `keys.key`"),
}


class GoogleKms:
    """A symmetric key of Google Cloud KMS. Its data keys are made here, since the service makes none.

    Args:
        key: `projects/…/locations/…/keyRings/…/cryptoKeys/…`, without a version.

    Raises:
        ConfigError: the key is written in another way.
    """

    def __init__(self, key: str, token: TokenSource, *, endpoint: HttpService) -> None:
        if not _NAME.fullmatch(key):
            raise ConfigError(
                "`keys.key` is no name of a Google Cloud key",
                remedy="write `projects/P/locations/L/keyRings/R/cryptoKeys/K`",
            )
        self._key = key
        self._token = token
        self._http = endpoint

    @property
    def name(self) -> str:
        """What people call it."""
        return "Google Cloud KMS"

    def new_data_key(self, context: Context) -> DataKey:
        """A data key from this machine's generator."""
        plain = secrets.token_bytes(_LENGTH_BYTES)
        return DataKey(plain, self._wrapped(plain, context))

    def unwrap(self, wrapped: str, context: Context) -> bytes:
        """The data key; the service finds the version that wrapped it."""
        try:
            ciphertext = base64.b64decode(wrapped, validate=True)
        except binascii.Error:
            raise not_ours(self.name) from None
        bound = canonical_json(context)
        body = self._ask(
            "decrypt",
            {
                "ciphertext": wrapped,
                "ciphertextCrc32c": str(crc32c(ciphertext)),
                "additionalAuthenticatedData": _text(bound),
                "additionalAuthenticatedDataCrc32c": str(crc32c(bound)),
            },
        )
        plain = self._checked(body, "plaintext", "plaintextCrc32c")
        if len(plain) != _LENGTH_BYTES:
            raise unusable(self.name)
        return plain

    def rewrap(self, wrapped: str, context: Context) -> str:
        """Unwrapped and wrapped again: the service uses its primary version, and has no call that does both."""
        return self._wrapped(self.unwrap(wrapped, context), context)

    def _wrapped(self, plain: bytes, context: Context) -> str:
        bound = canonical_json(context)
        body = self._ask(
            "encrypt",
            {
                "plaintext": _text(plain),
                "plaintextCrc32c": str(crc32c(plain)),
                "additionalAuthenticatedData": _text(bound),
                "additionalAuthenticatedDataCrc32c": str(crc32c(bound)),
            },
        )
        if body.get("verifiedPlaintextCrc32c") is not True:
            raise self._corrupted()
        if body.get("verifiedAdditionalAuthenticatedDataCrc32c") is not True:
            raise self._corrupted()
        return _text(self._checked(body, "ciphertext", "ciphertextCrc32c"))

    def _ask(self, verb: str, question: Mapping[str, str]) -> Mapping[str, Any]:
        headers = {
            "Authorization": f"Bearer {self._token().get_secret_value()}",
            "Content-Type": "application/json",
        }
        reply = self._http.post(f"/v1/{self._key}:{verb}", json.dumps(question).encode(), headers)
        if reply.status != 200:
            raise self._error(verb, reply)
        return reply.body

    def _error(self, verb: str, reply: Reply) -> OpswardenError:
        found = reply.body.get("error")
        status = found.get("status") if isinstance(found, Mapping) else None
        if status == "FAILED_PRECONDITION":
            return refused(self.name, "the key version is disabled or destroyed", "enable it")
        if status == "INVALID_ARGUMENT" and verb == "decrypt":
            return not_ours(self.name)
        if reply.status in _REFUSALS:
            return refused(self.name, *_REFUSALS[reply.status])
        return failed(self.name, reply.status)

    def _checked(self, body: Mapping[str, Any], name: str, checksum: str) -> bytes:
        try:
            content = base64.b64decode(body[name], validate=True)
            is_whole = int(body[checksum]) == crc32c(content)
        except (KeyError, TypeError, ValueError):
            raise unusable(self.name) from None
        if not is_whole:
            raise self._corrupted()
        return content

    def _corrupted(self) -> BackendError:
        return BackendError(f"what {self.name} sent or got was damaged on the way", remedy="try again")


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
