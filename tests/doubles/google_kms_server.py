"""A declared double of Google Cloud KMS and of the metadata server: bearer token, checksums both ways, versions.

Source of the shapes: Cloud KMS REST reference, `cryptoKeys.encrypt` and `cryptoKeys.decrypt`.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .key_server import Answer, Asked, KeyServer

KEY = "projects/pay-prod/locations/europe-west1/keyRings/ops/cryptoKeys/opswarden"
TOKEN = "ya29.an-invented-token"
SIZE_LIMIT = 64 * 1024
METADATA_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


def castagnoli(content: bytes) -> int:
    """CRC-32C bit by bit, so that it shares nothing with the table of ours."""
    crc = 0xFFFFFFFF
    for byte in content:
        for bit in range(8):
            carry = (crc ^ byte >> bit) & 1
            crc = crc >> 1 ^ (0x82F63B78 if carry else 0)
    return crc ^ 0xFFFFFFFF


class GoogleKmsServer(KeyServer):
    """One symmetric key, `KEY`; `corrupts` flips a bit of what it answers, `ignores_checksums` does as it says."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.corrupts = False
        self.ignores_checksums = False
        self.is_enabled = True
        self._versions = [secrets.token_bytes(32)]

    def rotate(self) -> None:
        self._versions.append(secrets.token_bytes(32))

    @staticmethod
    def version_of(wrapped: str) -> int:
        return base64.b64decode(wrapped)[0]

    def answer(self, asked: Asked) -> Answer:
        if asked.path == METADATA_PATH:
            if asked.headers.get("metadata-flavor") != "Google":
                return Answer(403)
            return Answer(200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, "UNAUTHENTICATED")
        name, _, verb = asked.path.removeprefix("/v1/").partition(":")
        if name != KEY:
            return _error(403, "PERMISSION_DENIED")  # so that nobody can tell which keys there are
        if not self.is_enabled:
            return _error(400, "FAILED_PRECONDITION")
        body = json.loads(asked.raw)
        bound = base64.b64decode(body.get("additionalAuthenticatedData", ""))
        content = base64.b64decode(body["plaintext" if verb == "encrypt" else "ciphertext"])
        what = "plaintextCrc32c" if verb == "encrypt" else "ciphertextCrc32c"
        pairs = ((content, what), (bound, "additionalAuthenticatedDataCrc32c"))
        if any(int(body[name]) != castagnoli(part) for part, name in pairs if name in body):
            return _error(400, "INVALID_ARGUMENT")
        if len(content) + len(bound) > SIZE_LIMIT:
            return _error(400, "INVALID_ARGUMENT")
        return self._encrypted(content, bound, body) if verb == "encrypt" else self._decrypted(content, bound)

    def _encrypted(self, plain: bytes, bound: bytes, body: dict[str, Any]) -> Answer:
        nonce, version = secrets.token_bytes(12), len(self._versions) - 1
        sealed = bytes([version]) + nonce + AESGCM(self._versions[version]).encrypt(nonce, plain, bound)
        checks = not self.ignores_checksums
        return Answer(
            200,
            {
                "name": f"{KEY}/cryptoKeyVersions/{version + 1}",
                "ciphertext": _text(self._sent(sealed)),
                "ciphertextCrc32c": str(castagnoli(sealed)),
                "verifiedPlaintextCrc32c": checks and "plaintextCrc32c" in body,
                "verifiedAdditionalAuthenticatedDataCrc32c": checks and "additionalAuthenticatedDataCrc32c" in body,
                "protectionLevel": "SOFTWARE",
            },
        )

    def _decrypted(self, sealed: bytes, bound: bytes) -> Answer:
        try:
            plain = AESGCM(self._versions[sealed[0]]).decrypt(sealed[1:13], sealed[13:], bound)
        except (InvalidTag, IndexError, ValueError):
            return _error(400, "INVALID_ARGUMENT")
        primary = sealed[0] == len(self._versions) - 1
        body = {"plaintext": _text(self._sent(plain)), "plaintextCrc32c": str(castagnoli(plain))}
        return Answer(200, {**body, "usedPrimary": primary, "protectionLevel": "SOFTWARE"})

    def _sent(self, content: bytes) -> bytes:
        return bytes([content[0] ^ 1]) + content[1:] if self.corrupts else content


def _error(code: int, status: str) -> Answer:
    return Answer(code, {"error": {"code": code, "message": "the double says no", "status": status}})


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
