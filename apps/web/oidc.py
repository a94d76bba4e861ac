"""Signing in with the issuer of identity tokens: the authorization code flow with PKCE.

Source: OpenID Connect Core 1.0, 3.1 (code flow, `nonce`, `max_age`, `auth_time`); RFC 7636 (PKCE, S256); RFC 9700
(security of OAuth 2.0); RFC 9207 (`iss` in the answer).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ...core.errors import BackendError, CallDenied, ConfigError
from ...core.https import HttpService
from ...policies.people.roles import Directory, Person
from ...policies.people.tokens import Expected, TokenCheck, roles_in, text_claim
from ..installation import Installation
from ..people.roles import issuer_keys, token_in

CALLBACK = "oidc/callback"
_LEEWAY_S = 60
_CODE = "token-refused"


@dataclass(frozen=True)
class Proved:
    """Whom the issuer has named.

    Args:
        roles: those that the values of the token's claim give.
        authenticated_at: seconds since 1970 when they last proved it to the issuer; `None` if it does not say.
    """

    person: Person
    roles: frozenset[str]
    authenticated_at: int | None


class Issuer:
    """The issuer under `identity.oidc`, for browsers.

    Args:
        installation: whose settings name it.
        directory: whom its names mean.
    """

    def __init__(self, installation: Installation, directory: Directory) -> None:
        self._installation = installation
        self._oidc = installation.settings.identity.oidc
        self._web = installation.settings.web
        self._directory = directory
        self._key = installation.keys.secret("web-oidc")

    @property
    def name(self) -> str:
        """Its host, for a button."""
        return urlsplit(self._oidc.issuer or "").netloc

    @property
    def identified_by(self) -> str:
        """How records name it."""
        return f"oidc:{self._oidc.issuer}"

    def way_there(self, state: str, *, is_fresh: bool) -> str:
        """Where a browser is sent to sign in.

        Args:
            state: of the flow; nonce and verifier follow from it and from our key, so that neither has to be kept.
            is_fresh: whether they must prove who they are although the issuer knows them.

        Raises:
            BackendError, ConfigError: the issuer does not answer, or says nothing usable.
        """
        asked = {
            "response_type": "code",
            "client_id": self._oidc.audience,
            "redirect_uri": self._redirect,
            "scope": "openid email profile",
            "state": state,
            "nonce": self._derived("nonce", state),
            "code_challenge": _text(hashlib.sha256(self._derived("verifier", state).encode()).digest()),
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if is_fresh else {}),
        }
        address = self._endpoint("authorization_endpoint")
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"

    def proved(self, state: str, code: str, issuer: str, now: datetime) -> Proved:
        """Whom a code that came back stands for.

        Args:
            state: of the flow.
            code: from the issuer.
            issuer: `iss` of the answer, where it has one.
            now: for the times in the token.

        Raises:
            CallDenied: `token-refused`.
            InputError: nobody is known by the name in the token.
            BackendError, ConfigError: the issuer does not answer, or says nothing usable.
        """
        oidc = self._oidc
        assert oidc.issuer is not None  # noqa: S101 - without one there is no such object
        if issuer and issuer != oidc.issuer:
            raise CallDenied("the answer comes from another issuer", code=_CODE, remedy="sign in again")
        check = TokenCheck(Expected(oidc.issuer, oidc.audience, oidc.max_age_s), issuer_keys(self._installation))
        claims = check.claims(self._redeemed(state, code), now)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), self._derived("nonce", state).encode()):
            raise CallDenied("the token belongs to another sign-in", code=_CODE, remedy="sign in again")
        person = self._directory.known(text_claim(claims, oidc.person_claim), self.identified_by)
        at = claims.get("auth_time")
        is_number = isinstance(at, int | float) and not isinstance(at, bool) and 0 <= at < 1 << 40
        return Proved(person, roles_in(claims, oidc.roles_claim, oidc.roles), int(at) if is_number and at else None)

    @staticmethod
    def is_fresh(proved: Proved, since: datetime) -> bool:
        """Whether somebody proved who they are after we asked them to, as far as clocks may be apart."""
        at = proved.authenticated_at
        return at is not None and at >= since.timestamp() - _LEEWAY_S

    def _redeemed(self, state: str, code: str) -> str:
        """The identity token for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": self._derived("verifier", state),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self._web.client_secret_env is None:
            form["client_id"] = self._oidc.audience
        else:
            secret = token_in(self._web.client_secret_env).get_secret_value()
            pair = f"{quote(self._oidc.audience, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        http, path = self._way(self._endpoint("token_endpoint"))
        reply = http.post(path, urlencode(form).encode(), headers)
        if reply.status in (400, 401, 403):
            raise CallDenied("the issuer did not take the code", code=_CODE, remedy="sign in again")
        token = reply.body.get("id_token")
        if reply.status != 200 or not isinstance(token, str):
            raise BackendError(
                f"the issuer of identity tokens gave no token (status {reply.status})", remedy="check `identity.oidc`"
            )
        return token

    @property
    def _redirect(self) -> str:
        return f"{(self._web.address or '').rstrip('/')}/{CALLBACK}"

    @cached_property
    def _described(self) -> Mapping[str, Any]:
        http, path = self._way(f"{(self._oidc.issuer or '').rstrip('/')}/.well-known/openid-configuration")
        reply = http.get(path, {"Accept": "application/json"})
        if reply.status != 200 or reply.body.get("issuer") != self._oidc.issuer:
            raise ConfigError(
                "what is found at `identity.oidc.issuer` is another issuer", remedy="write it exactly as its tokens do"
            )
        return reply.body

    def _endpoint(self, name: str) -> str:
        address = self._described.get(name)
        parts = urlsplit(address) if isinstance(address, str) else urlsplit("")
        is_here = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not parts.netloc or parts.fragment or (parts.scheme != "https" and not (parts.scheme == "http" and is_here)):
            raise ConfigError(f"the issuer names no usable {name}", remedy="check `identity.oidc.issuer`")
        return str(address)

    def _way(self, url: str) -> tuple[HttpService, str]:
        parts = urlsplit(url)
        http = HttpService(
            "the issuer of identity tokens",
            f"{parts.scheme}://{parts.netloc}",
            timeout_s=self._oidc.timeout_s,
            ca_file=self._oidc.ca_file,
            section="identity.oidc",
        )
        return http, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"

    def _derived(self, purpose: str, state: str) -> str:
        message = f"{purpose}\n{state}".encode("utf-8", "replace")
        return _text(hmac.new(self._key, message, "sha256").digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
