"""`gate.prompt` and `gate.prompt_stream` from end to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from worlds import CANARIES, CARD, MAIL, TOKEN, Line, World

from opswarden.core.errors import CallDenied, LedgerError, ModelError, RedactionError
from opswarden.policies.budgets import Limits
from opswarden.policies.gate import RunGate
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.types import ModelReply, ModelRequest, ToolRequest
from opswarden.redaction.engine import Redaction


def request(text: str = "why?", **more: Any) -> ModelRequest:
    return ModelRequest(({"role": "user", "content": text},), **more)


def ask(gate: RunGate, text: str = "why?", *, endpoint: str = "hosted", call_id: str = "p1", **more: Any) -> ModelReply:
    return gate.prompt(request(text, **more), endpoint=endpoint, call_id=call_id)


def test_an_answer_is_counted_and_recorded(world: World) -> None:
    world.hosted.replies = [ModelReply("because", tokens_in=40, tokens_out=5, finish_reason="stop")]
    gate = world.open()
    reply = ask(gate)
    assert (reply.text, reply.endpoint, reply.model, reply.cost_microusd) == ("because", "hosted", "acme/large", 40)
    decided, outcome = world.records("prompt.decided")[0].body, world.records("prompt.outcome")[0]
    assert (decided["decision"], decided["endpoint"], decided["region"]) == ("allow", "hosted", "eu")
    assert (outcome.body["text"], outcome.seq) == ("because", reply.seq)
    spent = gate.spent()
    assert (spent.prompts, spent.tokens_in, spent.tokens_out, spent.microusd) == (1, 40, 5, 40)


def test_nothing_personal_reaches_a_model_however_it_is_packed(world: World) -> None:
    planted = " ".join(CANARIES)
    messages = (
        {"role": "system", "content": planted},
        {"role": "user", "content": [{"type": "text", "text": planted}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "x", "arguments": f'{{"q": "{MAIL}"}}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": f'{{"lines": ["{planted}"]}}'},
    )
    parameters = {"type": "object", "properties": {MAIL: {"type": "string"}, TOKEN: {}, f"n {CARD}": {}}}
    tools = ({"type": "function", "function": {"name": "x", "description": planted, "parameters": parameters}},)
    form = {"type": "json_schema", "note": MAIL, "schema": {"properties": {f"of {MAIL}": {}}}}
    world.open().prompt(
        ModelRequest(messages, tools=tools, response_format=form),  # type: ignore[arg-type]
        endpoint="hosted",
        call_id="p1",
    )
    seen = repr(world.hosted.seen)
    assert "EMAIL_ADDRESS_1·" in seen
    for canary in CANARIES:
        assert canary not in seen
        assert canary.encode() not in world.everything_stored()


def test_placeholders_of_the_run_stay_and_are_never_restored(world: World) -> None:
    gate = world.open()
    world.shop.lines = [Line(text=f"paged {MAIL}", count=1)]
    found = gate.call("logs.search", {"query": "x"}, call_id="c1")
    mark = str(found.summary["lines"][0]["text"]).split()[-1]  # type: ignore[index, call-overload]
    ask(gate, f"who is {mark} and who is <EMAIL_ADDRESS_1·zzzz>?")
    sent = world.hosted.seen[0].messages[0]["content"]
    assert sent == f"who is {mark} and who is ‹EMAIL_ADDRESS_1·zzzz›?"


def test_an_answer_is_cleaned_arguments_and_escapes_included(world: World) -> None:
    escaped = MAIL.replace("@", "\\u0040")
    world.hosted.replies = [
        ModelReply(
            f"mail {MAIL}",
            tool_requests=(
                ToolRequest("t1", "logs_search", f'{{"query": "{escaped}"}}'),
                ToolRequest("t2", f"x {TOKEN}", f"broken {MAIL}"),
            ),
        )
    ]
    reply = ask(world.open())
    assert reply.tool_requests[0].arguments.startswith('{"query": "<EMAIL_ADDRESS_1·')
    assert not any(canary in repr(reply) or escaped in repr(reply) for canary in CANARIES)
    assert not any(canary in world.record_text() for canary in CANARIES)


def test_the_same_request_again_gives_the_stored_answer(make_world: Callable[..., World]) -> None:
    first = make_world()
    first.hosted.replies = [ModelReply("one", tool_requests=(ToolRequest("t", "n", "{}"),), tokens_in=1, tokens_out=1)]
    reply = ask(first.open())
    second = make_world()
    assert ask(second.open()) == reply
    assert list(second.open().prompt_stream(request(), endpoint="hosted", call_id="p1")) == ["one", reply]
    assert second.hosted.seen == []
    assert second.open().spent().prompts == 1


def test_another_request_under_the_same_id_is_refused(world: World) -> None:
    gate = world.open()
    ask(gate)
    with pytest.raises(CallDenied) as caught:
        ask(gate, "something else")
    assert caught.value.code == "call-id-reused"


FAILURES: list[tuple[str, Exception, bool, str]] = [
    ("a failure of the endpoint", ModelError(f"429 for {MAIL}", retryable=True), True, "429 for <EMAIL_ADDRESS_1"),
    ("a broken transport", ValueError(TOKEN), False, r"endpoint 'hosted' failed \(ValueError\)"),
]


@pytest.mark.parametrize(
    ("error", "retryable", "message"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES]
)
def test_a_failure_is_recorded_cleaned_and_may_be_tried_again(
    world: World, error: Exception, retryable: bool, message: str
) -> None:
    gate = world.open()
    world.hosted.replies = [error]
    with pytest.raises(ModelError, match=message) as caught:
        ask(gate)
    assert caught.value.retryable is retryable
    assert caught.value.__cause__ is None
    assert world.records("prompt.outcome")[0].body["status"] == "error"
    assert ask(gate).text == "fine"
    assert gate.spent().prompts == 2
    assert not any(canary in world.record_text() for canary in CANARIES)


DENIED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("an endpoint that does not exist", {}, {"endpoint": "nowhere"}, "unknown-endpoint"),
    ("too many prompts", {"limits": Limits(prompts=1)}, {}, "budget.prompts"),
    ("too many tokens", {"limits": Limits(tokens=2100)}, {}, "budget.tokens"),
    ("too expensive", {"limits": Limits(microusd=5)}, {}, "budget.money"),
]


@pytest.mark.parametrize(("options", "more", "code"), [row[1:] for row in DENIED], ids=[row[0] for row in DENIED])
def test_what_is_denied_reaches_no_model(
    make_world: Callable[..., World], options: dict[str, Any], more: dict[str, Any], code: str
) -> None:
    world = make_world(**options)
    gate = world.open()
    world.hosted.replies = [ModelReply("first", tokens_in=200, tokens_out=10, cost_microusd=1)]
    with pytest.raises(CallDenied) as caught:
        for n in range(2):
            ask(gate, "why? " * 3, call_id=f"p{n}", **more)
    assert caught.value.code == code
    assert len(world.hosted.seen) <= 1
    assert world.records("prompt.decided")[-1].body["code"] == code


def test_a_role_without_permission_asks_no_model(world: World) -> None:
    with pytest.raises(CallDenied) as caught:
        ask(world.open(role="guest"))
    assert (caught.value.code, world.hosted.seen) == ("default-deny", [])


def test_people_are_not_asked_about_model_requests(make_world: Callable[..., World]) -> None:
    rule = PolicyFile(
        "z.cedar",
        '@id("z") @reason("ask first") @approval("oncall") forbid (principal, action == Ops::Action::"model.prompt",'
        " resource) unless { context has approval };",
    )
    world = make_world(files=[*builtin_files(), rule])
    with pytest.raises(CallDenied) as caught:
        ask(world.open())
    assert caught.value.code == "z"
    assert world.factory.approvals.records() == []


@pytest.mark.parametrize(
    "part", [{"type": "image_url", "image_url": {"url": "x"}}, {"type": "file"}, "text", {"text": "x"}]
)
def test_what_is_no_text_cannot_be_cleaned_and_is_not_sent(world: World, part: Any) -> None:
    message = {"role": "user", "content": [part]}
    with pytest.raises(RedactionError, match="no text"):
        world.open().prompt(ModelRequest((message,)), endpoint="hosted", call_id="p1")
    assert world.hosted.seen == []


def test_a_request_that_cannot_be_cleaned_is_refused_on_the_record(make_world: Callable[..., World]) -> None:
    world = make_world(redaction=Redaction(size_limit_bytes=4_000))
    gate = world.open()
    with pytest.raises(RedactionError):
        ask(gate, f"{MAIL} " * 400)
    with pytest.raises(RedactionError):
        gate.prompt(ModelRequest(({"role": "user", "content": ["x"]},)), endpoint="hosted", call_id="p2")
    first, second = (entry.body for entry in world.records("prompt.decided"))
    assert (first["decision"], first["code"], first["withheld"]) == ("deny", "redaction-failed", {"too-large": 1})
    assert (second["code"], second.get("withheld")) == ("redaction-failed", None)
    assert world.hosted.seen == []


def test_an_answer_that_cannot_be_cleaned_is_recorded_with_its_reason(make_world: Callable[..., World]) -> None:
    world = make_world(redaction=Redaction(size_limit_bytes=4_000))
    world.hosted.replies = [ModelReply(f"{MAIL} " * 400)]
    with pytest.raises(RedactionError, match="withheld"):
        ask(world.open())
    outcome = world.records("prompt.outcome")[0].body
    assert (outcome["error"], outcome["withheld"]) == ("redaction-failed", {"too-large": 1})


def test_stop_words_and_the_chosen_tool_are_cleaned_too(world: World) -> None:
    world.open().prompt(request(stop=("END", MAIL), tool_choice=MAIL), endpoint="hosted", call_id="p1")
    seen = world.hosted.seen[0]
    assert seen.stop[0] == "END"
    assert seen.stop[1] == seen.tool_choice
    assert str(seen.tool_choice).startswith("<EMAIL_ADDRESS_1·")
    world.open().prompt(request(tool_choice="auto"), endpoint="hosted", call_id="p2")
    assert world.hosted.seen[1].tool_choice == "auto"


@pytest.mark.parametrize("more", [{"n": 4111111111111111}, {"tool_calls": [{"deep": {"n": 4.111111111111111e15}}]}])
def test_a_number_beside_the_text_of_a_message_is_not_sent(world: World, more: Any) -> None:
    with pytest.raises(RedactionError, match="long number"):
        world.open().prompt(ModelRequest(({"role": "user", "content": "hi", **more},)), endpoint="hosted", call_id="p1")
    assert world.hosted.seen == []


@pytest.mark.parametrize("length", [-1_000_000, 0, 2**70])
def test_an_answer_of_no_length_makes_no_room_in_a_budget(make_world: Callable[..., World], length: int) -> None:
    world = make_world(limits=Limits(tokens=100))
    with pytest.raises(CallDenied) as caught:
        ask(world.open(), "x" * 4_000, max_tokens=length)
    assert caught.value.code == "bad-arguments"
    assert world.hosted.seen == []
    assert world.records("prompt.decided")[0].body["code"] == "bad-arguments"


def test_what_an_agent_says_of_its_prompts_is_recorded_clean(world: World) -> None:
    ask(world.open(), prompts={"system": "ab" * 32, f"of {MAIL}": f"v1 {TOKEN}"})
    text = world.record_text()
    assert "ab" * 32 in text
    assert MAIL not in text
    assert TOKEN not in text


def test_names_that_become_one_are_not_sent(world: World) -> None:
    form = {"schema": {"ann@example.org": 1, "bob@example.org": 2, f"n {TOKEN}": 3, f"n {TOKEN[:-1]}z": 4}}
    with pytest.raises(RedactionError, match="told apart"):
        world.open().prompt(request(response_format=form), endpoint="hosted", call_id="p1")
    assert world.hosted.seen == []


def test_numbers_in_schemas_stay_as_they_are(world: World) -> None:
    parameters = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 4111111111111111}}}
    tools = ({"type": "function", "function": {"name": "x", "parameters": parameters}},)
    world.open().prompt(request(tools=tools), endpoint="hosted", call_id="p1")
    assert world.hosted.seen[0].tools == tools


class TestStreams:
    def stream(self, world: World, pieces: list[str], reply: ModelReply | None = None) -> list[str | ModelReply]:
        world.own.pieces = pieces
        world.own.replies = [reply or ModelReply("".join(pieces), tokens_in=3, tokens_out=4)]
        return list(world.open().prompt_stream(request(), endpoint="own", call_id="p1"))

    def test_a_short_answer_comes_whole_and_the_reply_last(self, world: World) -> None:
        *text, reply = self.stream(world, ["one ", "line\ntw", "o\n", "rest"])
        assert text == ["one line\ntwo\nrest"]
        assert isinstance(reply, ModelReply)
        assert (reply.text, reply.tokens_out) == ("one line\ntwo\nrest", 4)

    def test_a_secret_cut_into_pieces_is_found(self, world: World) -> None:
        halves = [MAIL[:6], MAIL[6:], " and ", TOKEN[:9], TOKEN[9:], "\n", CARD[:9], CARD[9:]]
        shown = self.stream(world, ["write to ", *halves])
        assert not any(canary in repr(shown) for canary in CANARIES)
        assert not any(canary in world.record_text() for canary in CANARIES)

    def test_a_long_answer_comes_in_pieces_that_are_the_whole(self, world: World) -> None:
        whole = "".join(f"{n}. ask {MAIL} about it\n\n" for n in range(300))
        *text, reply = self.stream(world, [whole[at : at + 7] for at in range(0, len(whole), 7)])
        assert isinstance(reply, ModelReply)
        assert len(text) > 5
        assert "".join(map(str, text)) == reply.text
        assert reply.text.count("EMAIL_ADDRESS_1·") == 300

    def test_an_answer_that_cannot_be_cleaned_is_recorded_with_its_reason(
        self, make_world: Callable[..., World]
    ) -> None:
        world = make_world(redaction=Redaction(size_limit_bytes=4_000))
        with pytest.raises(RedactionError, match="withheld"):
            self.stream(world, ["fine\n\n" * 700])
        outcome = world.records("prompt.outcome")[0].body
        assert (outcome["error"], outcome["withheld"]) == ("TextWithheld", {"too-large": 1})

    def test_an_armoured_key_is_held_back_until_it_is_whole(self, world: World) -> None:
        body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n" * 4
        key = f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n"
        shown = self.stream(world, ["here:\n", *key.splitlines(keepends=True), "done\n"])
        assert "MIIEvQ" not in repr(shown)
        assert "done\n" in repr(shown).replace("\\n", "\n")

    def test_a_stream_that_breaks_off_is_a_failure(self, world: World) -> None:
        world.own.replies = [ModelError("gone", retryable=True)]
        with pytest.raises(ModelError, match="gone"):
            list(world.open().prompt_stream(request(), endpoint="own", call_id="p1"))
        assert world.records("prompt.outcome")[0].body["status"] == "error"

    def test_a_listener_that_goes_away_is_recorded_and_paid(self, world: World) -> None:
        world.own.pieces = ["one\n\n", *["word " * 20 + "\n"] * 40]
        gate = world.open()
        stream = gate.prompt_stream(request(), endpoint="own", call_id="p1")
        assert next(stream) == "one\n\n"
        stream.close()  # type: ignore[attr-defined]
        assert world.records("prompt.outcome")[0].body["error"] == "ModelError"
        assert gate.spent().prompts == 1


class TestWithoutTheLedger:
    def broken(self, make_world: Callable[..., World]) -> World:
        class Broken:
            def __init__(self, real: Any) -> None:
                self._real = real

            def __getattr__(self, name: str) -> Any:
                return getattr(self._real, name)

            def append(self, entries: Any, *, connection: Any = None) -> Any:
                raise LedgerError("the disk is full")

        return make_world(ledger=Broken)

    def test_a_request_leaves_the_house_only_on_the_record(self, make_world: Callable[..., World]) -> None:
        world = self.broken(make_world)
        with pytest.raises(LedgerError, match="disk is full"):
            ask(world.open())
        assert world.hosted.seen == []

    def test_a_model_of_our_own_is_asked_all_the_same(self, make_world: Callable[..., World]) -> None:
        world = self.broken(make_world)
        gate = world.open()
        assert ask(gate, endpoint="own").text == "fine"
        assert gate.degraded()
        assert [entry.kind for entry in world.fallback.read()] == ["run.started", "prompt.decided", "prompt.outcome"]
