"""Identity tokens of OpenID Connect, checked before anything in them is believed.

Source: OpenID Connect Core 1.0, 3.1.3.7 (ID Token validation); RFC 7519, RFC 7515, RFC 7518 and the advice of RFC 8725:
the algorithm is fixed by the key and never by the token, only asymmetric ones are known, keys in the token are ignored.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ...core.errors import CallDenied
from .key_set import KeySource, SigningKey
from .roles import Person

_LIMIT_CHARACTERS = 16_000
_PART = re.compile(r"[A-Za-z0-9_-]+")
_ES256_BYTES = 64
_MOST_VALUES = 1_000
_CODE = "token-refused"


@dataclass(frozen=True)
class Expected:
    """What a token must say.

    Args:
        issuer: `iss`, exactly.
        audience: what `aud` must hold: our client id.
        max_age_s: how long after `iat` a token is taken.
        leeway_s: how far the clocks may be apart.
        parties: clients beside the audience itself to which a token for it may be issued (`azp`).
        names_party: whether a token has to say to which client it was issued: `azp`, or `client_id` as access tokens
            do (RFC 9068). Identity tokens for one audience need not.
    """

    issuer: str
    audience: str
    max_age_s: int
    leeway_s: int = 60
    parties: frozenset[str] = frozenset()
    names_party: bool = False


class TokenCheck:
    """Checks signature and claims of identity tokens.

    Args:
        expected: what they must say.
        keys: the issuer's keys.
    """

    def __init__(self, expected: Expected, keys: KeySource) -> None:
        self._expected = expected
        self._keys = keys

    def claims(self, token: str, now: datetime) -> Mapping[str, Any]:
        """The claims of a token that is ours, whole and in time.

        Raises:
            CallDenied: `token-refused`; the message says why and repeats nothing of the token.
            BackendError, ConfigError: the issuer's keys cannot be had.
        """
        parts = token.strip().split(".")
        if len(token) > _LIMIT_CHARACTERS or len(parts) != 3 or not all(map(_PART.fullmatch, parts)):
            raise _refused("it is no signed token")
        header, payload = _object(parts[0]), _object(parts[1])
        if "crit" in header or header.get("b64", True) is not True or header.get("zip") is not None:
            raise _refused("its header demands what is not known here")
        key = self._key(header)
        _check_signature(key, f"{parts[0]}.{parts[1]}".encode("ascii"), _bytes(parts[2]))
        self._check_claims(payload, int(now.timestamp()))
        return payload

    def _key(self, header: Mapping[str, Any]) -> SigningKey:
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ("RS256", "ES256"):
            raise _refused("it is not signed with RS256 or ES256")
        keys = self._keys.keys()
        named = [key for key in keys if key.kid == kid] if isinstance(kid, str) else list(keys)
        # Without a name only a single key leaves no choice to whoever wrote the token.
        if len(named) != 1 or (kid is not None and not isinstance(kid, str)):
            raise _refused("the issuer has no such key")
        if named[0].algorithm != algorithm:
            raise _refused("its algorithm is not that of the key")
        return named[0]

    def _check_claims(self, claims: Mapping[str, Any], now: int) -> None:
        want = self._expected
        if claims.get("iss") != want.issuer:
            raise _refused("it comes from another issuer")
        audiences = claims.get("aud")
        listed = [audiences] if isinstance(audiences, str) else audiences
        if not isinstance(listed, list) or want.audience not in listed:
            raise _refused("it is meant for another audience")
        told = ("azp", "client_id") if want.names_party else ("azp",)
        parties = [claims[name] for name in told if claims.get(name) is not None]
        allowed = {want.audience, *want.parties}
        has_to = len(listed) > 1 or want.names_party
        if (has_to and not parties) or not all(isinstance(party, str) and party in allowed for party in parties):
            raise _refused("it was issued to another party, or does not say to which")
        expires, issued = _time(claims, "exp"), _time(claims, "iat")
        if now >= expires + want.leeway_s:
            raise _refused("it has expired")
        if issued > now + want.leeway_s:
            raise _refused("it was issued in the future")
        if now - issued > want.max_age_s + want.leeway_s:
            raise _refused("it is too old")
        if "nbf" in claims and _time(claims, "nbf") > now + want.leeway_s:
            raise _refused("it is not valid yet")


@dataclass(frozen=True)
class TokenRoles:
    """Roles that a checked token gives its person; implements `RoleSource`."""

    issuer: str
    person: Person
    given: frozenset[str]
    governs: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """For records and errors."""
        return f"oidc:{self.issuer}"

    def roles_of(self, person: Person) -> frozenset[str]:
        """The roles, for nobody but the token's person."""
        return self.given if person == self.person else frozenset()


def text_claim(claims: Mapping[str, Any], name: str) -> str:
    """A claim that names the person.

    Raises:
        CallDenied: `token-refused`; it is missing, or an e-mail address of which the issuer does not say that it is
            verified: with some issuers people choose what stands there.
    """
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise _refused(f"it has no claim {name!r}")
    if name == "email" and claims.get("email_verified") is not True:
        raise _refused(
            "it does not say that its e-mail address is verified; `identity.oidc.person_claim` can be another"
        )
    return value


def roles_in(claims: Mapping[str, Any], name: str, mapping: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The roles that the values of a claim stand for; values that nobody has mapped give none."""
    values = claims.get(name)
    listed = [values] if isinstance(values, str) else values
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(
        role for value in listed[:_MOST_VALUES] if isinstance(value, str) for role in mapping.get(value, ())
    )


def _check_signature(key: SigningKey, message: bytes, signature: bytes) -> None:
    try:
        if isinstance(key.public, rsa.RSAPublicKey):
            key.public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            return
        if len(signature) != _ES256_BYTES:
            raise InvalidSignature
        half = _ES256_BYTES // 2
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        key.public.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise _refused("its signature is not the issuer's") from None


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1 << 40:
        raise _refused(f"it has no usable {name!r}")
    return int(value)


def _object(part: str) -> Mapping[str, Any]:
    try:
        found = json.loads(_bytes(part), object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        raise _refused("it is no signed token") from None
    if not isinstance(found, dict):
        raise _refused("it is no signed token")
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands twice, two readers may take different values."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _bytes(part: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise _refused("it is no signed token") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != part:
        raise _refused("it is no signed token")
    return raw


def _refused(why: str) -> CallDenied:
    return CallDenied(
        f"the identity token is refused: {why}", code=_CODE, remedy="sign in again, or check `identity.oidc`"
    )
