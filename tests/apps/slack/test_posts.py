"""A message is posted once and edited from then on, whatever Slack answers and wherever a process dies."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opswarden.apps.slack.post_slots import Hold, Post
from opswarden.apps.slack.posts import Posts
from opswarden.apps.slack.settings import SlackSettings
from opswarden.apps.slack.texts import File, Message, Words, message, paragraph
from opswarden.apps.slack.web_api import SlackRefused, SlackUncertain, WebApi
from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import BackendError
from opswarden.core.sqlite import SqliteDatabase
from opswarden.tests.doubles.ailing_server import AilingServer, answer, garbage
from opswarden.tests.doubles.slack_server import SlackServer
from opswarden.tests.postgres_peer import on_both

from .conftest import CHANNEL


def saying(text: str) -> Message:
    return message(text, [paragraph([[Words(text)]])])


@pytest.fixture
def posts(tmp_path: Path, clock: FixedClock, api: WebApi) -> Posts:
    return Posts(SqliteDatabase(tmp_path / "db"), clock, api)


def texts(slack: SlackServer) -> list[str]:
    return [each["text"] for each in slack.messages[CHANNEL]]


@on_both
def test_a_slot_is_one_message_that_is_edited(
    database: Database, clock: FixedClock, api: WebApi, slack: SlackServer
) -> None:
    posts = Posts(database, clock, api)
    first = posts.ensure("inc-1", CHANNEL, saying("one"))
    assert posts.ensure("inc-1", CHANNEL, saying("one")) == first
    assert posts.ensure("inc-1", CHANNEL, saying("two")).ts == first.ts
    assert texts(slack) == ["two"]
    assert [len(slack.called(method)) for method in ("chat.postMessage", "chat.update")] == [1, 1]
    posted = slack.called("chat.postMessage")[0]
    assert (posted["parse"], posted["link_names"], posted["unfurl_links"]) == ("none", False, False)
    assert (posts.slots("inc-"), posts.at(CHANNEL, first.ts)) == (("inc-1",), posts.find("inc-1"))


@pytest.mark.parametrize("in_thread", [False, True])
def test_a_lost_answer_is_no_second_message(posts: Posts, slack: SlackServer, in_thread: bool) -> None:
    thread = posts.ensure("inc-1", CHANNEL, saying("head")).ts if in_thread else ""
    slack.faults["chat.postMessage"] = ["500-after"]
    posts.ensure("x", CHANNEL, saying("once"), thread)
    slack.faults["chat.postMessage"] = ["500"]
    posts.ensure("y", CHANNEL, saying("again"), thread)
    assert texts(slack) == [*(["head"] if in_thread else []), "once", "again"]


def test_a_process_that_died_after_posting_finds_its_message(
    posts: Posts, slack: SlackServer, tmp_path: Path, clock: FixedClock, api: WebApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(Posts, "_kept_or_doubted", lambda *_args, **_named: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            posts.ensure("inc-1", CHANNEL, saying("one"))
    for _ in range(3):
        slack.messages[CHANNEL].append({"ts": slack.next_ts(), "text": "somebody else"})
    later = Posts(SqliteDatabase(tmp_path / "db"), clock, api)
    later.ensure("inc-1", CHANNEL, saying("two"))
    assert [text for text in texts(slack) if text != "somebody else"] == ["two"]


def test_what_a_dead_process_was_about_to_post_is_posted_later(
    posts: Posts, slack: SlackServer, clock: FixedClock
) -> None:
    slack.faults["chat.postMessage"] = ["500"] * 9
    whole = replace(saying("report"), files=(File("r.html", "whole", "x"),))
    with pytest.raises(SlackUncertain):
        posts.ensure("inc-1", CHANNEL, whole)
    slack.faults.clear()
    assert posts.mend() == 0  # somebody may be at it
    clock.advance(121)
    assert (posts.mend(), posts.mend()) == (1, 0)
    assert (texts(slack), len(slack.files)) == (["report"], 1)


def test_of_two_who_post_in_a_slot_at_once_one_posts_and_the_other_edits_what_is_so_by_then(
    tmp_path: Path, slack: SlackServer, clock: FixedClock, api: WebApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    posting, goes_on, facts = threading.Event(), threading.Event(), ["of before"]
    call = api.call

    def slow(method: str, arguments: Any, **how: Any) -> Any:
        if method == "chat.postMessage":
            posting.set()
            assert goes_on.wait(20)
        return call(method, arguments, **how)

    monkeypatch.setattr(api, "call", slow)

    def waits(_seconds: float) -> None:
        facts[0] = "of now"  # while the second one waits, things change
        goes_on.set()
        first.join(20)

    place = tmp_path / "db"
    here, there = (Posts(SqliteDatabase(place), clock, api, sleep) for sleep in (clock.advance, waits))
    first = threading.Thread(target=lambda: here.ensure("inc-1", CHANNEL, saying("first")))
    first.start()
    assert posting.wait(20)
    there.ensure("inc-1", CHANNEL, lambda: saying(facts[0]))
    assert (texts(slack), len(slack.called("chat.postMessage"))) == (["of now"], 1)


def test_who_died_while_posting_keeps_others_waiting_for_two_minutes_at_most(
    tmp_path: Path, slack: SlackServer, clock: FixedClock, api: WebApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts = Posts(SqliteDatabase(tmp_path / "db"), clock, api, clock.advance)
    with monkeypatch.context() as dying:
        dying.setattr(Hold, "let_go", lambda *_args: None)
        posts.ensure("inc-1", CHANNEL, saying("one"))
    before = clock.monotonic()
    posts.ensure("inc-1", CHANNEL, saying("two"))
    assert texts(slack) == ["two"]
    assert 115 < clock.monotonic() - before < 122


def test_patience_is_what_slack_asks_for(posts: Posts, slack: SlackServer, clock: FixedClock) -> None:
    began = clock.monotonic()
    for number in range(4):  # one message a second and channel
        posts.ensure(f"s{number}", CHANNEL, saying(str(number)))
    assert texts(slack) == ["0", "1", "2", "3"]
    assert 3 <= clock.monotonic() - began <= 5
    slack.faults["chat.update"] = ["429", "500", "429"]
    posts.ensure("s1", CHANNEL, saying("edited"))
    assert "edited" in texts(slack)
    slack.faults["chat.update"] = ["429"] * 9
    with pytest.raises(SlackRefused, match="patience"):
        posts.ensure("s1", CHANNEL, saying("more"))


def test_a_deleted_message_is_posted_anew_and_a_file_is_shared_once(posts: Posts, slack: SlackServer) -> None:
    head = posts.ensure("inc-1", CHANNEL, saying("head"))
    whole = replace(saying("report"), files=(File("r.html", "whole", "<p>é</p>"),))
    first = posts.ensure("inc-1/report", CHANNEL, whole, head.ts)
    posts.ensure("inc-1/report", CHANNEL, whole, head.ts)
    (file,) = slack.files.values()
    assert (file["content"].decode(), file["shared"]) == ("<p>é</p>", [(CHANNEL, head.ts)])
    slack.messages[CHANNEL] = [each for each in slack.messages[CHANNEL] if each["ts"] != first.ts]
    assert posts.ensure("inc-1/report", CHANNEL, saying("other"), head.ts).ts != first.ts
    assert texts(slack) == ["head", "other"]


@pytest.mark.parametrize(
    ("error", "said"), [("channel_not_found", "no such channel"), ("<!channel> mia@example.com", "refused the request")]
)
def test_what_slack_refuses_is_said_in_our_words(clock: FixedClock, error: str, said: str) -> None:
    server = AilingServer(answer(b'{"ok":false,"error":"%s"}' % error.encode()))
    api = WebApi(SlackSettings(url=server.url).http(), clock, clock.advance)
    with pytest.raises(SlackRefused, match=said) as caught:
        api.call("chat.update", {})
    assert "mia" not in f"{caught.value.message}{caught.value.remedy}{caught.value.code}"
    server.close()


@pytest.mark.parametrize(
    "bad", [answer(b"<html>"), answer(b"[]"), garbage, answer(status="302 Found", location="http://x.example/")]
)
def test_what_is_no_slack_is_said(clock: FixedClock, bad: object) -> None:
    server = AilingServer(bad)  # type: ignore[arg-type]
    api = WebApi(SlackSettings(url=server.url).http(), clock, clock.advance)
    with pytest.raises(BackendError) as caught:
        api.call("chat.postMessage", {"channel": "C", "text": "x"}, again=False)
    assert isinstance(caught.value, SlackUncertain) or "another place" in caught.value.message
    server.close()


def test_a_file_goes_to_slack_only(clock: FixedClock) -> None:
    given = b'{"ok":true,"file_id":"F1","upload_url":"http://198.51.100.7/steal"}'
    server = AilingServer(answer(given))
    api = WebApi(SlackSettings(url=server.url).http(), clock, clock.advance)
    with pytest.raises(SlackRefused):
        api.upload(File("a", "b", "c"))
    assert len(server.requests) == 1
    server.close()


_FAULTS = ["", "429", "500", "500-after", "fatal_error", "late"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.lists(st.sampled_from(_FAULTS), max_size=6),
    edits=st.lists(st.sampled_from(_FAULTS), max_size=4),
    dies=st.lists(st.tuples(st.integers(0, 8), st.booleans(), st.booleans()), max_size=3),
)
def test_whatever_goes_wrong_there_is_one_message_in_the_end(
    posts: Posts,
    slack: SlackServer,
    clock: FixedClock,
    faults: list[str],
    edits: list[str],
    dies: list[tuple[int, bool, bool]],
) -> None:
    """Answers that fail, are lost or late, and processes that die before or after a write of theirs, in any order."""
    slack.messages.clear()
    slack.arrive()
    slack.messages.clear()
    slack.faults["chat.postMessage"], slack.faults["chat.update"] = list(faults), list(edits)
    slot, keep = f"slot-{slack.next_ts()}", Hold.write
    for left, is_kept, arrives in [*dies, (-1, True, False), (-1, True, True)]:
        with pytest.MonkeyPatch.context() as dying, suppress(BackendError, KeyboardInterrupt):
            if left >= 0:
                writes = [left]

                def write(self: Hold, writes: list[int] = writes, is_kept: bool = is_kept, **changed: str) -> Post:
                    writes[0] -= 1
                    if writes[0] >= 0 or is_kept:
                        post = keep(self, **changed)
                    if writes[0] < 0:
                        raise KeyboardInterrupt
                    return post

                dying.setattr(Hold, "write", write)
                dying.setattr(Hold, "let_go", lambda _self: None)
            posts.ensure(slot, CHANNEL, saying(f"version {left}"))
        if arrives:
            slack.arrive()
        clock.advance(121)
    slack.faults.clear()
    posts.ensure(slot, CHANNEL, saying("the end"))
    slack.arrive()
    clock.advance(121)
    posts.mend()
    posts.ensure(slot, CHANNEL, saying("the end"))
    assert len(texts(slack)) == 1
    found = posts.find(slot)
    assert found is not None
    assert found.ts == slack.messages[CHANNEL][0]["ts"]
