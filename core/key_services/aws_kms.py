"""AWS KMS: JSON 1.1 over HTTPS, signed with Signature Version 4.

Source: AWS Key Management Service API Reference (GenerateDataKey, Decrypt, ReEncrypt and their errors).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from ..clock import Clock
from ..errors import ConfigError, OpswardenError
from ..https import HttpService, Reply
from .aws_signature import Scope, signed
from .credentials import AwsSource
from .service import Context, DataKey, failed, not_ours, refused, unusable

_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):[0-9]{12}:(?:key|alias)/[A-Za-z0-9/_-]{1,256}")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}")
_LENGTH_BYTES = 32
_NOT_OURS = frozenset(("InvalidCiphertextException", "IncorrectKeyException"))
# With status 400, and over by itself in a while.
_FOR_NOW = frozenset(("ThrottlingException", "Throttling", "RequestLimitExceeded", "LimitExceededException"))
_REFUSALS = {
    "AccessDeniedException": ("access is denied", "allow kms:GenerateDataKey, kms:Decrypt and kms:ReEncrypt*"),
    "DisabledException": ("the key is disabled", "enable it"),
    "KMSInvalidStateException": ("the key is not in use (perhaps to be deleted)", "cancel its deletion or enable it"),
    "NotFoundException": ("there is no such key", "check `keys.key` and `keys.region`"),
    "InvalidKeyUsageException": ("the key is not for encryption", "name a symmetric key in `keys.key`"),
    "UnrecognizedClientException": ("the credentials are not valid", "check the access key"),
    "InvalidClientTokenId": ("the credentials are not valid", "check the access key"),
    "ExpiredTokenException": ("the credentials have expired", "get new ones"),
    "InvalidSignatureException": ("the signature does not fit", "check the secret key and this machine's clock"),
    "IncompleteSignatureException": ("the signature does not fit", "check the access key"),
}


class AwsKms:
    """A symmetric key of AWS KMS.

    Args:
        key: ARN, id, or `alias/…`.
        region: needed where the key is no ARN.
        endpoint: another address than the region's own, such as that of a VPC endpoint.

    Raises:
        ConfigError: the region is not known or the address cannot be used.
    """

    def __init__(
        self, key: str, credentials: AwsSource, clock: Clock, *, region: str | None, endpoint: HttpService
    ) -> None:
        self._key = key
        self._credentials = credentials
        self._clock = clock
        self._scope = Scope(aws_region(key, region), "kms")
        self._http = endpoint

    @property
    def name(self) -> str:
        """What people call it."""
        return "AWS KMS"

    def new_data_key(self, context: Context) -> DataKey:
        """A data key that KMS makes."""
        body = self._ask(
            "GenerateDataKey", {"KeyId": self._key, "KeySpec": "AES_256", "EncryptionContext": dict(context)}
        )
        return DataKey(self._plain(body), self._text(body, "CiphertextBlob"))

    def unwrap(self, wrapped: str, context: Context) -> bytes:
        """The data key, by the key that is configured and no other."""
        question = {"KeyId": self._key, "CiphertextBlob": wrapped, "EncryptionContext": dict(context)}
        return self._plain(self._ask("Decrypt", question))

    def rewrap(self, wrapped: str, context: Context) -> str:
        """Inside KMS, under the newest key material."""
        question = {
            "CiphertextBlob": wrapped,
            "SourceKeyId": self._key,
            "SourceEncryptionContext": dict(context),
            "DestinationKeyId": self._key,
            "DestinationEncryptionContext": dict(context),
        }
        return self._text(self._ask("ReEncrypt", question), "CiphertextBlob")

    def _ask(self, operation: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        body = json.dumps(question).encode()
        headers = signed(
            "POST",
            self._http.authority,
            {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{operation}"},
            body,
            by=self._credentials(),
            scope=self._scope,
            at=self._clock.now(),
        )
        reply = self._http.post("/", body, headers)
        if reply.status != 200:
            raise self._error(reply)
        return reply.body

    def _error(self, reply: Reply) -> OpswardenError:
        code = str(reply.body.get("__type", "")).rpartition("#")[2]
        if code in _NOT_OURS:
            return not_ours(self.name)
        if code in _REFUSALS:
            return refused(self.name, *_REFUSALS[code])
        if code in _FOR_NOW:
            return failed(self.name, 429)
        return failed(self.name, reply.status)

    def _plain(self, body: Mapping[str, Any]) -> bytes:
        try:
            plain = base64.b64decode(self._text(body, "Plaintext"), validate=True)
        except binascii.Error:
            raise unusable(self.name) from None
        if len(plain) != _LENGTH_BYTES:
            raise unusable(self.name)
        return plain

    def _text(self, body: Mapping[str, Any], name: str) -> str:
        value = body.get(name)
        if not isinstance(value, str) or not value:
            raise unusable(self.name)
        return value


def aws_region(key: str, region: str | None) -> str:
    """The region that is configured, or the one in the key's ARN.

    Raises:
        ConfigError: there is neither, or they differ.
    """
    found = _ARN.fullmatch(key)
    named = found[1] if found else None
    if region is not None and not _REGION.fullmatch(region):
        raise ConfigError("`keys.region` is no AWS region", remedy="for example `eu-west-1`")
    if named and region and named != region:
        raise ConfigError("`keys.region` is not the region of `keys.key`", remedy="leave `keys.region` out")
    if not (named or region):
        raise ConfigError("the region of the AWS key is not known", remedy="write `keys.key` as an ARN")
    return str(named or region)


def aws_endpoint(region: str) -> str:
    """The public address of KMS in a region; China has a suffix of its own."""
    return f"https://kms.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
