"""Who is served the web view, under which names, and for how long a sign-in holds."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from ...core.config import Section
from ..people.callers import TokenHash


class WebSettings(Section):
    """The section `web`: pages for people. Only those under `people` can sign in."""

    address: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]{1,250}(/[A-Za-z0-9._~/-]{0,100})?$",
        description="how browsers reach it, such as `https://ops.example.com`; signing in with the issuer needs it",
    )
    hosts: tuple[str, ...] = Field(
        default=(), description="`Host` headers to answer beside this machine's own names and that of `address`"
    )
    certificate: Path | None = Field(default=None, description="PEM file to serve TLS with; its key beside it or in")
    certificate_key: Path | None = Field(default=None, description="PEM file with the key of `certificate`")
    plain: bool = Field(default=False, description="whether to serve other machines without TLS, behind a proxy")
    all_teams: frozenset[str] = Field(
        default=frozenset({"auditor"}), description="one of these roles sees the runs of every team"
    )
    session_s: int = Field(default=28_800, ge=300, le=86_400, description="how long a sign-in holds at most")
    idle_s: int = Field(default=3_600, ge=60, le=86_400, description="how long it holds without a request")
    fresh_s: int = Field(
        default=300, ge=30, le=900, description="how old the sign-in for one production call may be when it is approved"
    )
    client_secret_env: str | None = Field(
        default=None, description="variable with our client secret at the issuer; a public client has none"
    )
    metrics_tokens: tuple[TokenHash, ...] = Field(
        default=(), description="`sha256:` and the hash of a token that reads `/metrics`; only this machine if empty"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.certificate_key and not self.certificate:
            raise ValueError("`certificate_key` needs `certificate`")
        return self
