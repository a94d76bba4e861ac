"""Model endpoints as the operator declares them, and the transports made of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from ...core.clock import Clock
from ...core.config import Section
from ...core.errors import ConfigError
from ...policies.types import Ability, Endpoint
from .litellm_transport import LiteLLMTransport

_MODEL = re.compile(r"[A-Za-z0-9_-]+/[!-~]+")
_ALL: frozenset[Ability] = frozenset({"tools", "json", "stream"})


class EndpointSettings(Section):
    """One endpoint, under `models.endpoints`."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]{0,63}$", description="short name, unique in the list")
    model: str = Field(description="LiteLLM's `provider/name`; `openai/…` for any OpenAI-compatible server")
    api_key_env: str | None = Field(
        default=None, description="environment variable that holds the key; the provider's usual one if absent"
    )
    base_url: str | None = Field(default=None, description="address of an OpenAI-compatible server, ending in `/v1`")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust for it")
    region: str = Field(default="unknown", description="where it runs, for data rules")
    context_tokens: int = Field(default=32_768, ge=1_024, description="what fits into a request and its answer")
    abilities: frozenset[Ability] = Field(default=_ALL, description="`tools`, `json`, `stream`")
    input_microusd_per_mtok: int = Field(
        default=0, ge=0, description="price of a million tokens in, in millionths of a dollar"
    )
    output_microusd_per_mtok: int = Field(
        default=0, ge=0, description="price of a million tokens out, in millionths of a dollar"
    )
    is_self_hosted: bool = Field(default=False, description="whether it runs inside your own trust zone")
    provider: str | None = Field(
        default=None,
        description="whose it is, for data rules; that of `model` if absent and without `base_url`",
    )
    terms: frozenset[str] = Field(default=frozenset(), description="what the provider has agreed to, for data rules")
    retries: int = Field(default=2, ge=0, le=10, description="how often what may succeed later is sent again")
    first_token_timeout_s: float = Field(
        default=60.0, gt=0, description="how long a stream may stay silent before its first piece"
    )

    @field_validator("model")
    @classmethod
    def _has_provider(cls, model: str) -> str:
        if not _MODEL.fullmatch(model):
            raise ValueError(
                "write it as `provider/name`, for example `openai/gpt-4o` or `anthropic/claude-sonnet-4-5`"
            )
        return model

    @field_validator("base_url")
    @classmethod
    def _is_plain_address(cls, base_url: str | None) -> str | None:
        if base_url is None:
            return None
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write it as `https://host/v1`")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("it holds a user, a password, a query or a fragment; keys belong into `api_key_env`")
        return base_url.rstrip("/")

    @model_validator(mode="after")
    def _trust_needs_tls(self) -> EndpointSettings:
        if self.ca_file is not None and not (self.base_url or "").startswith("https://"):
            raise ValueError("`ca_file` needs a `base_url` with https")
        return self

    @property
    def endpoint(self) -> Endpoint:
        """What policies, agents and reports know of it."""
        return Endpoint(
            name=self.name,
            model=self.model,
            region=self.region,
            context_tokens=self.context_tokens,
            abilities=self.abilities,
            input_microusd_per_mtok=self.input_microusd_per_mtok,
            output_microusd_per_mtok=self.output_microusd_per_mtok,
            is_self_hosted=self.is_self_hosted,
            provider=self.provider or ("unknown" if self.base_url else self.model.partition("/")[0]),
            terms=self.terms,
        )


class ModelSettings(Section):
    """The endpoints, in the order in which they are tried, and the words that models are given."""

    endpoints: tuple[EndpointSettings, ...] = ()
    prompts: Path | None = Field(
        default=None, description="a folder of `NAME.md` files that replace prompts of the same names"
    )

    @field_validator("endpoints")
    @classmethod
    def _names_are_unique(cls, endpoints: tuple[EndpointSettings, ...]) -> tuple[EndpointSettings, ...]:
        names = [endpoint.name for endpoint in endpoints]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the endpoint name {twice[0]!r} is used twice")
        return endpoints


def from_short_form(model: str) -> EndpointSettings:
    """The endpoint that `--model PROVIDER/NAME` means; its key comes from the provider's usual environment variable.

    Raises:
        ConfigError: it is no `PROVIDER/NAME`.
    """
    if not _MODEL.fullmatch(model):
        raise ConfigError(
            f"model {model[:80]!r} is no PROVIDER/NAME", remedy="write for example `--model openai/gpt-4o`"
        )
    name = re.sub(r"[^A-Za-z0-9._/:-]", "-", model)[:64]
    return EndpointSettings(name=name, model=model)


def build_transports(
    endpoints: tuple[EndpointSettings, ...],
    *,
    clock: Clock,
    jitter: Callable[[], float],
    environment: Mapping[str, str] = os.environ,
) -> tuple[LiteLLMTransport, ...]:
    """A transport for every endpoint, in order.

    Raises:
        ConfigError: a named environment variable is not set, or a CA file cannot be used.
    """
    return tuple(
        LiteLLMTransport(
            settings.endpoint,
            api_key=_key(settings, environment),
            base_url=settings.base_url,
            ca_file=settings.ca_file,
            retries=settings.retries,
            clock=clock,
            jitter=jitter,
            first_token_timeout_s=settings.first_token_timeout_s,
        )
        for settings in endpoints
    )


def _key(settings: EndpointSettings, environment: Mapping[str, str]) -> SecretStr | None:
    if settings.api_key_env is None:
        return None
    key = environment.get(settings.api_key_env, "")
    if not key:
        raise ConfigError(
            f"endpoint {settings.name!r}: the environment variable {settings.api_key_env!r} is not set",
            remedy=f"export {settings.api_key_env}=… or remove `api_key_env`",
        )
    return SecretStr(key)
