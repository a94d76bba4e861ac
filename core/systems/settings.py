"""How a system is reached: address, trust, credential, and how much may be asked of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from ..config import Section
from ..http_exchange import is_this_machine

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_OURS = frozenset(
    "accept accept-encoding authorization connection content-length content-type cookie expect host "
    "proxy-authorization te transfer-encoding upgrade".split()
)


class HttpSettings(Section):
    """An HTTP system. A credential comes from a variable, or from a file that is read again for every question."""

    url: str = Field(max_length=2_000, description="`https://host[:port][/path]`")
    plain: bool = Field(default=False, description="whether `http` may lead beyond this machine")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust")
    client_certificate: Path | None = Field(default=None, description="PEM file to show; its key beside it or in")
    client_key: Path | None = Field(default=None, description="PEM file with the key of `client_certificate`")
    token_env: str | None = Field(default=None, description="variable with a bearer token")
    token_file: Path | None = Field(default=None, description="file with a bearer token; may rotate")
    user: str | None = Field(default=None, max_length=256, description="name for basic authentication")
    password_env: str | None = Field(default=None, description="variable with the password")
    password_file: Path | None = Field(default=None, description="file with the password; may rotate")
    headers: dict[str, str] = Field(default_factory=dict, max_length=16, description="such as `X-Scope-OrgID`")
    proxy: str | None = Field(default=None, description="`http://host:port` that connects us; none by itself")
    timeout_s: float = Field(default=20.0, gt=0, le=300, description="how long one question may take")
    limit_mb: int = Field(default=64, ge=1, le=1_024, description="size of one answer, unpacked")
    concurrency: int = Field(default=4, ge=1, le=64, description="questions at once, over all processes")
    shared_s: float = Field(default=15.0, ge=0, le=300, description="how long an answer serves the same question")

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address is written as `https://host[:port][/path]`")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("an address holds no credential, query or fragment")
        _ = parts.port
        return url.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme != "http" or not urlsplit(url).hostname or urlsplit(url).username):
            raise ValueError("a proxy is written as `http://host:port`, without a credential")
        return url

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER.fullmatch(name) or name.lower() in _OURS:
                raise ValueError(f"a header {name[:64]!r} cannot be set here")
            if not value.isprintable() or len(value) > 1_000:
                raise ValueError(f"the header {name!r} holds what no header can")
        return headers

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.is_plain and not self.plain and not is_this_machine(urlsplit(self.url).hostname or ""):
            raise ValueError("it would be asked without TLS: write https, or set `plain` if the network is yours")
        if self.user is None and (self.password_env or self.password_file):
            raise ValueError("a password needs `user`")
        ways = [self.token_env, self.token_file, self.user]
        if sum(way is not None for way in ways) > 1:
            raise ValueError("one way to prove who asks: `token_env`, `token_file` or `user`")
        if self.user is not None and (self.password_env is None) == (self.password_file is None):
            raise ValueError("`user` needs `password_env` or `password_file`")
        if self.client_key and not self.client_certificate:
            raise ValueError("`client_key` needs `client_certificate`")
        return self

    @property
    def is_plain(self) -> bool:
        """Whether the address is `http`."""
        return urlsplit(self.url).scheme == "http"
