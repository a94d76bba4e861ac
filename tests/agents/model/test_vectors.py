"""Vectors over real HTTP, on both roads that LiteLLM takes to an OpenAI-like server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from opswarden.agents.model.litellm_transport import LiteLLMTransport
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import ModelError
from opswarden.policies.types import Endpoint
from opswarden.tests.doubles.openai_server import Drip, Embeddings, Fail, Hang, OpenAIServer, Raw, Reset, Step

TEXTS = ["the till is open", "the oven is cold"]


@pytest.fixture(params=["openai", "hosted_vllm"])
def transport(server: OpenAIServer, request: pytest.FixtureRequest) -> Iterator[LiteLLMTransport]:
    made = LiteLLMTransport(
        Endpoint("main", f"{request.param}/small-e", input_microusd_per_mtok=1_000_000),
        api_key=SecretStr("test-key"),
        base_url=server.url,
        clock=SystemClock(),
        jitter=lambda: 1.0,
        sleep=lambda _: None,
    )
    yield made
    made.close()


def test_vectors_are_those_of_their_texts_whatever_their_order(
    transport: LiteLLMTransport, server: OpenAIServer, deadline: Deadline
) -> None:
    server.script(Embeddings(32), Embeddings(32, order=-1))
    first, second = transport.embed(TEXTS, deadline), transport.embed(TEXTS, deadline)
    assert list(first.vectors) == list(second.vectors)
    assert first.vectors[0] != first.vectors[1]
    assert first.tokens_in == first.cost_microusd > 0
    (one, _) = server.captured
    assert (one.path, one.body["model"], one.body["input"]) == ("/v1/embeddings", "small-e", TEXTS)
    assert one.headers["Authorization"] == "Bearer test-key"


def test_what_may_succeed_later_is_sent_again(
    transport: LiteLLMTransport, server: OpenAIServer, deadline: Deadline
) -> None:
    server.script(Fail(429), Fail(503), Embeddings(8))
    assert len(transport.embed(TEXTS, deadline).vectors) == 2
    assert transport.sent_again == 2


@pytest.mark.parametrize(
    "step",
    [
        Fail(400, "the till is open"),
        Fail(307, headers={"location": "http://127.0.0.2/v1/embeddings"}),
        Raw(b'{"object": "list", "data": [{"in'),
        Raw(b'{"object": "list", "data": [], "model": "m"}'),
        Raw(b'{"object": "list", "data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]}'),
        Raw(b'{"object": "list", "data": [{"index": 9, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]}'),
        Embeddings(8, sizes=(8,)),
        Reset(),
    ],
    ids=["refused", "sent elsewhere", "cut off", "empty", "one twice", "a strange place", "one too few", "reset"],
)
def test_an_answer_that_cannot_be_used_is_a_model_error_without_the_texts(
    transport: LiteLLMTransport, server: OpenAIServer, deadline: Deadline, step: Step
) -> None:
    server.script(step, step, step)
    with pytest.raises(ModelError) as failed:
        transport.embed(TEXTS, deadline)
    assert "till" not in f"{failed.value.message} {failed.value.remedy}"
    assert failed.value.__context__ is None


@pytest.mark.parametrize("step", [Hang(), Drip("slow", pause_s=0.2)], ids=["hangs", "drips"])
def test_the_deadline_holds(transport: LiteLLMTransport, server: OpenAIServer, step: Step) -> None:
    server.script(step)
    with pytest.raises(ModelError, match="did not answer in time"):
        transport.embed(TEXTS, Deadline(SystemClock(), 0.4))
