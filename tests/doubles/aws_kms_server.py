"""A declared double of AWS KMS: JSON 1.1, signatures checked over what really arrived, real limits, key material that
rotates. Source of the shapes: AWS Key Management Service API Reference.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .key_server import Answer, Asked, KeyServer

ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PLAINTEXT_LIMIT = 4_096
CIPHERTEXT_LIMIT = 6_144
CONTEXT_LIMIT = 8_192

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/kms/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


class Refused(Exception):
    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class AwsKmsServer(KeyServer):
    """One symmetric key, `ARN`, in eu-west-1.

    Args:
        session_token: demanded beside the signature when set.
        now: for the five minutes that a signature may be off.
    """

    def __init__(self, session_token: str | None = None, now: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self.session_token = session_token
        self.is_enabled = True
        self.denied: frozenset[str] = frozenset()
        self._now = now or (lambda: datetime.now(UTC))
        self._material = [secrets.token_bytes(32)]

    def rotate(self) -> None:
        self._material.append(secrets.token_bytes(32))

    @staticmethod
    def version_of(wrapped: str) -> int:
        return base64.b64decode(wrapped)[0]

    def answer(self, asked: Asked) -> Answer:
        try:
            self._check_signature(asked)
            prefix, _, operation = asked.headers["x-amz-target"].partition(".")
            if prefix != "TrentService" or asked.headers["content-type"] != "application/x-amz-json-1.1":
                raise Refused("UnknownOperationException")
            if operation in self.denied:
                raise Refused("AccessDeniedException")
            if not self.is_enabled:
                raise Refused("DisabledException")
            run = {"GenerateDataKey": self._generate, "Decrypt": self._decrypt, "Encrypt": self._encrypt}
            run["ReEncrypt"] = self._reencrypt
            return Answer(200, run[operation](json.loads(asked.raw)))
        except Refused as error:
            return Answer(error.status, {"__type": error.code, "message": "the double says no"})

    def _generate(self, body: dict[str, Any]) -> dict[str, Any]:
        if body["KeySpec"] != "AES_256":
            raise Refused("ValidationException")
        plain = secrets.token_bytes(32)
        blob = self._seal(body["KeyId"], plain, body.get("EncryptionContext", {}))
        return {"CiphertextBlob": blob, "Plaintext": _text(plain), "KeyId": ARN}

    def _encrypt(self, body: dict[str, Any]) -> dict[str, Any]:
        plain = base64.b64decode(body["Plaintext"])
        if not 1 <= len(plain) <= PLAINTEXT_LIMIT:
            raise Refused("ValidationException")
        return {"CiphertextBlob": self._seal(body["KeyId"], plain, body.get("EncryptionContext", {})), "KeyId": ARN}

    def _decrypt(self, body: dict[str, Any]) -> dict[str, Any]:
        plain = self._open(body.get("KeyId", ARN), body["CiphertextBlob"], body.get("EncryptionContext", {}))
        return {"Plaintext": _text(plain), "KeyId": ARN, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}

    def _reencrypt(self, body: dict[str, Any]) -> dict[str, Any]:
        plain = self._open(body["SourceKeyId"], body["CiphertextBlob"], body.get("SourceEncryptionContext", {}))
        blob = self._seal(body["DestinationKeyId"], plain, body.get("DestinationEncryptionContext", {}))
        return {"CiphertextBlob": blob, "KeyId": ARN, "SourceKeyId": ARN}

    def _seal(self, key: str, plain: bytes, context: dict[str, str]) -> str:
        self._check_key(key)
        version, nonce = len(self._material) - 1, secrets.token_bytes(12)
        sealed = AESGCM(self._material[version]).encrypt(nonce, plain, _bound(context))
        return _text(bytes([version]) + nonce + sealed)

    def _open(self, key: str, blob: str, context: dict[str, str]) -> bytes:
        self._check_key(key, wrong="IncorrectKeyException")
        raw = base64.b64decode(blob)
        if not 1 <= len(raw) <= CIPHERTEXT_LIMIT:
            raise Refused("ValidationException")
        try:
            return AESGCM(self._material[raw[0]]).decrypt(raw[1:13], raw[13:], _bound(context))
        except (InvalidTag, IndexError, ValueError):
            raise Refused("InvalidCiphertextException") from None

    def _check_key(self, key: str, wrong: str = "NotFoundException") -> None:
        if key not in (ARN, ARN.rpartition("/")[2], "alias/opswarden"):
            raise Refused(wrong)

    def _check_signature(self, asked: Asked) -> None:
        found = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
        if found is None:
            raise Refused("IncompleteSignatureException", 400)
        access, day, region, names, signature = found.groups()
        if access != ACCESS_KEY:
            raise Refused("UnrecognizedClientException")
        moment = asked.headers.get("x-amz-date", "")
        at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs((at - self._now()).total_seconds()) > 300 or moment[:8] != day or region != "eu-west-1":
            raise Refused("InvalidSignatureException")
        if not {"host", "x-amz-date", "x-amz-target"} <= set(names.split(";")):
            raise Refused("InvalidSignatureException")
        if self.session_token is not None and asked.headers.get("x-amz-security-token") != self.session_token:
            raise Refused("UnrecognizedClientException")
        lines = "".join(f"{name}:{asked.headers[name].strip()}\n" for name in names.split(";"))
        request = f"{asked.method}\n{asked.path}\n\n{lines}\n{names}\n{hashlib.sha256(asked.raw).hexdigest()}"
        scope = f"{day}/{region}/kms/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        step = _mac(_mac(_mac(_mac(b"AWS4" + SECRET_KEY.encode(), day), region), "kms"), "aws4_request")
        if not hmac.compare_digest(_mac(step, text).hex(), signature):
            raise Refused("InvalidSignatureException")


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), "sha256").digest()


def _bound(context: dict[str, str]) -> bytes:
    bound = json.dumps(sorted(context.items())).encode()
    if len(bound) > CONTEXT_LIMIT:
        raise Refused("ValidationException")
    return bound


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
