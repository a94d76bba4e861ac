"""A double of an OpenID Connect issuer at which people sign in: the authorization code flow with PKCE.

What a browser does there is `consent`: it checks the request as RFC 6749, RFC 7636 and OpenID Connect Core demand, and
gives the address that the browser is sent back to. Codes are good once, for ten minutes by nobody's clock.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from .key_server import Answer, Asked
from .oidc_issuer import OidcIssuer


class OidcSignIn(OidcIssuer):
    """Knows one client.

    Args:
        client: its id.
        redirect: the only address that browsers are sent back to.
        secret: what the client proves itself with; a public client has none.
    """

    def __init__(self, client: str, redirect: str, secret: str = "") -> None:
        super().__init__()
        self.client = client
        self.redirect = redirect
        self.secret = secret
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        """Laid over the claims of every token; `None` takes one out."""
        self.alg = "RS256"

    def consent(self, url: str, email: str, now: datetime, *, authenticated_at: datetime | None = None) -> str:
        """Where the browser is sent back to when somebody signs in at this address."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == self.client
        assert asked["redirect_uri"] == self.redirect
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert len(asked["state"]) >= 22
        assert len(asked["nonce"]) >= 22
        at = authenticated_at if authenticated_at is not None else now
        code = secrets.token_urlsafe(16)
        self.codes[code] = {
            **asked,
            "email": email,
            "now": str(int(now.timestamp())),
            # Required in the token where `max_age` was asked for (Core, 3.1.2.1).
            "auth_time": str(int(at.timestamp())) if "max_age" in asked else "",
        }
        return f"{self.redirect}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/.well-known/openid-configuration":
            described = dict(super().answer(asked).body)
            return Answer(
                200,
                {
                    **described,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "response_types_supported": ["code"],
                    "code_challenge_methods_supported": ["S256"],
                },
            )
        if asked.path == "/token" and asked.method == "POST":
            return self._token(dict(parse_qsl(asked.raw.decode())), asked.headers)
        return super().answer(asked)

    def _token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        if not self._is_client(form, headers):
            return Answer(401, {"error": "invalid_client"})
        held = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            held is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != self.redirect
            or challenge.rstrip(b"=").decode() != held["code_challenge"]
        ):
            return Answer(400, {"error": "invalid_grant"})
        now = int(held["now"])
        claims: dict[str, Any] = {
            "iss": self.url,
            "aud": self.client,
            "sub": held["email"],
            "email": held["email"],
            "email_verified": True,
            "groups": ["sre"],
            "iat": now,
            "exp": now + 300,
            "nonce": held["nonce"],
            **({"auth_time": int(held["auth_time"])} if held["auth_time"] else {}),
            **self.claims,
        }
        token = self.token({name: value for name, value in claims.items() if value is not None}, alg=self.alg)
        return Answer(200, {"access_token": "opaque", "token_type": "Bearer", "id_token": token, "expires_in": 300})

    def _is_client(self, form: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        if not self.secret:
            return form.get("client_id") == self.client
        expected = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        return headers.get("authorization") == f"Basic {expected}"
