"""Whose an MCP request is: a configured token, or one of the issuer of identity tokens (OAuth resource server).

Source: MCP 2026-07-28, Authorization: tokens must be issued for this server (`aud`), and are found through RFC 9728
(protected resource metadata).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from ...core.errors import ConfigError, OpswardenError
from ...policies.people.roles import Directory
from ..installation import Installation
from ..people.callers import Caller, TokenBook
from ..people.roles import issuer_keys

METADATA_PATH = "/.well-known/oauth-protected-resource"


class Identities:
    """Finds the caller of a request by its bearer token.

    Raises:
        ConfigError: nobody could call, a caller has no usable token, or no issuer is named.
    """

    def __init__(self, installation: Installation) -> None:
        settings = installation.settings
        self._installation = installation
        self._callers = settings.mcp.callers
        self._oauth = settings.mcp.oauth
        self._book = TokenBook({name: caller.hashes for name, caller in self._callers.items()})
        if not self._callers and self._oauth.resource is None:
            raise ConfigError(
                "nobody may call over HTTP", remedy="list a client under `[mcp.callers.NAME]`, or set `mcp.oauth`"
            )
        if self._oauth.resource is not None and settings.identity.oidc.issuer is None:
            raise ConfigError("`mcp.oauth` has no issuer of tokens", remedy="name it in `identity.oidc.issuer`")
        self._book.check()
        self._keys = issuer_keys(installation) if self._oauth.resource is not None else None

    def caller_of(self, token: str) -> Caller | None:
        """The caller; `None` for nobody. May ask the issuer for its keys."""
        team = self._installation.settings.team
        name = self._book.name_of(token)
        if name is not None:
            found = self._callers[name]
            by = f"person:{found.person}" if found.person else f"system:mcp.{name}"
            return Caller(name, found.role, found.team or team, by, found.environment)
        return self._of_issuer(token) if self._keys is not None and token.count(".") == 2 else None

    @property
    def challenge(self) -> str:
        """What an unknown client is told: where it can get a token, if anywhere."""
        if self._oauth.resource is None:
            return "Bearer"
        parts = urlsplit(self._oauth.resource)
        return f'Bearer resource_metadata="{parts.scheme}://{parts.netloc}{METADATA_PATH}{parts.path.rstrip("/")}"'

    @property
    def metadata(self) -> dict[str, dict[str, object]]:
        """Path: protected resource metadata (RFC 9728)."""
        resource, issuer = self._oauth.resource, self._installation.settings.identity.oidc.issuer
        if resource is None:
            return {}
        told: dict[str, object] = {
            "resource": resource,
            "authorization_servers": [issuer],
            "bearer_methods_supported": ["header"],
        }
        return {METADATA_PATH + path: told for path in {"", urlsplit(resource).path.rstrip("/")}}

    def _of_issuer(self, token: str) -> Caller | None:
        from ...policies.people.tokens import Expected, TokenCheck, text_claim  # noqa: PLC0415 - where it is needed

        settings = self._installation.settings
        oidc, oauth = settings.identity.oidc, self._oauth
        assert oidc.issuer is not None and oauth.resource is not None and self._keys is not None  # noqa: S101, PT018
        parties = frozenset(oauth.clients)
        expected = Expected(oidc.issuer, oauth.resource, oidc.max_age_s, parties=parties, names_party=bool(parties))
        try:
            claims = TokenCheck(expected, self._keys).claims(token, self._installation.clock.now())
            directory = Directory({name: person.known_as for name, person in settings.people.items()})
            person = directory.known(text_claim(claims, oidc.person_claim), f"oidc:{oidc.issuer}")
        except OpswardenError:
            return None
        return Caller(f"oauth.{person.name}", oauth.role, settings.team, person.principal)
