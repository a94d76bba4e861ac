"""The public keys of an issuer of identity tokens: from a file, or found by OpenID Connect discovery.

Source: RFC 7517 (JSON Web Key), RFC 7518 section 6; OpenID Connect Discovery 1.0, section 4.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ...core.clock import Clock
from ...core.errors import BackendError, ConfigError
from ...core.https import HttpService

_SIZE_LIMIT_BYTES = 256_000
_MOST_KEYS = 100
_LEAST_RSA_BITS = 2048
_MOST_RSA_BITS = 8192


@dataclass(frozen=True)
class SigningKey:
    """One key, for one algorithm alone.

    Args:
        kid: its name; `None` if it has none.
    """

    kid: str | None
    algorithm: Literal["RS256", "ES256"]
    public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class KeySource(Protocol):
    """Where an issuer's keys come from."""

    def keys(self) -> Sequence[SigningKey]:
        """The keys now.

        Raises:
            BackendError: the issuer does not answer.
            ConfigError: what it gives is no set of keys.
        """
        ...


class KeyFile:
    """Keys in a file that an operator keeps; implements `KeySource`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys(self) -> Sequence[SigningKey]:
        """The keys in the file, read anew.

        Raises:
            ConfigError: it cannot be read or holds no set of keys.
        """
        try:
            with self._path.open("rb") as file:
                content = file.read(_SIZE_LIMIT_BYTES + 1)
            found = json.loads(content) if len(content) <= _SIZE_LIMIT_BYTES else None
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(
                f"the key file {self._path.name!r} cannot be read", remedy="`identity.oidc.jwks_file` names a JWKS"
            ) from error
        return read_keys(found)


class IssuerKeys:
    """Keys found by discovery; implements `KeySource`.

    Args:
        issuer: an address of `https`, or of this machine.
        connect: makes the way to an address `scheme://host[:port]`.
        cache_s: for how many seconds an answer holds.
    """

    def __init__(self, issuer: str, connect: Callable[[str], HttpService], clock: Clock, cache_s: float) -> None:
        self._issuer = issuer
        self._connect = connect
        self._clock = clock
        self._cache_s = cache_s
        self._answer: tuple[float, Sequence[SigningKey]] | None = None

    def keys(self) -> Sequence[SigningKey]:
        """The keys; asked anew once the last answer is too old.

        Raises:
            BackendError: the issuer does not answer.
            ConfigError: it is another issuer, or gives no set of keys.
        """
        now = self._clock.monotonic()
        if self._answer is None or now - self._answer[0] >= self._cache_s:
            self._answer = None
            self._answer = (now, self._fetch())
        return self._answer[1]

    def _fetch(self) -> Sequence[SigningKey]:
        found = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        address = found.get("jwks_uri")
        if found.get("issuer") != self._issuer or not isinstance(address, str):
            raise ConfigError(
                "what is found at `identity.oidc.issuer` is another issuer", remedy="write it exactly as its tokens do"
            )
        return read_keys(self._get(address))

    def _get(self, url: str) -> Mapping[str, Any]:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        reply = self._connect(f"{parts.scheme}://{parts.netloc}").get(
            f"{parts.path or '/'}{query}", {"Accept": "application/json"}
        )
        if reply.status != 200:
            raise BackendError(
                f"the issuer of identity tokens answered with status {reply.status}",
                remedy="check `identity.oidc.issuer`",
            )
        return reply.body


def read_keys(found: object) -> Sequence[SigningKey]:
    """The keys of a JWKS that can sign here: RSA of 2048 bits and more, and P-256; others are left out.

    Raises:
        ConfigError: it is no JWKS, has no usable key, or two of one name.
    """
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise ConfigError("the issuer's keys are no JWKS", remedy="check `identity.oidc`")
    keys = [key for key in map(_key, listed) if key is not None]
    names = [key.kid for key in keys]
    if not keys or len(set(names)) < len(names):
        raise ConfigError("the issuer has no usable key, or two of one name", remedy="RS256 and ES256 are known here")
    return keys


def _key(found: object) -> SigningKey | None:
    if not isinstance(found, dict) or found.get("use", "sig") != "sig":
        return None
    operations = found.get("key_ops")
    if operations is not None and (not isinstance(operations, list) or "verify" not in operations):
        return None
    kid = found.get("kid")
    if kid is not None and not isinstance(kid, str):
        return None
    try:
        made = _public(found)
    except (ValueError, TypeError, KeyError, binascii.Error):
        return None
    if made is None:
        return None
    algorithm: Literal["RS256", "ES256"] = "RS256" if isinstance(made, rsa.RSAPublicKey) else "ES256"
    return SigningKey(kid, algorithm, made) if found.get("alg", algorithm) == algorithm else None


def _public(found: Mapping[str, Any]) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
    if found.get("kty") == "RSA":
        key = rsa.RSAPublicNumbers(_number(found["e"]), _number(found["n"])).public_key()
        return key if _LEAST_RSA_BITS <= key.key_size <= _MOST_RSA_BITS else None
    if found.get("kty") == "EC" and found.get("crv") == "P-256":
        # The constructor refuses points that are not on the curve.
        return ec.EllipticCurvePublicNumbers(_number(found["x"]), _number(found["y"]), ec.SECP256R1()).public_key()
    return None


def _number(text: object) -> int:
    if not isinstance(text, str) or not text or len(text) > 2_000:
        raise ValueError("no number of a key")
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
