"""A double of an OpenID Connect issuer: discovery and keys over real HTTP, and tokens that it signs, or forges."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from .key_server import Answer, Asked, KeyServer


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(value: Any) -> str:
    return encoded(json.dumps(value).encode())


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class OidcIssuer(KeyServer):
    """Signs with an RSA key `r1` and a P-256 key `e1`."""

    def __init__(self) -> None:
        super().__init__()
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.claimed_issuer: str | None = None

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/.well-known/openid-configuration":
            issuer = self.claimed_issuer or self.url
            return Answer(200, {"issuer": issuer, "jwks_uri": f"{self.url}/keys"})
        return Answer(200, self.key_set()) if asked.path == "/keys" else Answer(404)

    def key_set(self) -> dict[str, Any]:
        numbers, point = self.rsa.public_key().public_numbers(), self.ec.public_key().public_numbers()
        return {
            "keys": [
                {"kty": "RSA", "kid": "r1", "use": "sig", "alg": "RS256", "n": number(numbers.n), "e": "AQAB"},
                {
                    "kty": "EC",
                    "kid": "e1",
                    "use": "sig",
                    "crv": "P-256",
                    "x": encoded(point.x.to_bytes(32, "big")),
                    "y": encoded(point.y.to_bytes(32, "big")),
                },
                {"kty": "oct", "kid": "o1", "k": encoded(b"secret")},
            ]
        }

    def token(self, claims: Mapping[str, Any], *, alg: str = "RS256", header: Mapping[str, Any] | None = None) -> str:
        kid = {"RS256": "r1", "ES256": "e1"}.get(alg, "r1")
        text = f"{part({'alg': alg, 'typ': 'JWT', 'kid': kid, **(header or {})})}.{part(dict(claims))}"
        return f"{text}.{encoded(self.signature(text.encode(), alg))}"

    def signature(self, message: bytes, alg: str) -> bytes:
        if alg == "RS256":
            return self.rsa.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if alg == "ES256":
            r, s = decode_dss_signature(self.ec.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if alg == "HS256":  # with the public key for a secret: the classic confusion
            return hmac.digest(number(self.rsa.public_key().public_numbers().n).encode(), message, "sha256")
        return b""
