from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.agents.model.endpoints import EndpointSettings, ModelSettings, build_transports, from_short_form
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import ConfigError
from opswarden.policies.types import Endpoint, ModelRequest
from opswarden.tests.doubles.openai_server import OpenAIServer, Text

WHOLE = {
    "name": "vllm-eu",
    "model": "hosted_vllm/qwen",
    "api_key_env": "VLLM_KEY",
    "base_url": "http://127.0.0.1:8000/v1/",
    "region": "eu-central-1",
    "context_tokens": 16_384,
    "abilities": ["tools"],
    "input_microusd_per_mtok": 100_000,
    "output_microusd_per_mtok": 200_000,
    "is_self_hosted": True,
    "retries": 1,
    "first_token_timeout_s": 10.0,
}


def test_what_the_operator_writes_is_what_policies_see() -> None:
    settings = EndpointSettings.model_validate(WHOLE)
    assert settings.base_url == "http://127.0.0.1:8000/v1"
    assert settings.endpoint == Endpoint(
        name="vllm-eu",
        model="hosted_vllm/qwen",
        region="eu-central-1",
        context_tokens=16_384,
        abilities=frozenset({"tools"}),
        input_microusd_per_mtok=100_000,
        output_microusd_per_mtok=200_000,
        is_self_hosted=True,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "qwen"}, "provider/name"),
        ({"model": "a b/c"}, "provider/name"),
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"base_url": "127.0.0.1:8000"}, "https://host/v1"),
        ({"base_url": "file:///etc/passwd"}, "https://host/v1"),
        ({"base_url": "https://user:pw@host/v1"}, "keys belong into"),
        ({"base_url": "https://host/v1?key=abc"}, "keys belong into"),
        ({"ca_file": "/etc/ca.pem"}, "needs a `base_url` with https"),
        ({"abilities": ["fly"]}, "abilities"),
        ({"input_microusd_per_mtok": -1}, "input_microusd_per_mtok"),
        ({"first_token_timeout_s": 0}, "first_token_timeout_s"),
        ({"regoin": "eu"}, "regoin"),
    ],
)
def test_what_cannot_be_meant_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        EndpointSettings.model_validate({**WHOLE, **change})


def test_two_endpoints_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="'vllm-eu' is used twice"):
        ModelSettings.model_validate({"endpoints": [WHOLE, WHOLE]})


@pytest.mark.parametrize("text", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "bedrock/eu.anthropic.x-v1:0"])
def test_the_short_form_is_an_endpoint_with_defaults(text: str) -> None:
    settings = from_short_form(text)
    assert (settings.name, settings.model, settings.api_key_env, settings.base_url) == (text, text, None, None)
    assert settings.endpoint.abilities == frozenset({"tools", "json", "stream"})
    (transport,) = build_transports((settings,), clock=SystemClock(), jitter=lambda: 0.0, environment={})
    assert transport.endpoint == settings.endpoint


@pytest.mark.parametrize("text", ["gpt-4o", "", "/x", "openai/", "openai/a b", "open ai/x", "openai/\x1b[31m"])
def test_what_is_no_short_form_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no PROVIDER/NAME"):
        from_short_form(text)


def test_the_named_key_is_the_one_that_is_sent(server: OpenAIServer, deadline: Deadline) -> None:
    settings = EndpointSettings.model_validate({**WHOLE, "base_url": server.url})
    server.script(Text("x"))
    (transport,) = build_transports(
        (settings,), clock=SystemClock(), jitter=lambda: 0.0, environment={"VLLM_KEY": "test-key"}
    )
    assert transport.complete(ModelRequest(({"role": "user", "content": "go"},)), deadline).text == "x"
    transport.close()


@pytest.mark.parametrize("environment", [{}, {"VLLM_KEY": ""}])
def test_a_key_that_is_not_there_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="'VLLM_KEY' is not set"):
        build_transports(
            (EndpointSettings.model_validate(WHOLE),),
            clock=SystemClock(),
            jitter=lambda: 0.0,
            environment=environment,
        )


def test_a_ca_file_that_cannot_be_used_is_refused_at_start(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate")
    for path in (broken, tmp_path / "missing.pem"):
        settings = EndpointSettings.model_validate(
            {"name": "a", "model": "openai/x", "base_url": "https://127.0.0.1/v1", "ca_file": path}
        )
        with pytest.raises(ConfigError, match="CA file"):
            build_transports((settings,), clock=SystemClock(), jitter=lambda: 0.0, environment={})


@pytest.mark.parametrize(
    ("facts", "provider"),
    [
        ({}, "azure"),
        ({"base_url": "https://vllm.example/v1"}, "unknown"),
        ({"base_url": "https://vllm.example/v1", "provider": "acme"}, "acme"),
    ],
    ids=["of the model", "anybody's server", "as declared"],
)
def test_whose_it_is_and_on_which_terms(facts: dict[str, Any], provider: str) -> None:
    settings = EndpointSettings(name="a", model="azure/gpt", terms=frozenset({"dpa"}), **facts)
    assert (settings.endpoint.provider, settings.endpoint.terms) == (provider, {"dpa"})
