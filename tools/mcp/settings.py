"""Which tools of which MCP servers are ours to call, what they do to the world, and with which arguments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, field_validator, model_validator

from ...core.config import Section
from ...core.http_exchange import is_this_machine
from ..spec import DataClass, Effect

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}(?:[_-][a-z0-9]{1,16}){0,2}$")]
"""Of a server or a tool in our own names; no dot and no double underscore, so that no two look the same."""
ArgumentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]


class ArgumentSettings(Section):
    """One argument that may be passed on, and what it may be; no other ever is."""

    type: Literal["string", "integer", "number", "boolean"] = Field(default="string", description="of the value")
    required: bool = Field(default=False, description="whether it has to be given")
    description: str = Field(default="", max_length=300, description="for models, in your words")
    values: tuple[str, ...] = Field(default=(), max_length=200, description="the only texts it may be")
    pattern: str | None = Field(default=None, max_length=300, description="what the whole text matches")
    longest: int = Field(default=1_000, ge=1, le=20_000, description="characters of a text")
    least: float | None = Field(default=None, description="smallest number")
    most: float | None = Field(default=None, description="largest number")
    several: bool = Field(default=False, description="whether it is a list of such values")
    most_values: int = Field(default=20, ge=1, le=200, description="entries of such a list")
    restores: tuple[str, ...] = Field(
        default=(), max_length=20, description="entity types whose placeholders are put back for the server"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        is_text, is_number = self.type == "string", self.type in ("integer", "number")
        if (self.values or self.pattern or self.restores) and not is_text:
            raise ValueError("`values`, `pattern` and `restores` are for texts")
        if (self.least is not None or self.most is not None) and not is_number:
            raise ValueError("`least` and `most` are for numbers")
        if self.values and self.pattern:
            raise ValueError("one of `values` and `pattern`")
        return self

    @field_validator("pattern")
    @classmethod
    def _is_pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError("it is no regular expression") from error
        return pattern


class ForeignToolSettings(Section):
    """A tool of another server."""

    name: str | None = Field(default=None, min_length=1, max_length=128, description="what the server calls it")
    effect: Effect = Field(description="what it does to the world: `read`, `write` or `send`")
    description: str = Field(default="", max_length=600, description="for models, in your words")
    trust: Literal["outside", "kept"] = Field(
        default="outside", description="`kept` if only you write what it returns; otherwise outsiders can"
    )
    arguments: dict[ArgumentName, ArgumentSettings] = Field(
        default_factory=dict, max_length=50, description="name: what may be passed on"
    )
    two_person: bool = Field(default=False, description="whether somebody else than the requester has to approve")
    data_classes: tuple[DataClass, ...] | None = Field(default=None, description="of the data that it returns")
    summary_tokens: int = Field(default=600, ge=50, le=4_000, description="size of what an agent sees of a result")
    cost_microusd: int = Field(default=0, ge=0, description="what one call costs")


class ServerSettings(Section):
    """A server of somebody else: a command that is started for each call, or an address."""

    environment: str = Field(min_length=1, max_length=64, description="where it acts")
    command: tuple[str, ...] = Field(default=(), max_length=64, description="program and arguments; no shell")
    variables: tuple[Variable, ...] = Field(
        default=(), max_length=32, description="variables of ours that the program gets beside PATH, LANG and TZ"
    )
    folder: Path | None = Field(default=None, description="where the program is started")
    url: str | None = Field(default=None, max_length=2_000, description="`https://host[:port]/path`")
    plain: bool = Field(default=False, description="whether `http` may lead beyond this machine")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust")
    token_env: str | None = Field(default=None, description="variable with a bearer token")
    token_file: Path | None = Field(default=None, description="file with a bearer token; may rotate")
    timeout_s: float = Field(default=20.0, gt=0, le=300, description="how long one call may take, connecting included")
    limit_kb: int = Field(default=512, ge=16, le=16_384, description="size of one message of the server")
    tools: dict[Name, ForeignToolSettings] = Field(default_factory=dict, max_length=100, description="ours to call")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if bool(self.command) == (self.url is not None):
            raise ValueError("a server has a `command` or a `url`, one of them")
        if self.url is None and (self.token_env or self.token_file or self.ca_file or self.plain):
            raise ValueError("`token_env`, `token_file`, `ca_file` and `plain` belong to a `url`")
        if self.url is not None and (self.variables or self.folder):
            raise ValueError("`variables` and `folder` belong to a `command`")
        if self.token_env and self.token_file:
            raise ValueError("one of `token_env` and `token_file`")
        names = [tool.name or name for name, tool in self.tools.items()]
        if len(set(names)) < len(names):
            raise ValueError("two of its `tools` are one tool of the server")
        return self

    @model_validator(mode="after")
    def _address(self) -> Self:
        if self.url is None:
            return self
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ValueError("an address is written as `https://host[:port]/path`, without a credential")
        if parts.scheme == "http" and not self.plain and not is_this_machine(parts.hostname):
            raise ValueError("it would be asked without TLS: write https, or set `plain` if the network is yours")
        return self
