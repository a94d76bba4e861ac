"""The gateway, asked by OpenAI's own client over real HTTP, in front of a scripted double of a model."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from opswarden.agents.model.lazy_litellm import load_litellm
from opswarden.apps.gateway.opening import open_gateway, own_settings
from opswarden.apps.http.server import HttpServer
from opswarden.apps.installation import open_installation
from opswarden.apps.settings import load_settings
from opswarden.apps.stopping import Stop
from opswarden.policies.ledger.types import StoredEntry
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.models import KEY, endpoint_settings
from opswarden.tests.doubles.openai_server import Calls, Fail, Hang, OpenAIServer, Raw, Step, Text, Truncated

MAIL, IBAN = "mia.planted@example.com", "DE89 3704 0044 0532 0130 00"
TOKENS = {name: f"{name}-{'k' * 30}" for name in ("billing", "support", "small", "helper")}
TOOL: Any = {
    "type": "function",
    "function": {"name": "lookup", "parameters": {"type": "object", "properties": {"who": {"type": "string"}}}},
}


def contract(name: str, more: str = "", budget: str = "requests = 1000") -> str:
    return "\n".join(
        [
            f'name = "{name}"',
            'team = "payments"',
            'environment = "production"',
            f'token_env = "{name.upper()}_TOKEN"',
            'models = ["house", "plain"]' if name == "billing" else 'models = ["house"]',
            'tools = ["lookup"]',
            more,
            "[budgets.day]",
            budget,
            "",
        ]
    )


@dataclass
class Site:
    """A gateway that runs, and the model behind it."""

    upstream: OpenAIServer
    url: str
    folder: Path
    answer: Callable[[Mapping[str, Any]], Step] | None = None

    def client(self, name: str = "billing", **more: Any) -> openai.OpenAI:
        return openai.OpenAI(api_key=TOKENS[name], base_url=self.url, max_retries=0, timeout=20, **more)

    def ask(self, text: str, name: str = "billing", **more: Any) -> Any:
        with self.client(name) as client:
            messages: Any = [{"role": "user", "content": text}]
            return client.chat.completions.create(model="house", messages=messages, **more)

    def seen(self) -> str:
        return self.upstream.captured[-1].raw.decode()

    def entries(self) -> list[StoredEntry]:
        with open_installation(own_settings(load_settings())) as installation:
            return list(installation.ledger.entries())


def echo(body: Mapping[str, Any]) -> Step:
    return Text(f"You said: {body['messages'][-1]['content']}")


@pytest.fixture(scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    load_litellm()
    folder = tmp_path_factory.mktemp("gateway")
    site: Site | None = None
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.chdir(folder)
        patch.delenv("OPSWARDEN_SOAK", raising=False)
        patch.setenv("HOUSE_KEY", KEY)
        for name, token in TOKENS.items():
            patch.setenv(f"{name.upper()}_TOKEN", token)

        def respond(body: Mapping[str, Any]) -> Step:
            assert site is not None
            return (site.answer or echo)(body)

        upstream = stack.enter_context(OpenAIServer(responder=respond, api_key=KEY))
        (folder / "contracts").mkdir()
        (folder / "contracts" / "billing.toml").write_text(contract("billing"))
        (folder / "contracts" / "helper.toml").write_text(contract("helper"))
        (folder / "contracts" / "support.toml").write_text(contract("support", 'data = ["BR/personal"]'))
        (folder / "contracts" / "small.toml").write_text(contract("small", budget="requests = 2"))
        (folder / "opswarden.toml").write_text(
            f'state_dir = "{folder / "state"}"\n'
            '[gateway]\ncontracts = "contracts"\nrequest_kb = 64\n'
            '[[gate.residency.allow]]\ncountries = ["*"]\nclasses = ["operational"]\nregions = ["EU"]\n'
            '[[gate.residency.allow]]\ncountries = ["unknown"]\nclasses = ["unknown"]\nregions = ["EU"]\n'
            + endpoint_settings(upstream, region='"EU"', first_token_timeout_s="4")
            + endpoint_settings(upstream, "plain", region='"EU"', abilities="[]", context_tokens="2048")
        )
        serving = stack.enter_context(open_gateway(load_settings(), "127.0.0.1", 0))
        site = Site(upstream, f"http://127.0.0.1:{serving.port}/v1", folder)
        yield site


@pytest.fixture
def site(_site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(_site.folder)
    _site.answer = None
    yield _site
    _site.upstream.released.set()


def test_what_a_caller_sends_is_redacted_and_comes_back_to_it(site: Site) -> None:
    answered = site.ask(f"write to {MAIL} about {IBAN}", temperature=0.1, user="u", seed=1)
    assert answered.choices[0].message.content == f"You said: write to {MAIL} about {IBAN}"
    assert answered.usage.total_tokens > 0
    assert MAIL not in site.seen()
    assert "0532 0130" not in site.seen()
    assert re.search(r"<EMAIL_ADDRESS_1·\w{4}>", site.seen())
    entries = site.entries()
    run = [entry for entry in entries if entry.run_id == entries[-1].run_id]
    kinds = [entry.kind for entry in run]
    assert kinds == ["run.started", "prompt.decided", "prompt.outcome", "run.ended"]
    assert run[1].body["code"] == "contract.billing.0"
    assert (run[1].body["role"], run[1].body["on_behalf_of"]) == ("gateway-billing", "system:gateway.billing")
    kept = b"".join(path.read_bytes() for path in (site.folder / "state").rglob("*") if path.is_file())
    assert MAIL.encode() not in kept
    assert not (site.folder / "state" / "opswarden.sqlite").exists()


def test_tool_calls_come_back_with_values_in_their_strings(site: Site) -> None:
    def answer(body: Mapping[str, Any]) -> Step:
        mark = re.search(r"<EMAIL_ADDRESS_1·\w{4}>", str(body["messages"]))
        assert mark is not None
        return Calls([("lookup", json.dumps({"who": f'{mark.group()}", "x": "1'}))])

    site.answer = answer
    for stream in (False, True):
        with site.client() as client:
            messages: Any = [{"role": "user", "content": f"who is {MAIL}"}]
            if stream:
                pieces = list(
                    client.chat.completions.create(model="house", messages=messages, tools=[TOOL], stream=True)
                )
                (call,) = [found for piece in pieces for found in piece.choices[0].delta.tool_calls or ()]
                assert pieces[-1].choices[0].finish_reason == "tool_calls"
            else:
                answered = client.chat.completions.create(model="house", messages=messages, tools=[TOOL])
                (call,) = answered.choices[0].message.tool_calls
                assert answered.choices[0].finish_reason == "tool_calls"
        assert call.function.name == "lookup"
        assert json.loads(call.function.arguments) == {"who": f'{MAIL}", "x": "1'}
    # The answer of the tool goes in as a message, and the history is redacted like everything else.
    site.answer = None
    with site.client() as client:
        history: Any = [
            {"role": "user", "content": "who?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": f'{{"who":"{MAIL}"}}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": f"{MAIL} is a customer"},
        ]
        answered = client.chat.completions.create(model="house", messages=history, tools=[TOOL])
    assert answered.choices[0].message.content == f"You said: {MAIL} is a customer"
    assert MAIL not in site.seen()


def test_a_stream_never_shows_half_a_mark(site: Site) -> None:
    filler = "\n\n".join(f"Paragraph {number} speaks of nothing in particular at all." for number in range(120))

    def answer(body: Mapping[str, Any]) -> Step:
        mark = re.search(r"<EMAIL_ADDRESS_1·\w{4}>", str(body["messages"]))
        assert mark is not None
        return Text(f"For {mark.group()}:\n\n{filler}\n\nAgain {mark.group()}.", piece=41)

    site.answer = answer
    with site.client() as client:
        messages: Any = [{"role": "user", "content": f"report on {MAIL}"}]
        pieces = [
            piece.choices[0].delta.content or ""
            for piece in client.chat.completions.create(model="house", messages=messages, stream=True)
        ]
    assert len([piece for piece in pieces if piece]) > 2
    assert "".join(pieces) == f"For {MAIL}:\n\n{filler}\n\nAgain {MAIL}."
    assert not [piece for piece in pieces if "EMAIL_ADDRESS" in piece or piece.endswith("<")]


def test_nobody_gets_what_another_caller_or_conversation_sent(site: Site) -> None:
    marks: list[str] = []

    def keep(body: Mapping[str, Any]) -> Step:
        marks.extend(re.findall(r"<EMAIL_ADDRESS_\d·\w{4}>", str(body["messages"])))
        return Text("ok")

    site.answer = keep
    for name, conversation in (("billing", "a"), ("billing", "b"), ("helper", "a"), ("billing", "")):
        headers = {"X-Opswarden-Conversation": conversation} if conversation else {}
        site.ask(f"I am {MAIL}", name, extra_headers=headers)
    assert len(set(marks)) == 4, "the same value has another mark in every conversation"
    site.answer = None
    for mark in marks:
        for name, conversation in (("billing", "c"), ("helper", "b"), ("helper", "")):
            headers = {"X-Opswarden-Conversation": conversation} if conversation else {}
            answered = site.ask(f"repeat {mark} and {mark[1:-1]} and <EMAIL_ADDRESS_1>", name, extra_headers=headers)
            assert MAIL not in answered.choices[0].message.content
    # A model that makes marks up gets nothing put back either.
    site.answer = lambda _body: Text(f"{marks[0]} <EMAIL_ADDRESS_7·aaaa> <SECRET·aaaa>")
    assert MAIL not in site.ask("hello").choices[0].message.content


def test_a_named_conversation_keeps_its_marks_and_is_one_run(site: Site) -> None:
    named = {"X-Opswarden-Conversation": "ticket-7"}
    first = site.ask(f"I am {MAIL}", extra_headers=named)
    assert MAIL in first.choices[0].message.content
    mark = re.search(r"<EMAIL_ADDRESS_1·\w{4}>", site.seen())
    assert mark is not None
    site.ask(f"still {MAIL}", extra_headers=named)
    assert mark.group() in site.seen()
    runs = {entry.run_id for entry in site.entries() if entry.kind == "prompt.decided"}
    assert sum(entry.kind == "run.started" for entry in site.entries()) == len(runs)


def status_of(work: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(openai.APIStatusError) as refused:
        work()
    body: Any = refused.value.body
    return refused.value.status_code, str(body["code"])


def test_what_a_contract_does_not_list_is_refused(site: Site) -> None:
    before = len(site.upstream.captured)
    other: Any = {"type": "function", "function": {"name": "drop_table"}}
    with site.client() as client:
        hello: Any = [{"role": "user", "content": "hi"}]
        create = client.chat.completions.create
        assert status_of(lambda: create(model="mansion", messages=hello)) == (404, "unknown-endpoint")
        assert status_of(lambda: create(model="house", messages=hello, tools=[other])) == (403, "contract.tools")
        assert [model.id for model in client.models.list()] == ["house", "plain"]
        assert status_of(lambda: create(model="plain", messages=hello, tools=[TOOL]))[0] == 400
        assert (
            status_of(lambda: create(model="plain", messages=hello, response_format={"type": "json_object"}))[0] == 400
        )
        # A stream of a model that has none is the whole answer, and it gets no longer than its context.
        pieces = list(create(model="plain", messages=hello, stream=True, max_tokens=9_000))
        assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == "You said: hi"
        assert site.upstream.captured[-1].body["max_tokens"] < 2_048
        before += 1
    # What this agent sends is personal data of Brazil, which may go to no model here.
    assert status_of(lambda: site.ask("hi", "support")) == (403, "residency.prompts")
    with openai.OpenAI(api_key="x" * 40, base_url=site.url, max_retries=0) as stranger:
        assert status_of(stranger.models.list) == (401, "invalid_api_key")
    assert len(site.upstream.captured) == before
    site.answer = lambda _body: Calls([("drop_table", "{}")])
    assert status_of(lambda: site.ask("hi", tools=[TOOL])) == (403, "contract.tools")


def test_a_budget_is_the_end(site: Site) -> None:
    for _ in range(2):
        site.ask("hi", "small")
    status, code = status_of(lambda: site.ask("hi", "small"))
    assert (status, code) == (429, "budget.role-day")
    assert site.ask("hi").choices[0].message.content == "You said: hi"


def test_commands_know_the_contracts(site: Site, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPSWARDEN_STATE_DIR")
    monkeypatch.chdir(site.folder)

    def requests() -> tuple[int, int]:
        shown = cli("budget", "show", "--gateway", "--format", "json").json["budgets"]
        (found,) = [each for each in shown if (each["name"], each["measure"]) == ("gateway-helper", "prompts")]
        return found["used"], found["limit"]

    site.ask("hi", "helper")
    used, limit = requests()
    site.ask("hi", "helper")
    run_id = site.entries()[-1].run_id
    assert (*requests(), limit) == (used + 1, 1000, 1000)
    assert cli("budget", "show", "--gateway", "--run", run_id).code == 2
    decided = cli("policy", "re-decide", "--gateway", "--run", run_id, "--require-same", "--format", "json")
    assert (decided.code, decided.json["counts"]) == (0, [{"before": "allow", "now": "allow", "count": 1}])
    steps = cli("audit", "rerun", run_id, "--gateway", "--format", "json").json["steps"]
    assert [step["standing"] for step in steps if step.get("standing")] == ["same"]
    contracts = site.folder / "contracts"
    kept = (contracts / "helper.toml").read_text()
    (contracts / "helper.toml").write_text(kept.replace('["house"]', '["plain"]'))
    try:
        changed = cli("policy", "re-decide", "--gateway", "--run", run_id, "--require-same", "--format", "json")
    finally:
        (contracts / "helper.toml").write_text(kept)
    assert (changed.code, changed.json["changed"][0]["now"]) == (1, "deny default-deny")


FAULTS: dict[str, tuple[Step, int]] = {
    "too many requests": (Fail(429), 503),
    "a failure": (Fail(500), 503),
    "a bad request": (Fail(400), 502),
    "no JSON": (Raw(b"{nope"), 502),
    "another shape": (Raw(b'{"choices": []}'), 502),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_behind_is_told_without_its_words(site: Site, what: str) -> None:
    site.answer, status = lambda _body: FAULTS[what][0], FAULTS[what][1]
    with pytest.raises(openai.APIStatusError) as refused:
        site.ask(f"hi {MAIL}")
    assert refused.value.status_code in (status, 502, 503)
    assert "scripted failure" not in refused.value.message
    assert MAIL not in refused.value.message
    assert refused.value.body is not None


def test_a_stream_that_breaks_says_so(site: Site) -> None:
    for step in (Truncated("half of an ans", "reset"), Hang()):
        site.answer = lambda _body, step=step: step  # type: ignore[misc]  # bound at once
        with pytest.raises(openai.APIError), site.client() as client:
            messages: Any = [{"role": "user", "content": "hi"}]
            list(client.chat.completions.create(model="house", messages=messages, stream=True))


def test_a_stream_that_breaks_late_keeps_what_it_told(site: Site) -> None:
    long = "\n\n".join(f"Paragraph {number} speaks of nothing in particular at all." for number in range(120))
    site.answer = lambda _body: Truncated(long, "eof")
    pieces: list[str] = []
    with pytest.raises(openai.APIError) as broken, site.client() as client:
        messages: Any = [{"role": "user", "content": "hi"}]
        for piece in client.chat.completions.create(model="house", messages=messages, stream=True):
            pieces.append(piece.choices[0].delta.content or "")
    assert long.startswith("".join(pieces))
    assert len("".join(pieces)) > 1_000
    assert "house" in broken.value.message


BAD: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "no JSON"),
    "deep": (b"[" * 30_000, "no JSON"),
    "a list": (b"[]", "no JSON object"),
    "nothing": (b"{}", "model"),
    "a picture": (
        b'{"model":"house","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}',
        "content",
    ),
    "several answers": (b'{"model":"house","messages":[{"role":"user","content":"x"}],"n":3}', "n"),
    "unknown": (b'{"model":"house","messages":[{"role":"user","content":"x"}],"planted":1}', "not supported"),
    "a role": (b'{"model":"house","messages":[{"role":"planted","content":"x"}]}', "role"),
    "not a number": (b'{"model":"house","messages":[{"role":"user","content":"x"}],"temperature":NaN}', "no JSON"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_request_that_is_not_understood_is_refused(site: Site, what: str) -> None:
    content, told = BAD[what]
    answer = httpx2.post(
        f"{site.url}/chat/completions", content=content, headers={"Authorization": f"Bearer {TOKENS['billing']}"}
    )
    assert answer.status_code == 400
    assert told in answer.json()["error"]["message"]
    assert "planted" not in answer.text


CANARY = "ivy.planted.canary@example.com"


def packed() -> dict[str, Any]:
    """A request with the canary in every text that a caller can fill in."""
    schema = {
        "type": "object",
        "title": CANARY,
        "description": CANARY,
        "properties": {CANARY: {"type": "string", "enum": [CANARY], "default": CANARY, "examples": [{"a": CANARY}]}},
        "required": [CANARY],
        "$comment": CANARY,
    }
    call = {"id": CANARY, "type": "function", "function": {"name": "lookup", "arguments": json.dumps({CANARY: CANARY})}}
    return {
        "model": "house",
        "user": CANARY,
        "metadata": {"a": CANARY},
        "safety_identifier": CANARY,
        "prompt_cache_key": CANARY,
        "stop": [CANARY],
        "messages": [
            {"role": "system", "content": CANARY},
            {"role": "developer", "content": [{"type": "text", "text": CANARY}]},
            {"role": "user", "name": CANARY, "content": [{"type": "text", "text": f"a {CANARY}"}]},
            {"role": "assistant", "content": None, "refusal": CANARY, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": CANARY, "name": CANARY, "content": CANARY},
            {"role": "user", "content": "".join(f"\\u{ord(letter):04x}" for letter in CANARY)},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "lookup", "description": CANARY, "parameters": schema},
            }
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "x", "description": CANARY, "schema": schema},
        },
    }


def test_no_text_of_a_request_reaches_the_model_as_it_is(site: Site) -> None:
    whole = packed()
    known = {"Authorization": f"Bearer {TOKENS['billing']}"}
    took = 0
    for left_out in (None, "stop", "response_format", "tools", "messages.name", "messages.id"):
        body = json.loads(json.dumps(whole))
        if left_out in body:
            del body[left_out]
        if left_out == "tools":
            body["messages"] = body["messages"][:3]
        for message in body["messages"]:
            if left_out == "messages.name":
                message.pop("name", None)
            if left_out == "messages.id":
                message.pop("tool_call_id", None)
                message.pop("tool_calls", None)
        asked = len(site.upstream.captured)
        answer = httpx2.post(f"{site.url}/chat/completions", json=body, headers=known, timeout=20)
        assert answer.status_code in (200, 400, 403, 422, 502), answer.text  # the double takes no odd ids
        took += answer.status_code == 200
        for request in site.upstream.captured[asked:]:
            sent = request.raw.decode()
            for text in ("ivy.planted", "ivy%2Eplanted", "planted.canary"):
                assert text not in sent, (left_out, sent)
            assert "canary" not in json.dumps(json.loads(sent)).encode().decode("unicode_escape")
    assert took, "something was sent"


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"file_data": "AAAA", "filename": "x.pdf"}},
        {"type": "text", "text": "x", "image_url": {"url": "x"}},
        {"type": "video_url", "video_url": {"url": "x"}},
    ],
)
def test_what_cannot_be_redacted_is_refused(site: Site, part: dict[str, Any]) -> None:
    asked = len(site.upstream.captured)
    for more in (
        {"messages": [{"role": "user", "content": [part]}]},
        {"modalities": ["text", "audio"]},
        {"audio": {"voice": "x", "format": "wav"}},
        {"logprobs": True, "top_logprobs": 5},
        {"prediction": {"type": "content", "content": "x"}},
        {"web_search_options": {}},
        {"functions": [{"name": "lookup"}]},
        {"n": 2},
        {"model": "house\r\nX-Evil: 1"},
        {"model": "../house"},
        {"extra_headers": {"x": "y"}},
        {"api_base": "http://169.254.169.254"},
    ):
        body = {"model": "house", "messages": [{"role": "user", "content": "x"}], **more}
        answer = httpx2.post(
            f"{site.url}/chat/completions", json=body, headers={"Authorization": f"Bearer {TOKENS['billing']}"}
        )
        assert answer.status_code in (400, 404), (more, answer.text)
        assert "evil" not in answer.text.lower()
    assert len(site.upstream.captured) == asked, "nothing was sent"


def test_one_agent_cannot_have_all_conversations(site: Site) -> None:
    """The others' share is theirs."""
    settings = load_settings()
    few = settings.model_copy(
        update={"gateway": settings.gateway.model_copy(update={"conversations": 3, "conversations_of_one": 2})}
    )
    few = few.model_copy(update={"gateway": few.gateway.model_copy(update={"state_dir": site.folder / "few"})})
    with open_gateway(few, "127.0.0.1", 0) as serving:

        def ask(name: str, conversation: str) -> int:
            answer = httpx2.post(
                f"http://127.0.0.1:{serving.port}/v1/chat/completions",
                json={"model": "house", "messages": [{"role": "user", "content": "x"}]},
                headers={"Authorization": f"Bearer {TOKENS[name]}", "X-Opswarden-Conversation": conversation},
                timeout=20,
            )
            return answer.status_code

        assert [ask("billing", each) for each in ("a", "b", "c", "a")] == [200, 200, 403, 200]
        assert ask("helper", "a") == 200, "a name is the caller's own, and so is the room for it"


def test_values_are_not_put_into_arguments_that_are_no_json(site: Site) -> None:
    """Who mends broken JSON would read parts of a value as structure."""
    site.answer = lambda body: Calls(("lookup", '{"who": "' + mark_in(body)))
    asked = len(site.upstream.captured)
    answer = httpx2.post(
        f"{site.url}/chat/completions",
        json={"model": "house", "messages": [{"role": "user", "content": f"find {MAIL}"}], "tools": [TOOL]},
        headers={"Authorization": f"Bearer {TOKENS['billing']}"},
        timeout=20,
    )
    assert len(site.upstream.captured) > asked
    assert MAIL not in answer.text


def mark_in(body: Mapping[str, Any]) -> str:
    found = re.search(r"<EMAIL_ADDRESS_[^>]*>", body["messages"][-1]["content"])
    assert found is not None
    return found[0]


def test_the_door_is_guarded(site: Site) -> None:
    known = {"Authorization": f"Bearer {TOKENS['billing']}"}
    for headers, status in (
        ({}, 401),
        ({**known, "Host": "evil.example"}, 421),
        ({**known, "Origin": "http://evil.example"}, 403),
    ):
        assert httpx2.get(f"{site.url}/models", headers=headers).status_code == status
    large = httpx2.post(f"{site.url}/chat/completions", content=b"x" * 70_000, headers=known)
    assert (large.status_code, "error" in large.json()) == (413, True)
    assert httpx2.get(f"{site.url}/nothing", headers=known).status_code == 404
    named = httpx2.post(
        f"{site.url}/chat/completions",
        json={"model": "house", "messages": [{"role": "user", "content": "x"}], "top_p": 0.5},
        headers=known,
    )
    assert named.headers["x-opswarden-ignored"] == "top_p"


def test_only_so_many_requests_of_one_agent_run_at_once(site: Site) -> None:
    begun, go_on = threading.Semaphore(0), threading.Event()

    def slow(_body: Mapping[str, Any]) -> Step:
        begun.release()
        go_on.wait(10)
        return Text("ok")

    site.answer = slow
    threads = [threading.Thread(target=site.ask, args=("hi",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert begun.acquire(timeout=10)
    assert status_of(lambda: site.ask("hi"))[0] == 429
    go_on.set()
    for thread in threads:
        thread.join(10)


def test_the_command_serves_until_it_is_stopped(site: Site, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPSWARDEN_STATE_DIR")
    monkeypatch.chdir(site.folder)
    listed: list[str] = []

    def stopped(server: HttpServer, stop: Stop) -> None:
        known = {"Authorization": f"Bearer {TOKENS['billing']}"}
        listed.extend(
            model["id"]
            for model in httpx2.get(f"http://127.0.0.1:{server.port}/v1/models", headers=known).json()["data"]
        )
        assert not stop.is_wanted
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(10)

    monkeypatch.setattr(HttpServer, "wait", stopped)
    said = cli("gateway", "--listen", "127.0.0.1:0")
    assert (said.code, said.out, listed) == (0, "", ["house", "plain"])


def test_contracts_are_checked(site: Site, cli: Cli, home: Path) -> None:
    settings = (site.folder / "opswarden.toml").read_text().replace(str(site.folder / "state"), str(home / "state"))
    (home / "opswarden.toml").write_text(settings.replace('contracts = "contracts"', ""))
    path = home / "support.toml"
    path.write_text(
        contract("support", 'data = ["BR/personal", "BR/operational"]').replace('["house"]', '["house", "x"]')
    )
    said = cli("gateway", "contract", "check", path, "--format", "json")
    assert said.code == 1
    assert [problem.split(":")[0] for problem in said.json["problems"]] == [
        "BR/personal may not go to 'house'",
        "the model 'x' is not configured under `models.endpoints`",
    ]
    path.write_text(contract("support", 'data = ["BR/operational"]'))
    assert cli("gateway", "contract", "check", path).code == 0
    for wrong, told in (
        (contract("other"), "names another agent"),
        (contract("support", 'models_ = ["x"]'), "Extra inputs"),
        (contract("support", budget=""), "sets no limit"),
        (contract("support").replace('"house"', '"a\\"; permit"'), "it has to look like"),
        ("][", "no valid TOML"),
    ):
        path.write_text(wrong)
        said = cli("gateway", "contract", "check", path)
        assert (said.code, told in said.err) == (2, True), said.err
    example = Path(__file__).parents[3] / "docs" / "examples" / "billing-helper.toml"
    assert cli("gateway", "contract", "check", example).code == 1, "its models are nobody's here"
    off = cli("gateway", "--listen", "127.0.0.1:0")
    assert (off.code, "the gateway is off" in off.err) == (2, True)
