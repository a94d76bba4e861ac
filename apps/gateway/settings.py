"""The gateway: a deployment of its own, off until it has a folder of contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from ...core.config import Section


class GatewaySettings(Section):
    """The section `gateway`."""

    contracts: Path | None = Field(
        default=None, description="folder of `NAME.toml`, one for each agent; off without it"
    )
    state_dir: Path | None = Field(
        default=None, description="its own keys, ledger and budgets; `gateway` in `state_dir` if absent"
    )
    hosts: tuple[str, ...] = Field(default=(), description="`Host` headers to answer beside this machine's own names")
    certificate: Path | None = Field(default=None, description="PEM file to serve TLS with; its key beside it or in")
    certificate_key: Path | None = Field(default=None, description="PEM file with the key of `certificate`")
    plain: bool = Field(default=False, description="whether to serve other machines without TLS, behind a proxy")
    requests_at_once: int = Field(default=16, ge=1, le=256, description="requests at once, over all agents")
    requests_of_one: int = Field(default=4, ge=1, le=64, description="requests at once of one agent")
    request_kb: int = Field(default=1_024, ge=16, le=16_384, description="size of one request")
    conversations: int = Field(default=500, ge=1, le=10_000, description="named conversations that are kept at once")
    conversations_of_one: int = Field(default=100, ge=1, le=10_000, description="the same of one agent")
    idle_s: int = Field(default=3_600, ge=60, le=86_400, description="how long a named conversation is kept")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.certificate_key and not self.certificate:
            raise ValueError("`certificate_key` needs `certificate`")
        return self
