"""Who gets in, for how long, and what a page of another site can do: nothing."""

from __future__ import annotations

import http.client
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from opswarden.apps.people.callers import hash_of
from opswarden.apps.web.asked import SESSION_COOKIE
from opswarden.apps.web.front import HEADERS, MOST_BYTES
from opswarden.core.errors import LedgerError
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.web.browser import HOST, Browser
from opswarden.tests.apps.web.conftest import Office, Opened

PLACES = ("/", "/runs", "/approvals", "/ledger", "/ledger/1", "/budgets", "/quality", "/nothing")


@pytest.mark.parametrize("place", PLACES)
def test_nobody_sees_anything_before_they_have_signed_in(office: Office, place: str) -> None:
    page = Browser(office.app).get(place)
    assert page.status == 401
    assert "Sign in" in page.text
    assert "platform" not in page.text
    assert {name: page.header(name) for name, _ in HEADERS} == dict(HEADERS)


def test_a_token_signs_in_with_a_cookie_that_no_script_and_no_other_site_gets(office: Office) -> None:
    browser, token = Browser(office.app), office.token("ana")
    page = browser.post("/sign-in", {"token": token})
    assert (page.status, page.header("location")) == (303, "/runs")
    (line,) = [value for name, value in page.headers if name == "set-cookie" and value.startswith(f"{SESSION_COOKIE}=")]
    assert line.startswith("__Host-")
    assert {part.strip() for part in line.split(";")[1:]} == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
    assert "ana" in browser.get("/runs").text

    # Neither the token nor the cookie is anywhere in the records.
    with closing(sqlite3.connect(office.installation.state.database)) as database:
        dump = "\n".join(database.iterdump())
    assert token not in dump
    assert browser.cookies[SESSION_COOKIE] not in dump
    kinds = [(entry.kind, entry.body.get("by")) for entry in office.installation.ledger.tail(2)]
    assert kinds == [("token.made", "person:root"), ("person.signed_in", "person:ana")]


@pytest.mark.parametrize("token", ["", "x", "opsw_" + "A" * 43, "ü" * 40, "\ud800".encode("utf-8", "replace").decode()])
def test_other_tokens_do_not(office: Office, token: str) -> None:
    browser = Browser(office.app)
    assert browser.post("/sign-in", {"token": token}).status == 403
    assert SESSION_COOKIE not in browser.cookies


def test_one_address_may_fail_ten_times_and_others_go_on(office: Office) -> None:
    browser, token = Browser(office.app), office.token("ana")
    assert [browser.post("/sign-in", {"token": "wrong"}).status for _ in range(11)] == [403] * 10 + [429]
    refused = browser.post("/sign-in", {"token": token})
    assert (refused.status, refused.header("retry-after")) == (429, "300")
    assert Browser(office.app, address="127.0.0.2").sign_in(token).status == 303
    office.clock.advance(301)
    assert browser.sign_in(token).status == 303


def test_a_sign_in_ends_with_time_with_sign_out_and_when_it_is_taken_back(office: Office) -> None:
    browser, token = office.as_person("ana")
    for _ in range(4):
        office.clock.advance(3_000)
        assert browser.get("/runs").status == 200
    office.clock.advance(3_601)
    assert browser.get("/runs").status == 401
    assert browser.sign_in(token).status == 303
    office.clock.advance(60)
    for _ in range(16):  # never idle, and over all the same
        office.clock.advance(1_900)
        browser.get("/runs")
    assert browser.get("/runs").status == 401

    browser, token = office.as_person("ana")
    other, _ = office.as_person("ana")
    assert browser.post("/sign-out").status == 303
    assert (browser.get("/runs").status, other.get("/runs").status) == (401, 200)
    assert office.records.revoke("ana", "person:root") > 0
    assert (other.get("/runs").status, browser.sign_in(token).status) == (401, 403)
    office.clock.advance(13 * 3_600)
    _, token = office.as_person("bo")
    office.clock.advance(12 * 3_600)
    assert browser.sign_in(token).status == 403, "a token has its time"


def test_forms_of_other_pages_and_names_are_refused(office: Office) -> None:
    browser, _ = office.as_person("ana")
    item = office.asks()
    form, place = {"answer": "deny", "note": "n"}, f"/approvals/{item.id}"
    for headers in (
        {"origin": ""},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://["},
        {"origin": f"http://{HOST}/x"},
        {"origin": f"http://evil.example:80@{HOST}"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert browser.post(place, form, **headers).status == 403, headers
    assert browser.get("/runs", host="evil.example").status == 421
    assert browser.post(place, form, host="evil.example", origin="http://evil.example").status == 421
    assert browser.ask("PUT", place).status == 405
    assert browser.ask("DELETE", place).status == 405
    for key in ("", "0" * 64, office.as_person("ana")[0].key):
        assert browser.post(place, {**form, "key": key}).status == 400
    assert browser.post(place, {"note": "x" * MOST_BYTES}).status == 413
    assert browser.post(place, {f"f{number}": "" for number in range(30)}).status == 400
    assert browser.post("/sign-out", {"key": ""}).status == 400
    assert office.installation.approvals.get(item.id).state == "pending"
    assert browser.post(place, form).status == 303


def test_it_can_be_mounted_below_another_path(office: Office) -> None:
    browser = Browser(office.app, base="/web")
    assert browser.post("/sign-in", {"token": office.token("ana")}).header("location") == "/web/runs"
    page = browser.get("/runs")
    assert page.status == 200
    assert 'href="/runs' not in page.body
    assert f'href="/web/runs/{office.run_id}"' in page.body


def test_whoever_is_no_longer_listed_is_out(office: Office) -> None:
    browser, _ = office.as_person("ana")
    people = office.installation.settings.people
    gone = people.pop("ana")
    try:
        assert browser.get("/runs").status == 401
    finally:
        people["ana"] = gone


def test_a_dead_database_is_said_and_nothing_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _ = office.as_person("ana")

    def dead(*_: object, **__: object) -> None:
        raise LedgerError("the ledger cannot be read", remedy="check the disk")

    monkeypatch.setattr(type(office.installation.ledger), "tail", dead)
    page = browser.get("/runs")
    assert page.status == 503
    assert "check the disk" in page.text

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret text")

    monkeypatch.setattr(type(office.installation.ledger), "tail", broken)
    page = browser.get("/runs")
    assert page.status == 500
    assert "secret" not in page.body


class TestCommands:
    def test_tokens_are_for_listed_people_and_can_be_taken_back(self, cli: Cli, write_settings: object) -> None:
        assert callable(write_settings)
        write_settings('[people.ana]\nroles = ["oncall"]\n')
        said = cli("web", "token", "ana")
        assert said.code == 0
        assert said.out.startswith("opsw_")
        assert "good for 12 hours" in said.err
        assert cli("web", "token", "nobody").code == 2
        assert cli("web", "revoke", "ana").out.startswith("1 tokens")
        assert "nothing" in cli("web", "revoke", "ana").out
        assert "token.made" in cli("audit", "tail").out

    def test_other_machines_are_not_served_without_tls(self, cli: Cli) -> None:
        said = cli("web", "--listen", "0.0.0.0:0")
        assert (said.code, "without TLS" in said.err) == (2, True)


def test_metrics_are_for_this_machine_or_for_a_token(opened: Opened) -> None:
    office = opened(hosts=("ops.example.com",))
    browser = Browser(office.app)
    assert browser.get("/metrics").header("content-type").startswith("text/plain; version=0.0.4")
    # A proxy on this machine hands on what strangers ask.
    assert browser.get("/metrics", host="ops.example.com").status == 401
    assert browser.get("/metrics").status == 200
    assert browser.get("/metrics", host="localhost").status == 200
    assert Browser(office.app, address="10.0.0.7").get("/metrics").status == 401
    assert browser.get("/metrics", host="evil.example").status == 421

    token = "a-token-for-prometheus-alone"
    browser = Browser(opened(metrics_tokens=(f"sha256:{hash_of(token).hex()}",)).app, address="10.0.0.7")
    assert browser.get("/metrics").status == 401
    assert browser.get("/metrics", authorization="Bearer another-token-of-somebody").status == 401
    page = browser.get("/metrics", authorization=f"Bearer {token}")
    assert (page.status, 'opswarden_reports_total{verdict="cause_found"} 1' in page.body) == (200, True)


def test_the_service_serves_the_pages_beside_its_webhooks(home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = "from opswarden.apps.cli.main import main; main()"
    options = ("serve", "--only-take", "--http=127.0.0.1:0", f"--web=127.0.0.1:{port}")
    process = subprocess.Popen([sys.executable, "-c", script, *options], stderr=subprocess.PIPE, text=True, cwd=home)
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == f"web view on port {port}\n"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/runs")
        answer = connection.getresponse()
        assert (answer.status, b"Sign in" in answer.read()) == (401, True)
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_pages_end_in_order_when_they_are_asked_to(home: Path) -> None:
    script = "from opswarden.apps.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "web", "--listen=127.0.0.1:0"], stderr=subprocess.PIPE, text=True, cwd=home
    )
    try:
        assert process.stderr is not None
        while "stop it with Ctrl-C" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stderr.read() == "stopped\n"
    finally:
        process.kill()
        process.communicate()


def test_a_link_from_elsewhere_leads_to_what_it_names(office: Office) -> None:
    browser, token = office.as_person("ana")
    item = office.asks()
    place, kept = f"/approvals/{item.id}", dict(browser.cookies)
    browser.cookies.clear()  # which a browser does not send along with a link of another site
    page = browser.get(place, **{"sec-fetch-site": "cross-site"})
    assert (page.status, f'content="0;url={place}"' in page.body) == (200, True)
    browser.cookies.update(kept)
    assert "Your answer" in browser.get(place, **{"sec-fetch-site": "same-origin"}).text

    stranger = Browser(office.app)
    page = stranger.get(f"{place}?a=b")
    assert (page.status, f'name="then" value="{place}?a=b"' in page.body) == (401, True)
    page = stranger.post("/sign-in", {"token": "wrong", "then": place})
    assert f'name="then" value="{place}"' in page.body
    assert stranger.post("/sign-in", {"token": token, "then": place}).header("location") == place


@pytest.mark.parametrize(
    "then", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "/%0d%0a?:@"]
)
def test_nothing_leads_elsewhere(office: Office, then: str) -> None:
    browser, token = Browser(office.app), office.token("ana")
    assert browser.post("/sign-in", {"token": token, "then": then}).header("location") == "/runs"
    page = Browser(office.app).get(f"{then}x" if then.startswith("/") else "/runs", **{"sec-fetch-site": "cross-site"})
    assert "url=//" not in page.body
    assert "url=/\\" not in page.body
    assert "url=https" not in page.body
