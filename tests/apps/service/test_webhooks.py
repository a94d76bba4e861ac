"""Whoever may send is acknowledged after what they send is kept, once; everybody else gets one line."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.service import front as front_module
from opswarden.apps.service.front import Front
from opswarden.apps.service.settings import ServiceSettings, WebhookSettings
from opswarden.apps.settings import Settings
from opswarden.core.clock import FixedClock
from opswarden.core.errors import ConfigError, LedgerError

TOKEN, KEY = "t" * 32, "k" * 32
NOW = datetime(2031, 5, 6, 12, tzinfo=UTC)
CLOCK = FixedClock(NOW)
BEARER = {"authorization": f"Bearer {TOKEN}"}


def webhook(kind: str, **more: Any) -> WebhookSettings:
    own = {"kind": kind, "environment": "prod", "token_env": "HOOK_TOKEN", **more}
    return WebhookSettings.model_validate({key: value for key, value in own.items() if value is not None})


SIGNED = {"token_env": None, "signing_env": "HOOK_KEY"}
WEBHOOKS = {
    "alertmanager": webhook("alertmanager", team="payments"),
    "grafana": webhook("grafana", **SIGNED, timestamp_header="X-Time"),
    "pager": webhook("pagerduty", **SIGNED),
    "genie": webhook("opsgenie"),
    "own": webhook(
        "generic",
        request_kb=1,
        mapping={
            "alerts": "items",
            "name": "what.title",
            "entity": "hosts.0",
            "severity": "level",
            "status": "state",
            "started": "at",
            "fingerprint": "id",
        },
    ),
    "halves": webhook("alertmanager"),
    "genies": webhook("opsgenie"),
    "times": webhook("generic", mapping={"name": "title", "started": "at", "fingerprint": "id"}),
    "wide": webhook("generic", mapping={"alerts": "items", "name": "what.title", "started": "at", "fingerprint": "id"}),
    "slow": webhook("generic", per_minute=1),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str, Front]]:
    """A front that all tests of this file share; none of them counts what others have sent."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.delenv("OPSWARDEN_SOAK", raising=False)
        patch.setenv("HOOK_TOKEN", TOKEN)
        patch.setenv("HOOK_KEY", KEY)
        state = tmp_path_factory.mktemp("front") / "state"
        settings = Settings(state_dir=state, webhooks=WEBHOOKS, service=ServiceSettings())
        installation = stack.enter_context(open_installation(settings, CLOCK))
        front = Front(installation)
        server = stack.enter_context(front.server("127.0.0.1", 0))
        yield installation, f"http://127.0.0.1:{server.port}", front


@pytest.fixture
def url(served: tuple[Installation, str, Front]) -> str:
    return served[1]


def post(url: str, name: str, body: Any, headers: dict[str, str] | None = None) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx2.post(f"{url}/webhooks/{name}", content=content, headers=BEARER if headers is None else headers)


def kept(served: tuple[Installation, str, Front], source: str) -> list[dict[str, Any]]:
    arrivals = served[2].arrivals
    found = [arrivals.read(each) for each in arrivals.waiting()]
    return [dict(each.body) for each in found if each.source == f"webhook/{source}"]


def fired(
    fingerprint: str, status: str = "firing", began: str = "2031-05-06T11:58:00Z", **labels: str
) -> dict[str, Any]:
    """One alert of Alertmanager's webhook, version 4."""
    return {
        "status": status,
        "labels": {"alertname": "HighLatency", "service": "gateway", "severity": "critical", **labels},
        "annotations": {"summary": "slow for mia@example.com"},
        "startsAt": began,
        "endsAt": "2031-05-06T11:59:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph?g0.expr=rate%28latency_seconds_sum%5B5m%5D%29+%3E+1",
        "fingerprint": fingerprint,
    }


def grouped(*alerts: dict[str, Any]) -> dict[str, Any]:
    return {"version": "4", "groupKey": "{}", "status": "firing", "receiver": "opswarden", "alerts": list(alerts)}


def test_each_alert_of_a_group_is_kept_once_and_what_is_new_about_it_again(
    served: tuple[Installation, str, Front], url: str
) -> None:
    group = grouped(fired("f1"), fired("f2", service="cart"))
    first = post(url, "alertmanager", group)
    assert (first.status_code, first.json()) == (202, {"accepted": 2, "new": 2})
    assert post(url, "alertmanager", group).json() == {"accepted": 2, "new": 0}
    over, again = fired("f1", "resolved"), fired("f1", began="2031-05-06T11:59:30Z")
    assert post(url, "alertmanager", grouped(over, again)).json() == {"accepted": 2, "new": 2}
    bodies = kept(served, "alertmanager")
    assert len(bodies) == 4
    assert {(body["team"], body["environment"]) for body in bodies} == {("payments", "prod")}
    alert = next(body["alert"] for body in bodies if body["alert"]["entity"] == "cart")
    assert (alert["name"], alert["severity"], alert["metric"]) == ("HighLatency", "critical", "latency_seconds_sum")
    assert sorted(body["alert"]["status"] for body in bodies) == ["firing", "firing", "firing", "resolved"]


def signed(body: bytes, prefix: str = "", moment: str = "") -> str:
    whole = moment.encode() + b":" + body if moment else body
    return prefix + hmac.new(KEY.encode(), whole, hashlib.sha256).hexdigest()


def pagerduty(event: str, kind: str) -> dict[str, Any]:
    """The example of PagerDuty's documentation, shortened."""
    incident = {
        "id": "PT4KHLK",
        "type": "incident",
        "number": 1234,
        "created_at": "2031-05-06T11:57:00Z",
        "title": "The server is on fire.",
        "service": {"id": "PIJ90N7", "summary": "gateway", "type": "service_reference"},
        "urgency": "high",
        "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"},
    }
    return {"event": {"id": event, "event_type": kind, "resource_type": "incident", "data": incident}}


def test_pagerduty_is_believed_by_its_signature_alone(served: tuple[Installation, str, Front], url: str) -> None:
    body = json.dumps(pagerduty("01A", "incident.triggered")).encode()
    # While a key is changed there are two signatures.
    both = {"x-pagerduty-signature": f"v1={'0' * 64},{signed(body, 'v1=')}"}
    assert post(url, "pager", body, both).json() == {"accepted": 1, "new": 1}
    assert post(url, "pager", body, both).json() == {"accepted": 1, "new": 0}
    assert post(url, "pager", body + b" ", both).status_code == 401
    assert post(url, "pager", body, BEARER).status_code == 401
    noted = json.dumps(pagerduty("01B", "incident.annotated")).encode()
    answer = post(url, "pager", noted, {"x-pagerduty-signature": signed(noted, "v1=")})
    assert (answer.status_code, answer.json()["accepted"]) == (202, 0)
    (found,) = kept(served, "pager")
    assert (found["alert"]["fingerprint"], found["alert"]["entity"], found["alert"]["severity"]) == (
        "PT4KHLK",
        "gateway",
        "critical",
    )


def test_grafanas_signature_covers_the_time_and_grows_old(served: tuple[Installation, str, Front], url: str) -> None:
    body = json.dumps({**grouped(fired("g1")), "version": "1", "orgId": 1}).encode()

    def headers(age_s: int) -> dict[str, str]:
        moment = str(int(NOW.timestamp()) - age_s)
        return {"x-grafana-alerting-signature": signed(body, moment=moment), "x-time": moment}

    assert post(url, "grafana", body, headers(299)).status_code == 202
    assert post(url, "grafana", body, headers(301)).status_code == 401
    assert post(url, "grafana", body, {**headers(0), "x-time": "1"}).status_code == 401
    assert post(url, "grafana", body, {"x-grafana-alerting-signature": signed(body)}).status_code == 401


def test_opsgenie_and_mapped_json_become_the_same_kind_of_alert(
    served: tuple[Installation, str, Front], url: str
) -> None:
    alert = {"alertId": "a1", "alias": "disk", "message": "disk full", "entity": "db", "priority": "P2"}
    created = {"action": "Create", "alert": {**alert, "createdAt": 1_935_921_600_000, "updatedAt": 1}}
    assert post(url, "genie", created).json() == {"accepted": 1, "new": 1}
    assert post(url, "genie", {**created, "action": "AddNote"}).json() == {"accepted": 0, "new": 0}
    assert post(url, "genie", {**created, "action": "Close"}).json() == {"accepted": 1, "new": 1}
    found = [body["alert"] for body in kept(served, "genie")]
    assert {(each["fingerprint"], each["entity"], each["severity"]) for each in found} == {("disk", "db", "high")}
    assert sorted(each["status"] for each in found) == ["firing", "resolved"]
    item = {"what": {"title": "queue"}, "hosts": ["broker"], "level": "Warning", "at": 1_935_921_600, "id": 7}
    assert post(url, "own", {"items": [item, {**item, "state": "OK"}]}).json() == {"accepted": 2, "new": 2}
    own = [body["alert"] for body in kept(served, "own")]
    found = [each for each in own if each["fingerprint"] == "7"]
    assert {(each["name"], each["entity"], each["severity"], each["fingerprint"]) for each in found} == {
        ("queue", "broker", "Warning", "7")
    }
    assert sorted(each["status"] for each in found) == ["firing", "resolved"]


REFUSED: list[tuple[str, str, Any, dict[str, str] | None, int]] = [
    ("nobody", "own", {}, {}, 401),
    ("a wrong token", "own", {}, {"authorization": f"Bearer {TOKEN}x"}, 401),
    ("another scheme", "own", {}, {"authorization": f"Basic {TOKEN}"}, 401),
    ("too much", "own", b"x" * 1_025, None, 413),
    ("far too much", "own", b"x" * 2_000_000, None, 413),
    ("no JSON", "own", b"\xff{", None, 400),
    ("deep JSON", "alertmanager", b"[" * 60_000, None, 400),
    ("JSON of another form", "own", {"items": {"a": 1}}, None, 400),
    ("an alert without a name", "own", {"items": [{"id": 1}]}, None, 400),
    ("no time", "own", {"items": [{"what": {"title": "a"}, "id": 1, "at": "noon"}]}, None, 400),
    ("no alert", "alertmanager", {"alerts": []}, None, 400),
    ("half an event", "genie", {"action": "Create"}, None, 400),
]


@pytest.mark.parametrize(
    ("name", "body", "headers", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_is_not_as_agreed_is_refused_in_one_line_without_its_text(
    url: str, name: str, body: Any, headers: dict[str, str] | None, status: int
) -> None:
    answer = post(url, name, body, headers)
    assert answer.status_code == status, answer.text
    assert len(answer.text.splitlines()) == 1
    assert "xxx" not in answer.text
    assert answer.json()["error"]


def test_hostile_text_is_kept_as_text(served: tuple[Installation, str, Front], url: str) -> None:
    name = "'; DROP TABLE arrival; --\u202e<script>\ud83d"
    item = {"what": {"title": name}, "id": "h", "at": None, "hosts": {"0": {"0": 1}}}
    body = json.dumps({"items": [item]}).encode()
    assert post(url, "own", body).status_code == 202
    (found,) = [each["alert"] for each in kept(served, "own") if each["alert"]["fingerprint"] == "h"]
    assert (found["name"], found["entity"]) == (name.replace("\ud83d", "?"), "")


def test_whoever_sends_too_much_is_put_off(url: str) -> None:
    assert post(url, "slow", {"name": "a"}).status_code == 202
    answer = post(url, "slow", {"name": "b"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")


def test_what_cannot_be_kept_is_not_acknowledged(
    served: tuple[Installation, str, Front], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise LedgerError("the disk is full")

    assert httpx2.get(f"{url}/readyz").status_code == 200
    monkeypatch.setattr(served[2].arrivals, "accept", full)
    assert post(url, "alertmanager", grouped(fired("late"))).status_code == 503
    monkeypatch.setattr(served[2].arrivals, "count_waiting", full)
    answer = httpx2.get(f"{url}/readyz")
    assert (answer.status_code, answer.json()) == (503, {"error": "the database does not answer"})
    assert httpx2.get(f"{url}/healthz").status_code == 200


def test_while_it_stops_it_says_so(served: tuple[Installation, str, Front], monkeypatch: pytest.MonkeyPatch) -> None:
    other = Front(served[0])
    with other.server("127.0.0.1", 0) as server:
        other.stop()
        assert httpx2.get(f"http://127.0.0.1:{server.port}/readyz").status_code == 503


def test_webhooks_without_a_secret_or_an_environment_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPSWARDEN_SOAK", raising=False)
    monkeypatch.setenv("HOOK_TOKEN", "short")
    for settings, why in ((webhook("generic"), "secret"), (webhook("generic", environment=None), "secret")):
        installation = open_installation(Settings(state_dir=tmp_path / "state", webhooks={"own": settings}), CLOCK)
        with installation, pytest.raises(ConfigError, match=why):
            front_module.Front(installation)
    monkeypatch.setenv("HOOK_TOKEN", TOKEN)
    nowhere = Settings(state_dir=tmp_path / "state", webhooks={"own": webhook("generic", environment=None)})
    with open_installation(nowhere, CLOCK) as installation, pytest.raises(ConfigError, match="no system"):
        front_module.Front(installation)


HALF = "\ud800"


@pytest.mark.parametrize(
    "alert",
    [
        {**fired("h1"), "labels": {"alertname": f"Slow{HALF}", HALF: HALF}},
        {**fired("h2"), "annotations": {"summary": HALF}},
        fired(f"h3{HALF}"),
        {**fired("h4"), "generatorURL": f"http://prometheus/graph?g0.expr={HALF}up"},
    ],
    ids=["label", "summary", "fingerprint", "expression"],
)
def test_half_of_a_character_in_one_alert_keeps_no_other_of_its_group_out(url: str, alert: dict[str, Any]) -> None:
    answer = post(url, "halves", grouped(alert, fired(f"beside {alert['fingerprint'][:2]}")))
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "new": 2})


def test_what_is_too_large_to_keep_is_not_asked_for_again(url: str) -> None:
    labels = {f"l{number}": "\U0001f600" * 4_096 for number in range(63)}
    body = json.dumps(grouped({**fired("big"), "labels": {"alertname": "Slow", **labels}}), ensure_ascii=False).encode()
    assert len(body) < 1024 * 1024
    assert post(url, "halves", body).status_code == 413


def test_two_alerts_are_never_taken_for_one(served: tuple[Installation, str, Front], url: str) -> None:
    for alias in ("one", "two"):
        alert = {"alias": alias, "message": "m"}
        assert post(url, "genies", {"action": "Create", "alert": alert}).json() == {"accepted": 1, "new": 1}
    long = [{"what": {"title": "t"}, "id": "x" * 600 + end, "at": 1} for end in ("a", "b")]
    answers = [post(url, "wide", {"items": [item]}).json() for item in long]
    assert answers == [{"accepted": 1, "new": 1}] * 2
    assert len({body["alert"]["fingerprint"] for body in kept(served, "wide")}) == 2


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00Z", -62_135_596_800, 1])
def test_a_time_that_is_none_is_the_time_of_arrival(
    served: tuple[Installation, str, Front], url: str, said: str | int
) -> None:
    assert post(url, "times", {"title": "t", "id": f"at {said}", "at": said}).status_code == 202
    began = [body["alert"]["began"] for body in kept(served, "times") if body["alert"]["fingerprint"] == f"at {said}"]
    assert [datetime.fromisoformat(each) for each in began] == [NOW]
