"""Signing in with an issuer: the code flow over real HTTP, and everything that must not get somebody in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from opswarden.apps.settings import OidcSettings
from opswarden.apps.web import records
from opswarden.apps.web.asked import FLOW_COOKIE, SESSION_COOKIE
from opswarden.tests.apps.web.browser import Browser, Page
from opswarden.tests.apps.web.conftest import Office, Opened
from opswarden.tests.doubles.oidc_sign_in import OidcSignIn

PUBLIC = "https://ops.example.com"
HOST = "ops.example.com"


class World:
    def __init__(self, office: Office, issuer: OidcSignIn) -> None:
        self.office = office
        self.issuer = issuer

    def browser(self) -> Browser:
        return Browser(self.office.app)

    def there(self, browser: Browser, approval_id: str = "") -> str:
        """The address that the browser is sent to."""
        page = browser.get(f"/oidc/start?approval={approval_id}" if approval_id else "/oidc/start")
        assert page.status == 303, page.text
        return page.header("location")

    def back(self, browser: Browser, url: str, **changed: str) -> Page:
        """The browser comes back; from another site it brings no strict cookie."""
        kept = browser.cookies.pop(SESSION_COOKIE, None)
        query = urlsplit(url).query
        page = browser.get(f"/oidc/callback?{query}")
        if kept is not None and SESSION_COOKIE not in browser.cookies:
            browser.cookies[SESSION_COOKIE] = kept
        return page

    def sign_in(self, email: str = "ana@example.com", browser: Browser | None = None) -> tuple[Browser, Page]:
        browser = browser or self.browser()
        url = self.issuer.consent(self.there(browser), email, self.office.clock.now())
        return browser, self.back(browser, url)


@pytest.fixture(scope="module")
def served() -> Iterator[OidcSignIn]:
    with OidcSignIn("opswarden", f"{PUBLIC}/oidc/callback") as issuer:
        yield issuer


@pytest.fixture
def world(opened: Opened, served: OidcSignIn) -> World:
    served.claims, served.alg, served.fault, served.secret = {}, "RS256", "", ""
    oidc = OidcSettings(issuer=served.url, audience="opswarden", roles={"sre": ("oncall",)})
    return World(opened(oidc, address=PUBLIC), served)


def test_somebody_whom_the_issuer_names_is_signed_in(world: World) -> None:
    browser, page = world.sign_in()
    assert page.status == 200
    assert 'content="0;url=/runs"' in page.body
    assert FLOW_COOKIE not in browser.cookies
    (line,) = [value for name, value in page.headers if name == "set-cookie" and value.startswith(f"{SESSION_COOKIE}=")]
    assert "SameSite=Strict" in line
    text = browser.get("/runs").text
    assert "ana" in text
    entry = world.office.installation.ledger.tail(1)[0]
    assert entry.body["identified_by"] == f"oidc:{world.issuer.url}"
    assert "Sign in with 127.0.0.1" in world.browser().get("/sign-in").text
    assert browser.get("/runs", host=HOST).status == 200
    assert "max-age" in browser.get("/runs").header("strict-transport-security")


def test_a_client_secret_is_sent_in_the_header(
    opened: Opened, served: OidcSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.claims, served.secret = {}, "s3cret-of-the-client"
    monkeypatch.setenv("CLIENT_SECRET", served.secret)
    oidc = OidcSettings(issuer=served.url, audience="opswarden")
    world = World(opened(oidc, address=PUBLIC, client_secret_env="CLIENT_SECRET"), served)
    assert world.sign_in()[1].status == 200
    monkeypatch.setenv("CLIENT_SECRET", "another")
    _, page = world.sign_in()
    assert (page.status, "another" in page.body) == (403, False)


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"nonce": "of another flow"}, 403),
        ({"nonce": None}, 403),
        ({"aud": "somebody-else"}, 403),
        ({"iss": "https://evil.example"}, 403),
        ({"exp": 1_000}, 403),
        ({"email_verified": False}, 403),
        ({"email": "stranger@example.com"}, 400),
        ({"email": None}, 403),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_does_not_count(world: World, claims: dict[str, Any], status: int) -> None:
    world.issuer.claims = claims
    browser, page = world.sign_in()
    assert page.status == status
    assert SESSION_COOKIE not in browser.cookies
    assert "stranger" not in page.body


def test_forged_and_broken_answers_do_not_count(world: World) -> None:
    for alg in ("HS256", "none"):
        world.issuer.alg = alg
        assert world.sign_in()[1].status == 403
    world.issuer.alg = "ES256"
    assert world.sign_in()[1].status == 200
    for fault, status in (("500", 502), ("html", 403), ("not-json", 502), ("huge", 502)):
        browser = world.browser()
        url = world.issuer.consent(world.there(browser), "ana@example.com", world.office.clock.now())
        world.issuer.fault = fault  # type: ignore[assignment] # one of the double's own words
        page = world.back(browser, url)
        assert page.status == status, fault
        assert "aGVsbG8" not in page.body
        world.issuer.fault = ""


def test_an_answer_counts_once_in_the_browser_that_asked_and_in_time(world: World) -> None:
    now = world.office.clock.now()
    browser = world.browser()
    url = world.issuer.consent(world.there(browser), "ana@example.com", now)
    # Somebody else's link (login CSRF), no cookie, another state.
    assert world.back(world.browser(), url).status == 403
    other = world.browser()
    world.there(other)
    assert world.back(other, url).status == 403
    assert world.back(browser, url.replace("state=", "state=x")).status == 403
    assert world.back(browser, url.replace("iss=http", "iss=xttp")).status == 403

    browser = world.browser()
    url = world.issuer.consent(world.there(browser), "ana@example.com", now)
    state = browser.cookies[FLOW_COOKIE]
    assert world.back(browser, url).status == 200
    browser.cookies[FLOW_COOKIE] = state
    assert world.back(browser, url).status == 403, "a second time"

    browser = world.browser()
    url = world.issuer.consent(world.there(browser), "ana@example.com", now)
    world.office.clock.advance(601)
    assert world.back(browser, url).status == 403, "too late"
    browser = world.browser()
    world.there(browser)
    state = browser.cookies[FLOW_COOKIE]
    denied = world.back(browser, f"{PUBLIC}/oidc/callback?error=access_denied&state={state}")
    assert (denied.status, "did not sign you in" in denied.text) == (403, True)


def test_the_verifier_is_not_in_what_the_browser_sees(world: World) -> None:
    browser = world.browser()
    there = world.there(browser)
    world.back(browser, world.issuer.consent(there, "ana@example.com", world.office.clock.now()))
    (sent,) = [asked for asked in world.issuer.asked if asked.path == "/token"][-1:]
    verifier = parse_qs(sent.raw.decode())["code_verifier"][0]
    assert verifier not in there
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert parse_qs(urlsplit(there).query)["code_challenge"] == [challenge]


class TestFreshSignIn:
    def test_it_is_bound_to_one_call_and_used_once(self, world: World) -> None:
        browser, _ = world.sign_in()
        browser.get("/runs")
        item, other = world.office.asks("production"), world.office.asks("production")
        page = browser.get(f"/approvals/{item.id}")
        assert "Sign in again to approve" in page.text
        form = {"answer": "approve", "note": ""}
        assert browser.post(f"/approvals/{item.id}", form).status == 403
        there = world.there(browser, item.id)
        asked = parse_qs(urlsplit(there).query)
        assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
        world.office.clock.advance(30)
        page = world.back(browser, world.issuer.consent(there, "ana@example.com", world.office.clock.now()))
        assert f'content="0;url=/approvals/{item.id}"' in page.body
        assert browser.post(f"/approvals/{other.id}", form).status == 403
        assert 'name="answer" value="approve"' in browser.get(f"/approvals/{item.id}").body
        assert browser.post(f"/approvals/{item.id}", form).status == 303
        (body,) = world.office.answers(item.id)
        assert body["fresh_sign_in_at"].startswith(f"{world.office.clock.now():%Y-%m-%dT%H:%M:%S}")
        assert body["role_sources"] == {"oncall": ["configuration", f"oidc:{world.issuer.url}"]}
        assert world.office.answers(other.id) == []

    def test_it_is_of_the_same_person_and_really_fresh(self, world: World) -> None:
        browser, _ = world.sign_in()
        browser.get("/runs")
        item, clock = world.office.asks("production"), world.office.clock
        form = {"answer": "approve", "note": ""}
        url = world.issuer.consent(world.there(browser, item.id), "bo@example.com", clock.now())
        page = world.back(browser, url)
        assert (page.status, "Somebody else signed in" in page.text) == (403, True)
        old = clock.now() - timedelta(minutes=20)
        there = world.there(browser, item.id)
        page = world.back(browser, world.issuer.consent(there, "ana@example.com", clock.now(), authenticated_at=old))
        assert (page.status, "just proved" in page.text) == (403, True)
        world.issuer.claims = {"auth_time": None}
        url = world.issuer.consent(world.there(browser, item.id), "ana@example.com", clock.now())
        assert world.back(browser, url).status == 403
        assert browser.post(f"/approvals/{item.id}", form).status == 403
        world.issuer.claims = {}
        url = world.issuer.consent(world.there(browser, item.id), "ana@example.com", clock.now())
        assert world.back(browser, url).status == 200
        clock.advance(301)
        assert browser.post(f"/approvals/{item.id}", form).status == 403, "too long ago"
        assert world.office.answers(item.id) == []

    def test_roles_of_a_token_are_good_as_long_as_tokens_are(self, world: World) -> None:
        browser, _ = world.sign_in("bo@example.com")
        browser.get("/runs")
        first, second = world.office.asks(), world.office.asks()
        browser.post(f"/approvals/{first.id}", {"answer": "approve"})
        assert f"oidc:{world.issuer.url}" in str(world.office.answers(first.id))
        for _ in range(2):
            world.office.clock.advance(1_801)
            browser.get("/runs")
        browser.post(f"/approvals/{second.id}", {"answer": "approve"})
        (body,) = world.office.answers(second.id)
        assert body["role_sources"]["oncall"] == ["configuration"]


def test_without_an_issuer_there_is_no_such_way(office: Office) -> None:
    assert Browser(office.app).get("/oidc/start").status == 404
    assert Browser(office.app).get("/oidc/callback?state=x&code=y").status == 403


def test_whoever_signs_in_there_comes_to_the_question_that_they_came_for(world: World) -> None:
    item = world.office.asks()
    browser = world.browser()
    page = browser.get(f"/approvals/{item.id}")
    assert f'href="/oidc/start?approval={item.id}"' in page.body
    there = world.there(browser, item.id)
    assert "prompt" not in parse_qs(urlsplit(there).query)
    page = world.back(browser, world.issuer.consent(there, "ana@example.com", world.office.clock.now()))
    assert f'content="0;url=/approvals/{item.id}"' in page.body
    assert "Your answer" in browser.get(f"/approvals/{item.id}").text
    assert 'href="/oidc/start"' in world.browser().get("/approvals/..%2f..").body


def test_nobody_is_kept_out_by_how_many_others_begin_to_sign_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_MOST_FLOWS", 30)
    ana, _ = world.sign_in()
    session = ana.cookies[SESSION_COOKIE]
    known = world.office.records.session_of(session)
    assert known is not None
    fresh = world.office.records.begin_flow(known.key, "apr_1")
    for _ in range(100):
        world.there(world.browser())
    assert "Sign out" in world.sign_in()[0].get("/runs").text
    assert world.office.records.end_flow(fresh) is not None
    states = [world.office.records.begin_flow(known.key, "apr_1") for _ in range(100)]
    (kept,) = (
        world.office.installation.database.connection()
        .execute("SELECT count(*) FROM web_flow WHERE session != ''")
        .fetchone()
    )
    assert kept == 20
    assert world.office.records.end_flow(states[-1]) is not None
