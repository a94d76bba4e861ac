"""A declared double of HashiCorp Vault's Transit engine: token, namespace, versions, associated data, rewrap.

Source of the shapes: Vault API documentation, Transit secrets engine.
"""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .key_server import Answer, Asked, KeyServer

TOKEN = "hvs.an-invented-token"
KEY = "opswarden"


class Refused(Exception):
    pass


class VaultServer(KeyServer):
    """One `aes256-gcm96` key, `KEY`, under one mount.

    Args:
        namespace: demanded where set.
        old_rewrap: as versions whose `rewrap` knows no associated data.
    """

    def __init__(self, mount: str = "transit", namespace: str | None = None, *, old_rewrap: bool = False) -> None:
        super().__init__()
        self.token = TOKEN
        self.is_sealed = False
        self.min_decryption_version = 1
        self._mount, self._namespace, self._old_rewrap = mount, namespace, old_rewrap
        self._versions = [secrets.token_bytes(32)]

    def rotate(self) -> None:
        self._versions.append(secrets.token_bytes(32))

    @staticmethod
    def version_of(wrapped: str) -> int:
        return int(wrapped.split(":")[1][1:]) - 1

    def answer(self, asked: Asked) -> Answer:
        if self.is_sealed:
            return Answer(503, {"errors": ["Vault is sealed"]})
        if asked.headers.get("x-vault-token") != self.token:
            return Answer(403, {"errors": ["permission denied"]})
        place, _, key = asked.path.rpartition("/")
        verb = place.removeprefix(f"/v1/{self._mount}/")
        if asked.headers.get("x-vault-namespace") != self._namespace or verb == place:
            return Answer(404, {"errors": []})
        if key != KEY:
            return Answer(403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
        body = json.loads(asked.raw)
        try:
            return Answer(200, {"request_id": "5c1e", "data": self._run(verb, body)})
        except Refused as error:
            return Answer(400, {"errors": [str(error)]})

    def _run(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        if verb == "encrypt":
            return self._seal(base64.b64decode(body["plaintext"]), body)
        if verb == "decrypt":
            return {"plaintext": base64.b64encode(self._open(body)).decode()}
        if verb == "rewrap":
            items = body.get("batch_input")
            if items is None:
                return self._rewrapped(body)
            return {"batch_results": [self._rewrapped(item) for item in items]}
        raise Refused("unsupported operation")

    def _rewrapped(self, item: dict[str, Any]) -> dict[str, Any]:
        known = {"ciphertext": item["ciphertext"]} if self._old_rewrap else item
        return self._seal(self._open(known), known)

    def _seal(self, plain: bytes, body: dict[str, Any]) -> dict[str, Any]:
        nonce, version = secrets.token_bytes(12), len(self._versions)
        sealed = nonce + AESGCM(self._versions[-1]).encrypt(nonce, plain, _bound(body))
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(sealed).decode()}", "key_version": version}

    def _open(self, body: dict[str, Any]) -> bytes:
        _, version, text = body["ciphertext"].split(":")
        if int(version[1:]) < self.min_decryption_version:
            raise Refused("ciphertext or signature version is disallowed by policy (too old)")
        try:
            raw = base64.b64decode(text, validate=True)
            return AESGCM(self._versions[int(version[1:]) - 1]).decrypt(raw[:12], raw[12:], _bound(body))
        except (InvalidTag, IndexError, ValueError):
            raise Refused("cipher: message authentication failed") from None


def _bound(body: dict[str, Any]) -> bytes:
    return base64.b64decode(body.get("associated_data", ""))
