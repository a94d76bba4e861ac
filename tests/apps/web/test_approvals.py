"""A question on the web: who sees it, what they see, and one outcome however it is pressed."""

from __future__ import annotations

import html
import re
import threading

import pytest

from opswarden.apps.web.records import WebRecords
from opswarden.tests.apps.cli.test_approval_page import HOSTILE
from opswarden.tests.apps.web.browser import Browser, Page
from opswarden.tests.apps.web.conftest import Office

YES, NO = {"answer": "approve", "note": "go on"}, {"answer": "deny", "note": "not now"}


def test_a_person_sees_what_the_terminal_shows(office: Office) -> None:
    browser, _ = office.as_person("ana")
    item = office.asks("production")
    assert f'href="/approvals/{item.id}"' in browser.get("/approvals").body
    text = browser.get(f"/approvals/{item.id}").text
    for part in (
        "scale checkout to 5 replicas",
        "cluster eu-1; environment production",
        "two teams use it",
        "the run has read text that outsiders can write",
        "replicas 3 5",
        "untrusted logs.search text (ledger 9), url",
        "agent triage for person:kim",
        "an argument derives from outside (taint.args)",
        "opswarden reveal",
    ):
        assert part in text, part


def test_nothing_in_it_is_alive(office: Office) -> None:
    browser, _ = office.as_person("ana")
    markup = "<script>alert(1)</script>\"'><img src=x onerror=y>"
    item = office.asks(contact=HOSTILE, query=markup, **{"<b>name</b>": "v"})
    page = browser.get(f"/approvals/{item.id}")
    assert "<script" not in page.body
    assert "<img" not in page.body
    assert "<b>" not in page.body
    assert markup in html.unescape(page.body)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\u200b\U000e0041]", page.body)
    assert "\\u202e" in page.body


def test_an_answer_is_recorded_with_who_gave_it_and_how_they_were_known(office: Office) -> None:
    browser, _ = office.as_person("ana")
    item = office.asks()
    page = browser.post(f"/approvals/{item.id}", YES)
    assert (page.status, page.header("location")) == (303, f"/approvals/{item.id}")
    text = browser.get(f"/approvals/{item.id}").text
    assert "approved by person:ana" in text
    assert f"opswarden resume {office.run_id}" in text
    assert "Your answer" not in text
    (body,) = office.answers(item.id)
    assert body["answer"] == "approve"
    assert body["note"] == "go on"
    assert body["identified_by"] == "web-token"
    assert body["surface"] == "web"
    assert body["token_made_by"] == "person:root"
    assert body["role_sources"] == {"oncall": ["configuration"]}
    assert "fresh_sign_in_at" not in body


class TestProduction:
    def test_a_write_takes_a_sign_in_of_its_own(self, office: Office) -> None:
        browser, token = office.as_person("ana")
        item = office.asks("production")
        place = f"/approvals/{item.id}"
        for form in (YES, {**YES, "token": ""}, {**YES, "token": "wrong"}, {**YES, "token": office.token("bo")}):
            assert browser.post(place, form).status == 403
        assert browser.post(place, {**YES, "token": office.token("ana", "person:kim")}).status == 403
        assert office.installation.approvals.get(item.id).state == "pending"
        assert office.answers(item.id) == []
        assert browser.post(place, {**YES, "token": token}).status == 303
        (body,) = office.answers(item.id)
        assert body["fresh_sign_in_at"].startswith(f"{office.clock.now():%Y-%m-%dT%H:%M:%S}")

    def test_denying_never_does(self, office: Office) -> None:
        browser, _ = office.as_person("ana")
        item = office.asks("production")
        assert browser.post(f"/approvals/{item.id}", NO).status == 303
        assert office.installation.approvals.get(item.id).state == "denied"

    def test_guessing_tokens_there_is_limited_as_well(self, office: Office) -> None:
        browser, token = office.as_person("ana")
        place = f"/approvals/{office.asks('production').id}"
        assert [browser.post(place, {**YES, "token": "x"}).status for _ in range(11)] == [403] * 10 + [429]
        assert browser.post(place, {**YES, "token": token}).status == 429

    def test_an_environment_that_nobody_declared_counts_as_production(self, office: Office) -> None:
        browser, _ = office.as_person("ana")
        assert browser.post(f"/approvals/{office.asks('somewhere').id}", YES).status == 403


def test_two_people_at_the_same_moment_and_a_double_click_have_one_outcome(office: Office) -> None:
    item = office.asks()
    place = f"/approvals/{item.id}"
    browsers = [office.as_person(name)[0] for name in ("ana", "bo", "ana", "bo")]
    said: dict[int, Page] = {}
    start = threading.Barrier(len(browsers))

    def press(number: int, browser: Browser) -> None:
        start.wait()
        said[number] = browser.post(place, YES if number % 2 else NO)

    threads = [threading.Thread(target=press, args=pair) for pair in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(page.status for page in said.values()) == [303, 409, 409, 409]
    (body,) = office.answers(item.id)
    state = office.installation.approvals.get(item.id).state
    assert state == {"approve": "approved", "deny": "denied"}[body["answer"]]
    for page in said.values():
        if page.status == 409:
            assert f"this is {state} already" in page.text
            assert "changed nothing" in page.text
    (winner,) = [number for number, page in said.items() if page.status == 303]
    again = browsers[winner].post(place, YES)
    assert (again.status, "You were here before" in again.text) == (409, True)
    assert len(office.answers(item.id)) == 1


def test_after_its_time_nothing_counts(office: Office) -> None:
    browser, token = office.as_person("ana")
    item = office.asks()
    office.clock.advance(4 * 3_600)
    browser.sign_in(token)
    page = browser.post(f"/approvals/{item.id}", YES)
    assert (page.status, "Too late" in page.text) == (409, True)
    assert office.answers(item.id) == []
    assert "Nothing waits" in browser.get("/approvals").text
    assert "expired" in browser.get("/approvals?all=yes").text


def test_who_may_not_is_told_why(office: Office) -> None:
    browser, _ = office.as_person("cy")
    item = office.asks()
    page = browser.post(f"/approvals/{item.id}", YES)
    assert (page.status, "needs another role" in page.text) == (403, True)
    assert browser.post(f"/approvals/{item.id}", NO).status == 403
    assert browser.post(f"/approvals/{item.id}", {"answer": "maybe"}).status == 400
    mine = office.asks(requester="person:ana", two_person=True)
    page = office.as_person("ana")[0].post(f"/approvals/{mine.id}", YES)
    assert (page.status, "somebody other" in page.text) == (403, True)
    assert office.answers(item.id) == office.answers(mine.id) == []


def test_a_token_that_the_requester_made_is_no_second_person(office: Office) -> None:
    item = office.asks(requester="person:ana", two_person=True)
    page = office.as_person("bo", by="person:ana")[0].post(f"/approvals/{item.id}", YES)
    assert (page.status, "both people" in page.text) == (403, True)
    assert office.as_person("bo")[0].post(f"/approvals/{item.id}", YES).status == 303


def test_other_teams_questions_are_nothing_to_know_of(office: Office) -> None:
    browser, _ = office.as_person("eve")
    item = office.asks()
    for page in (browser.get(f"/approvals/{item.id}"), browser.post(f"/approvals/{item.id}", NO)):
        assert (page.status, "there is no approval of this id" in page.text) == (400, True)
    assert browser.get("/approvals/apr_none").status == 400
    assert item.id not in browser.get("/approvals?all=yes").body
    assert office.answers(item.id) == []


def test_a_run_goes_on_by_itself_where_something_makes_it(office: Office) -> None:
    from opswarden.apps.web.app import app_of

    went: list[str] = []
    browser = Browser(app_of(office.installation, went.append))
    browser.sign_in(office.token("ana"))
    item = office.asks()
    assert browser.post(f"/approvals/{item.id}", YES).status == 303
    assert browser.post(f"/approvals/{item.id}", YES).status == 409
    assert went == [office.run_id]


def test_a_record_altered_behind_our_back_is_not_shown(office: Office) -> None:
    browser, _ = office.as_person("ana")
    item = office.asks()
    with office.installation.database.transaction() as connection:
        connection.execute(
            "UPDATE approval SET asked = replace(asked, 'checkout', 'payments') WHERE id = ?", (item.id,)
        )
    page = browser.post(f"/approvals/{item.id}", YES)
    assert (page.status, "altered outside the gate" in page.text) == (400, True)
    assert office.answers(item.id) == []


@pytest.mark.parametrize("fault", ["forgotten", "old"])
def test_a_fresh_sign_in_holds_for_one_call_and_a_short_time(office: Office, fault: str) -> None:
    records: WebRecords = office.records
    cookie = records.sign_in("ana", "oidc:https://issuer.example")
    session = records.session_of(cookie)
    assert session is not None
    records.make_fresh(session, "apr_1", frozenset({"oncall"}))
    assert records.fresh_at(session, "apr_1") == office.clock.now()
    assert records.fresh_at(session, "apr_2") is None
    if fault == "forgotten":
        records.use_fresh(session, "apr_1")
    else:
        records.sign_out(session.key)
    assert records.fresh_at(session, "apr_1") is None
