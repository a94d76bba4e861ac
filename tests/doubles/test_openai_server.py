"""The double is only worth something if it refuses what the real API refuses."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from opswarden.tests.doubles.openai_server import Calls, Embeddings, Fail, OpenAIServer, Text

CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ASKED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
ANSWERED = {"role": "tool", "tool_call_id": "a", "content": "x"}
GO = {"role": "user", "content": "go"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


def post(server: OpenAIServer, body: Any, *, key: str = "test-key", path: str = "/v1/chat/completions") -> Any:
    host = server.url.removeprefix("http://").removesuffix("/v1")
    connection = http.client.HTTPConnection(host, timeout=10)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request("POST", path, raw, {"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content


def request(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages), **more}


GOOD: dict[str, Any] = {
    "a question": request(GO),
    "parts of text": request({"role": "user", "content": [{"type": "text", "text": "go"}]}),
    "a whole exchange with a tool": request(GO, ASKED, ANSWERED, GO, tools=[TOOL], tool_choice="auto"),
    "a choice by name": request(GO, tools=[TOOL], tool_choice={"type": "function", "function": {"name": "f"}}),
    "a schema": request(
        GO, response_format={"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}
    ),
}
BAD: dict[str, tuple[Any, int, str]] = {
    "no JSON": (b"{", 400, "parse"),
    "a list": ([], 400, "JSON object"),
    "no model": ({"messages": [GO]}, 400, "model"),
    "no messages": (request(), 400, "empty array"),
    "an unknown role": (request({"role": "oracle", "content": "x"}), 400, "role"),
    "an unknown member": (request({**GO, "mood": "good"}), 400, "Unknown parameter"),
    "an unknown argument": (request(GO, drop_params=True), 400, "Unrecognized request argument"),
    "no content": (request({"role": "user", "content": None}), 400, "content"),
    "an image": (request({"role": "user", "content": [{"type": "image_url"}]}), 400, "content"),
    "a result nobody asked for": (request(GO, ANSWERED), 400, "preceeding message"),
    "a result of another request": (request(GO, ASKED, {**ANSWERED, "tool_call_id": "b"}), 400, "preceeding"),
    "a request without result": (request(GO, ASKED, GO), 400, "must be followed by tool messages"),
    "a request at the end": (request(GO, ASKED), 400, "did not have response"),
    "a result given twice": (request(GO, ASKED, ANSWERED, ANSWERED), 400, "preceeding"),
    "arguments that are no text": (
        request(GO, {**ASKED, "tool_calls": [{**CALL, "function": {"name": "f", "arguments": {}}}]}, ANSWERED),
        400,
        "arguments",
    ),
    "a dot in a tool's name": (
        request(GO, tools=[{"type": "function", "function": {"name": "a.b"}}]),
        400,
        "does not match pattern",
    ),
    "an empty list of tools": (request(GO, tools=[]), 400, "empty array"),
    "a choice without tools": (request(GO, tool_choice="auto"), 400, "only allowed when"),
    "a choice of a strange tool": (
        request(GO, tools=[TOOL], tool_choice={"type": "function", "function": {"name": "g"}}),
        400,
        "not found",
    ),
    "a format without a name": (
        request(GO, response_format={"type": "json_schema", "json_schema": {"schema": {}}}),
        400,
        "json_schema.name",
    ),
    "options of a stream without one": (request(GO, stream_options={"include_usage": True}), 400, "stream_options"),
    "no room for an answer": (request(GO, max_tokens=0), 400, "max_tokens"),
    "too long": (request({"role": "user", "content": "x" * 9_000}), 400, "maximum context length"),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_the_real_one_takes_it_takes(case: str) -> None:
    with OpenAIServer(Text("fine")) as server:
        assert post(server, GOOD[case])[0] == 200
        assert server.refusals == []


@pytest.mark.parametrize("case", BAD)
def test_what_the_real_one_refuses_it_refuses(case: str) -> None:
    body, status, words = BAD[case]
    with OpenAIServer(Text("never"), context_tokens=2_000) as server:
        found, content = post(server, body)
        assert found == status
        assert words in json.loads(content)["error"]["message"]


def test_key_and_path_are_checked() -> None:
    with OpenAIServer(Text("never")) as server:
        assert post(server, GOOD["a question"], key="other")[0] == 401
        assert post(server, GOOD["a question"], path="/v1/moderations")[0] == 404


def test_everything_that_arrives_is_kept() -> None:
    with OpenAIServer(Text("x"), Calls([("f", "{}")])) as server:
        post(server, request({"role": "user", "content": "planted words"}))
        post(server, b"planted bytes")
        assert b"planted words" in server.everything_received()
        assert b"planted bytes" in server.everything_received()
        assert server.captured[0].body["model"] == "m"


def test_a_stream_is_a_stream() -> None:
    with OpenAIServer(Calls([("f", '{"x": 1}')], "so", ids=("a",))) as server:
        body = request(GO, stream=True, stream_options={"include_usage": True})
        lines = [line for line in post(server, body)[1].decode().split("\n") if line]
        assert lines[-1] == "data: [DONE]"
        chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
        assert chunks[-1]["usage"]["total_tokens"] > 0
        assert chunks[-2]["choices"][0]["finish_reason"] == "tool_calls"
        calls = [chunk["choices"][0]["delta"].get("tool_calls") for chunk in chunks if chunk["choices"]]
        assert "".join(call[0]["function"].get("arguments", "") for call in calls if call) == '{"x": 1}'


def test_after_the_script_nothing_is_made_up() -> None:
    with OpenAIServer() as server:
        assert post(server, GOOD["a question"])[0] == 500
        assert server.refusals == ["the script is over"]


def test_vectors_come_one_per_text_and_alike_for_like_words() -> None:
    with OpenAIServer(Embeddings(64, senses={"till": "register"}, order=-1), context_tokens=100) as server:
        asked = {"model": "m", "input": ["the till", "the register", "bread"], "encoding_format": "float"}
        status, content = post(server, asked, path="/v1/embeddings")
        body = json.loads(content)
        vectors = {row["index"]: row["embedding"] for row in body["data"]}
        assert (status, [row["index"] for row in body["data"]]) == (200, [2, 1, 0])
        assert vectors[0] == vectors[1] != vectors[2]
        assert body["usage"]["prompt_tokens"] > 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input"),
        ({"input": "x" * 900}, "context length"),
        ({"messages": []}, "messages"),
        ({"encoding_format": "base64"}, "floats"),
    ],
    ids=["no text", "an empty text", "a long text", "a chat's argument", "another format"],
)
def test_what_embeddings_refuse(more: dict[str, Any], words: str) -> None:
    with OpenAIServer(Embeddings(), context_tokens=100) as server:
        status, content = post(server, {"model": "m", "input": "a", **more}, path="/v1/embeddings")
        assert (status, words in json.loads(content)["error"]["message"]) == (400, True)


def test_embeddings_can_be_told_to_wait() -> None:
    with OpenAIServer(Fail(429, headers={"retry-after": "7"})) as server:
        assert post(server, {"model": "m", "input": "a"}, path="/v1/embeddings")[0] == 429
