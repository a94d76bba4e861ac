"""Who may call our tools over MCP, and how much at once."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from ...core.config import Section
from ..people.callers import Name, TokenSettings

ROLE_PATTERN = r"^[a-z][a-z0-9_-]{0,62}$"


class McpCallerSettings(TokenSettings):
    """A client that calls over HTTP."""

    role: str = Field(default="mcp", pattern=ROLE_PATTERN, description="agent role, as policies speak of it")
    team: str | None = Field(default=None, max_length=64, description="whose eyes its answers meet; ours if absent")
    person: str | None = Field(default=None, max_length=64, description="whose client it is, if it is one person's")
    environment: str | None = Field(default=None, description="the only one it is served; any if absent")


class McpOAuthSettings(Section):
    """Tokens of the issuer under `identity.oidc`; none is taken unless `resource` is set."""

    resource: str | None = Field(
        default=None, pattern=r"^https?://\S{1,500}$", description="the address of this server; tokens name it in `aud`"
    )
    clients: tuple[str, ...] = Field(
        default=(), description="client ids that tokens may be issued to (`azp`, `client_id`)"
    )
    role: str = Field(default="mcp", pattern=ROLE_PATTERN, description="agent role of such clients")


class McpSettings(Section):
    """The section `mcp`: our tools over the Model Context Protocol. Over stdio none of it is needed."""

    callers: dict[Name, McpCallerSettings] = Field(default_factory=dict, description="name: a client over HTTP")
    oauth: McpOAuthSettings = McpOAuthSettings()
    hosts: tuple[str, ...] = Field(default=(), description="`Host` headers to answer beside this machine's own names")
    origins: tuple[str, ...] = Field(default=(), description="`Origin` headers of browsers to answer; none if empty")
    certificate: Path | None = Field(default=None, description="PEM file to serve TLS with; its key beside it or in")
    certificate_key: Path | None = Field(default=None, description="PEM file with the key of `certificate`")
    plain: bool = Field(default=False, description="whether to serve other machines without TLS, behind a proxy")
    sessions: int = Field(default=32, ge=1, le=1_000, description="sessions at once, over all callers")
    sessions_of_one: int = Field(default=4, ge=1, le=100, description="sessions at once of one caller")
    calls_at_once: int = Field(default=8, ge=1, le=64, description="calls at once, over all sessions")
    request_kb: int = Field(default=256, ge=16, le=4_096, description="size of one request")
    idle_s: int = Field(default=1_800, ge=60, le=86_400, description="how long a session without a call stays open")
    session_s: int = Field(default=28_800, ge=60, le=7 * 86_400, description="how long one session may last")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.certificate_key and not self.certificate:
            raise ValueError("`certificate_key` needs `certificate`")
        return self
