"""Every boundary between "it is to be posted" and "it is known to be there", forced one by one.

Whoever is killed at one of them holds the slot until two minutes after its last word; whoever comes next finds what
there is. Where a request comes to Slack after somebody else has looked for it, there are two messages until the channel
is looked at once more: Slack takes no key under which it would drop the second.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.slack.post_slots import Hold, PostSlots
from opswarden.apps.slack.posts import Posts
from opswarden.apps.slack.texts import File, Message, Words, message, paragraph
from opswarden.apps.slack.web_api import SlackUncertain, WebApi
from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import BackendError, LedgerError
from opswarden.core.postgres import PostgresDatabase
from opswarden.core.sqlite import SqliteDatabase
from opswarden.tests.doubles.slack_server import SlackServer
from opswarden.tests.postgres_peer import PostgresPeer, on_both

from .conftest import CHANNEL

_HELD_S = 121


class Killed(BaseException):
    """The process ends here: nothing after this runs, not even what lets go."""


def saying(text: str, *files: File) -> Message:
    return replace(message(text, [paragraph([[Words(text)]])]), files=files)


@dataclass
class Place:
    """One slot of a database, and the processes that post in it."""

    path: Path
    slack: SlackServer
    clock: FixedClock
    api: WebApi
    thread_ts: str = ""
    monkeypatch: pytest.MonkeyPatch | None = None

    def posts(self) -> Posts:
        """Those of another process."""
        return Posts(SqliteDatabase(self.path), self.clock, self.api, self.clock.advance)

    def ensure(self, text: str, *files: File) -> None:
        self.posts().ensure("x", CHANNEL, saying(text, *files), self.thread_ts)

    def killed(self, text: str, *files: File, **where: Callable[..., Any]) -> None:
        """A process that posts, and is killed where `Class_method=` replacements say so."""
        with pytest.MonkeyPatch.context() as dying, suppress(Killed, BackendError):
            dying.setattr(Hold, "let_go", lambda _self: None)
            for name, replacement in where.items():
                dying.setattr(
                    {"Hold": Hold, "Posts": Posts, "WebApi": WebApi}[name.partition("_")[0]],
                    name.partition("_")[2],
                    replacement,
                )
            self.ensure(text, *files)

    def later(self) -> None:
        """What was doubted is looked at once more."""
        self.clock.advance(_HELD_S)
        self.posts().mend()

    @property
    def texts(self) -> list[str]:
        return [each["text"] for each in self.slack.messages[CHANNEL] if each["text"] != "head"]

    @property
    def posted(self) -> int:
        return sum(asked["text"] != "head" for asked in self.slack.called("chat.postMessage"))


@pytest.fixture(params=["in the channel", "in a thread"])
def place(request: pytest.FixtureRequest, tmp_path: Path, slack: SlackServer, clock: FixedClock, api: WebApi) -> Place:
    made = Place(tmp_path / "db", slack, clock, api)
    if request.param == "in a thread":
        made.thread_ts = made.posts().ensure("head", CHANNEL, saying("head")).ts
        clock.advance(2)  # a channel takes one message a second
    return made


def kills(*_args: Any, **_named: Any) -> Any:
    raise Killed


def after(method: Callable[..., Any]) -> Callable[..., Any]:
    """What does its work, and is killed before anybody hears of it."""

    def done(*args: Any, **named: Any) -> Any:
        method(*args, **named)
        raise Killed

    return done


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"Posts__posted": kills}, id="begun, nothing sent"),
        pytest.param({"WebApi_call": kills}, id="about to be sent"),
        pytest.param({"WebApi_call": after(WebApi.call)}, id="answered, not recorded"),
        pytest.param({"Posts__kept_or_doubted": after(Posts._kept_or_doubted)}, id="recorded, not let go"),
    ],
)
def test_whoever_is_killed_at_a_boundary_leaves_one_message(place: Place, where: dict[str, Any]) -> None:
    place.killed("one", **where)
    place.clock.advance(_HELD_S)
    place.ensure("two")
    assert place.texts == ["two"]
    place.later()
    assert place.texts == ["two"]


def test_a_request_of_somebody_killed_that_comes_before_anybody_looks_is_the_message(place: Place) -> None:
    place.slack.faults["chat.postMessage"] = ["late"]
    place.killed("one", Posts__adopted=kills)
    place.slack.arrive()
    place.clock.advance(_HELD_S)
    place.ensure("two")
    assert (place.texts, place.posted) == (["two"], 1)


def test_a_request_of_somebody_killed_that_comes_after_the_next_one_has_posted_is_deleted(place: Place) -> None:
    place.slack.faults["chat.postMessage"] = ["late"]
    place.killed("one", Posts__adopted=kills)
    place.clock.advance(_HELD_S)
    place.ensure("two")
    place.slack.arrive()
    assert place.texts == ["two", "one"]  # Slack drops no repetition: for two minutes people see both
    place.posts().mend()
    assert place.texts == ["two", "one"]  # others may be on their way as yet
    place.later()
    assert place.texts == ["two"]
    place.clock.advance(_HELD_S)
    assert place.posts().mend() == 0  # it is doubted no more
    place.ensure("three")
    place.later()
    assert (place.texts, len(place.slack.called("chat.delete"))) == (["three"], 1)


@pytest.mark.parametrize("fault", ["500-after", "fatal_error"])
def test_an_answer_that_does_not_say_is_no_second_message(place: Place, fault: str) -> None:
    place.slack.faults["chat.postMessage"] = [fault]
    place.ensure("one")
    assert (place.texts, place.posted) == (["one"], 1)


def test_after_a_failure_it_is_posted_at_once_and_doubted(place: Place) -> None:
    place.slack.faults["chat.postMessage"] = ["500"]
    place.ensure("one")
    assert place.texts == ["one"]
    place.later()
    assert place.texts == ["one"]


def test_without_an_answer_nothing_is_sent_while_it_may_be_on_its_way(place: Place) -> None:
    place.slack.faults["chat.postMessage"] = ["late"]
    with pytest.raises(SlackUncertain):
        place.ensure("one")
    assert place.posted == 1
    place.slack.arrive()
    place.ensure("one")
    assert (place.texts, place.posted) == (["one"], 1)


def test_without_an_answer_the_next_one_posts_and_what_comes_later_is_deleted(place: Place) -> None:
    place.slack.faults["chat.postMessage"] = ["late"]
    with pytest.raises(SlackUncertain):
        place.ensure("one")
    place.ensure("one")
    place.slack.arrive()
    assert place.texts == ["one", "one"]
    place.later()
    assert place.texts == ["one"]


def test_whoever_was_held_up_before_it_sent_sends_nothing_once_somebody_else_holds_the_slot(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, held_up = Hold.write, [True]

    def slow(self: Hold, **changed: str) -> Any:
        if held_up.pop() if held_up else False:
            place.clock.advance(_HELD_S)
            place.ensure("two")
        return write(self, **changed)

    monkeypatch.setattr(Hold, "write", slow)
    with pytest.raises(SlackUncertain, match="somebody else"):
        place.ensure("one")
    assert (place.texts, place.posted) == (["two"], 1)


def test_whoever_was_held_up_while_it_sent_says_that_there_may_be_two(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, held_up = WebApi.call, [True]

    def slow(self: WebApi, method: str, arguments: Any, **how: Any) -> Any:
        if method == "chat.postMessage" and held_up:
            held_up.clear()
            place.clock.advance(_HELD_S)
            place.ensure("two")
            place.later()  # even once the other's doubt is gone
        return call(self, method, arguments, **how)

    monkeypatch.setattr(WebApi, "call", slow)
    with pytest.raises(SlackUncertain, match="somebody else"):
        place.ensure("one")
    assert place.texts == ["two", "one"]
    place.later()
    assert place.texts == ["two"]


def test_a_database_that_goes_between_the_answer_and_its_record_costs_no_second_message(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as gone:
        gone.setattr(Posts, "_kept_or_doubted", lambda *_args, **_named: _raises(LedgerError("it has gone")))
        with pytest.raises(LedgerError):
            place.ensure("one")
    place.ensure("two")
    assert (place.texts, place.posted) == (["two"], 1)


def _raises(error: Exception) -> Any:
    raise error


def test_a_message_that_somebody_deleted_is_posted_anew_by_whoever_is_left(place: Place) -> None:
    place.ensure("one")
    place.slack.messages[CHANNEL] = [each for each in place.slack.messages[CHANNEL] if each["text"] == "head"]
    place.killed("two", Posts__posted=kills)
    place.clock.advance(_HELD_S)
    place.ensure("three")
    assert place.texts == ["three"]


def test_an_edit_that_somebody_was_killed_over_is_made_again(place: Place) -> None:
    place.ensure("one")
    place.killed("two", WebApi_call=after(WebApi.call))
    place.clock.advance(_HELD_S)
    place.ensure("three")
    place.killed("four", WebApi_call=kills)
    place.clock.advance(_HELD_S)
    assert place.posts().mend() == 1
    assert (place.texts, place.posted) == (["four"], 1)


def test_an_edit_of_before_does_not_come_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dead process wanted is forgotten where somebody has shown something newer since it was read."""
    place.killed("old", WebApi_call=kills)
    place.clock.advance(_HELD_S)
    late, posts = PostSlots.late, place.posts()

    def read_early(self: PostSlots) -> tuple[str, ...]:
        found = late(self)
        place.ensure("new")
        return found

    monkeypatch.setattr(PostSlots, "late", read_early)
    posts.mend()
    assert place.texts == ["new"]


@pytest.mark.parametrize(
    ("faults", "where"),
    [
        (["500-after"], {}),
        (["fatal_error"], {}),
        (["500"], {}),
        ([], {"WebApi_share": after(WebApi.share)}),
        ([], {"WebApi_share": kills}),
        (["late"], {}),
    ],
)
def test_a_file_is_shared_once_wherever_its_process_ends(
    place: Place, faults: list[str], where: dict[str, Any]
) -> None:
    file = File("r.html", "whole", "x")
    place.slack.faults["files.completeUploadExternal"] = list(faults)
    place.killed("report", file, **where)
    place.slack.arrive()
    place.clock.advance(_HELD_S)
    place.ensure("report", file)
    place.ensure("report", file)
    assert [len(each["shared"]) for each in place.slack.files.values()].count(1) == 1
    assert len(place.slack.file_posts[CHANNEL]) == 1


@on_both
def test_what_came_twice_is_deleted_whatever_the_database(
    database: Database, slack: SlackServer, clock: FixedClock, api: WebApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PostSlots, "now", lambda _slots: clock.now())  # the time of the double's messages
    posts = Posts(database, clock, api, clock.advance)
    slack.faults["chat.postMessage"] = ["late"]
    with pytest.raises(SlackUncertain):
        posts.ensure("x", CHANNEL, saying("one"))
    posts.ensure("x", CHANNEL, saying("two"))
    slack.arrive()
    clock.advance(_HELD_S)
    assert (posts.mend(), posts.mend()) == (1, 0)
    assert [each["text"] for each in slack.messages[CHANNEL]] == ["two"]


@pytest.mark.parametrize(("ours_s", "theirs_s"), [(-45, 45), (45, -45), (-600, 600)])
def test_on_a_shared_database_clocks_that_differ_take_no_slot_from_whoever_holds_it(
    postgres: PostgresPeer, ours_s: int, theirs_s: int
) -> None:
    now, waited = datetime.now(UTC), []

    def waits(_seconds: float) -> None:
        waited.append(1)
        if len(waited) == 3:
            hold.let_go()

    database = PostgresDatabase(postgres.url(postgres.new_database()))
    ours, theirs = (
        PostSlots(database, FixedClock(now + timedelta(seconds=skew_s)), waits) for skew_s in (ours_s, theirs_s)
    )
    hold = ours.hold("x", CHANNEL, "", "{}")
    assert not theirs.hold("x", CHANNEL, "", "{}").is_new
    assert len(waited) == 3
    with pytest.raises(SlackUncertain, match="somebody else"):
        hold.renew()
    theirs.doubt("x")
    assert (ours.late(), ours.doubted()) == ((), {})  # neither of them takes it for two minutes old
    database.close()
