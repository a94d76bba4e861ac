"""Buttons: one outcome, by somebody who may, recorded and explained; and only where a button is enough."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.service.arrivals import Arrival
from opswarden.apps.settings import PersonSettings
from opswarden.apps.slack.deciding import Press, decide
from opswarden.policies.approvals import Approval, Binding, Question
from opswarden.policies.stop_file import Stop
from opswarden.policies.types import Ask, Principal, Run
from opswarden.tests.doubles.slack_events import SlackEvents

from .house import ANN, BO, CHANNEL, EVE, GUEST, House, house, opened, shown

APPROVE, DENY = "approval.approve", "approval.deny"
LOW = "rollouts.pause"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all: every test asks a question of its own."""
    more = {
        "low_risk": [LOW],
        "approvals_url": "https://ops.example/approvals",
        "per_person": 1_000,
        "per_channel": 9_999,
    }
    with house(tmp_path_factory.mktemp("slack"), **more) as opened:
        yield opened


def question(house: House, action: str = LOW, environment: str = "production", **more: Any) -> Approval:
    """A question that waits, shown in the thread of an incident."""
    roles = more.pop("roles", ("oncall",))
    needs = {name: more.pop(name, False) for name in ("two_person", "needs_every_role")}
    asked = Ask("writes.approved", roles, "a write needs somebody", **needs)
    args = more.pop("args", {"service": "checkout", "why": "<!channel> `x`"})
    look = {"status": "ok", "what": f"{action} checkout", "where": environment, "changes": []}
    preview = {"args": args, "effect": "write", "resource": "checkout", "look": look, **more}
    run = Run(house.installation.ids.new("run"), Principal("triage", "person:ann", "platform"), "slack")
    wanted = Question("call", "c1", action, environment, asked, preview, preview, Binding("h", "p", "t", ()))
    with house.installation.database.transaction() as connection:
        approval = house.installation.approvals.request(connection, run, wanted)
    house.clock.advance(2)
    house.app.parts.show_approval(approval.id, CHANNEL, "", "en")
    return approval


def message(house: House, approval: Approval) -> dict[str, Any]:
    post = house.app.parts.posts.find(f"approval/{approval.id}")
    assert post is not None
    return next(each for each in house.ours() if each["ts"] == post.ts)


def pressable(house: House, approval: Approval) -> list[str]:
    return [each["action_id"] for block in message(house, approval)["blocks"] if block["type"] == "actions"
            for each in block["elements"]]  # fmt: skip


def press(house: House, approval: Approval, user: str, action: str = APPROVE, times: int = 1) -> str:
    """What whoever pressed is told."""
    house.events.press(user, CHANNEL, message(house, approval)["ts"], action, approval.id)
    house.work(times)
    return house.whispered()[-1]


def state(house: House, approval: Approval) -> str:
    return house.installation.approvals.get(approval.id).state


def answers(house: House, approval: Approval) -> list[str]:
    entries = house.installation.ledger.of_run(approval.run_id)
    return [str(each.body["approver"]) for each in entries if each.kind == "approval.answered"]


def test_a_person_with_the_role_approves_exactly_what_is_shown(home: House) -> None:
    approval = question(home)
    asked = message(home, approval)
    for text in ("rollouts.pause checkout", "production", "oncall", "<!channel> `x`", approval.id):
        assert text in shown(asked)
    assert pressable(home, approval) == [APPROVE, DENY]
    assert press(home, approval, ANN, times=2) in ("Approved by person:ann", "Your answer is recorded already.")
    assert (state(home, approval), answers(home, approval)) == ("approved", ["person:ann"])
    assert pressable(home, approval) == []
    assert "Approved by person:ann" in shown(message(home, approval))
    (entry,) = [each for each in home.installation.ledger.of_run(approval.run_id) if each.kind == "approval.answered"]
    assert (entry.body["identified_by"], entry.body["role_sources"]) == (
        "slack:T000DOUBLE", {"oncall": ["configuration"]},
    )  # fmt: skip


def test_a_question_and_what_whoever_pressed_is_told_pass_the_gate_and_are_on_record(home: House) -> None:
    approval = question(home)
    press(home, approval, EVE)
    entries = [each for each in home.installation.ledger.tail(200) if each.kind == "tell.decided"]
    told = {str(each.body["kind"]): each for each in entries}
    assert told["slack.question"].run_id == f"asked.{approval.id}"
    assert approval.id in str(told["slack.question"].body["body"])
    assert "oncall" in str(told["slack.words"].body["body"])


def test_a_question_that_policy_does_not_let_into_the_channel_is_not_shown_there(home: House) -> None:
    home.installation.stop.add([Stop("tell", "slack/inc*")])
    try:
        approval = question(home)
        assert home.app.parts.posts.find(f"approval/{approval.id}") is None
    finally:
        home.installation.stop.remove_all()
    home.app.parts.show_approval(approval.id, CHANNEL, "", "en")
    assert approval.id in shown(message(home, approval))


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (EVE, "You do not hold a role that may answer this: oncall."),
        (GUEST, "Guests, apps and deactivated people get no evidence and decide nothing."),
        ("U0UNLISTED", "Nobody under `people` is known by your Slack id"),
    ],
)
def test_whoever_may_not_is_told_why(home: House, user: str, said: str) -> None:
    home.slack.users.setdefault(user, {**home.slack.users[ANN], "id": user})
    approval = question(home)
    told = press(home, approval, user)
    assert told.replace("ʼ", "`").startswith(said)
    assert (state(home, approval), answers(home, approval)) == ("pending", [])
    assert pressable(home, approval) == [APPROVE, DENY]


def test_somebody_who_was_deactivated_a_moment_ago_decides_nothing(home: House) -> None:
    first, second = question(home), question(home, args={"service": "cart"})
    press(home, first, ANN)
    home.slack.users[ANN]["deleted"] = True
    try:
        assert "deactivated" in press(home, second, ANN)
    finally:
        home.slack.users[ANN]["deleted"] = False
        home.clock.advance(61)  # until what Slack said of them is asked again
    assert state(home, second) == "pending"


def test_a_second_press_and_a_late_one_are_explained(home: House) -> None:
    approval = question(home)
    assert press(home, approval, ANN) == "Approved by person:ann"
    assert press(home, approval, ANN) == "Your answer is recorded already."
    assert press(home, approval, BO, DENY) == (
        "person:ann answered before you: Approved by person:ann. Your answer changes nothing."
    )
    late = question(home, args={"service": "cart"})
    home.clock.advance(4 * 3600 + 1)
    assert press(home, late, ANN) == "It has expired. Nothing was done."
    assert "Expired: nobody answered in time" in shown(message(home, late))
    assert (state(home, approval), answers(home, approval), answers(home, late)) == ("approved", ["person:ann"], [])


def test_of_two_who_press_at_the_same_moment_one_decides(home: House) -> None:
    for number in range(4):
        approval = question(home, args={"service": f"s{number}"})
        ts, said, start = message(home, approval)["ts"], [], threading.Barrier(2)

        def work(user: str, action: str, approval: Approval = approval, ts: str = ts,
                 said: list[str] = said, start: threading.Barrier = start) -> None:  # fmt: skip
            start.wait()
            pressed = Press(user, CHANNEL, ts, action, approval.id)
            said.append(decide(home.installation, home.app.parts, pressed, "en"))

        threads = [threading.Thread(target=work, args=each) for each in ((ANN, APPROVE), (BO, DENY))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (who,) = answers(home, approval)
        assert len([text for text in said if f"{who} answered before you" in text]) == 1, said
        assert state(home, approval) in ("approved", "denied")


@pytest.fixture
def another_worker(home: House) -> Iterator[Callable[..., House]]:
    """Opens the same installation once more, as another process does, perhaps with other settings."""
    with ExitStack() as stack:

        def open_one(people: Mapping[str, Any] | None = None) -> House:
            settings = home.installation.settings
            if people is not None:
                read = {name: PersonSettings.model_validate(each) for name, each in people.items()}
                settings = settings.model_copy(update={"people": read})
            return stack.enter_context(opened(settings, home.slack, home.clock))

        yield open_one


def test_a_double_click_that_two_workers_work_off_is_one_answer(
    home: House, another_worker: Callable[..., House]
) -> None:
    approval, other = question(home), another_worker()
    for _ in range(2):
        home.events.press(ANN, CHANNEL, message(home, approval)["ts"], APPROVE, approval.id)
        home.clock.advance(0.2)
    first, second = (home.arrivals.read(each) for each in home.arrivals.waiting())
    before, ready = len(home.whispered()), threading.Barrier(2)

    def work(worker: House, arrival: Arrival) -> None:
        ready.wait()
        worker.app.performer.perform(worker.installation, arrival)

    threads = [threading.Thread(target=work, args=each) for each in ((home, first), (other, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for arrival in (first, second):
        home.arrivals.settle(arrival.id, "done")
    assert (state(home, approval), answers(home, approval)) == ("approved", ["person:ann"])
    assert sorted(home.whispered()[before:]) == ["Approved by person:ann", "Your answer is recorded already."]


def test_who_lost_the_role_between_pressing_and_the_answer_decides_nothing(
    home: House, another_worker: Callable[..., House]
) -> None:
    approval = question(home)
    home.events.press(ANN, CHANNEL, message(home, approval)["ts"], APPROVE, approval.id)
    (waiting,) = home.arrivals.waiting()
    later = another_worker({"ann": {"roles": ["spectator"], "known_as": [ANN]}})
    later.app.performer.perform(later.installation, home.arrivals.read(waiting))
    home.arrivals.settle(waiting, "done")
    assert "do not hold a role" in home.whispered()[-1]
    assert (state(home, approval), answers(home, approval)) == ("pending", [])


@pytest.mark.parametrize("how", ["another id", "another message", "another channel", "another action", "unsigned"])
def test_a_forged_press_does_nothing(home: House, how: str) -> None:
    approval, other = question(home), question(home, args={"service": "cart"})
    ts, channel, action, value = message(home, approval)["ts"], CHANNEL, APPROVE, approval.id
    if how == "another id":
        value = other.id
    elif how == "another message":
        ts = home.slack.next_ts()
    elif how == "another channel":
        channel = "C0ELSEWHERE"
    elif how == "another action":
        action = "approval.approve_all"
    if how == "unsigned":
        forger = SlackEvents(home.events._post, home.clock, "not the signing secret")
        assert forger.press(ANN, channel, ts, action, value).statuses == (401,)
    else:
        home.events.press(ANN, channel, ts, action, value)
    home.work()
    assert (state(home, approval), state(home, other), answers(home, approval)) == ("pending", "pending", [])
    if how not in ("unsigned", "another channel"):
        assert home.whispered()[-1] == "That is none of our questions. Nothing was done."


@pytest.mark.parametrize(
    ("more", "is_enough"),
    [
        ({}, True),
        ({"action": "rollouts.rollback"}, False),
        ({"action": "rollouts.rollback", "environment": "nobody-declared-it"}, False),
        ({"action": "rollouts.rollback", "environment": "staging"}, True),
        ({"action": "stages.set"}, False),
        ({"two_person": True}, False),
        ({"untrusted_args": ["service"]}, False),
        ({"args": {"service": "x" * 501}}, False),
        ({"args": {"service": "a\nb"}}, False),
        ({"args": {"service": "mia@example.com"}}, False),
    ],
)
def test_a_button_is_enough_for_what_the_operator_lists_and_people_see_whole(
    home: House, more: dict[str, Any], is_enough: bool
) -> None:
    approval = question(home, **more)
    assert pressable(home, approval) == ([APPROVE, DENY] if is_enough else ["approval.open", DENY])
    told = press(home, approval, BO)
    if is_enough:
        assert state(home, approval) == "approved"
    else:
        assert f"https://ops.example/approvals/{approval.id}" in shown(message(home, approval))
        assert told.startswith("This is not approved by a button")
        (link,) = [each["url"] for block in message(home, approval)["blocks"] if block["type"] == "actions"
                   for each in block["elements"] if "url" in each]  # fmt: skip
        assert link == f"https://ops.example/approvals/{approval.id}"
        said = len(home.whispered())
        home.events.press(BO, CHANNEL, message(home, approval)["ts"], "approval.open", approval.id)
        assert home.arrivals.waiting() == ()
        assert len(home.whispered()) == said
        assert press(home, approval, BO, DENY) == "Denied by person:bo"
    assert "mia@example.com" not in shown(message(home, approval))


def test_by_itself_no_write_in_production_is_approved_by_a_button(tmp_path: Path) -> None:
    with house(tmp_path) as opened:
        approval = question(opened)
        assert pressable(opened, approval) == [DENY]
        assert f"opswarden approvals approve {approval.id}" in shown(message(opened, approval))
        press(opened, approval, ANN)
        assert state(opened, approval) == "pending"


def test_several_roles_are_brought_by_several_people(home: House) -> None:
    approval = question(home, roles=("oncall", "risk"), needs_every_role=True)
    assert press(home, approval, ANN) == "person:ann agreed; still needed: risk"
    assert "still needed: risk" in shown(message(home, approval))
    assert press(home, approval, ANN) == "Your answer is recorded already."
    assert press(home, approval, BO).startswith("Approved by")


def test_what_was_decided_elsewhere_is_shown_once_somebody_looks(home: House) -> None:
    approval, late = question(home), question(home, args={"service": "cart"})
    home.installation.approvals.answer(approval.id, "deny", approver="person:bo", roles=frozenset({"oncall"}))
    home.clock.advance(4 * 3600 + 1)
    assert home.app.parts.refresh() >= 2
    assert "Denied by person:bo" in shown(message(home, approval))
    assert "Expired" in shown(message(home, late))


def test_a_record_that_was_altered_is_none_of_ours(home: House) -> None:
    approval = question(home)
    with home.installation.database.transaction() as connection:
        connection.execute("UPDATE approval SET state = 'approved' WHERE id = ?", (approval.id,))
    home.events.press(ANN, CHANNEL, message(home, approval)["ts"], APPROVE, approval.id)
    home.work()
    assert home.whispered()[-1] == "That is none of our questions. Nothing was done."
