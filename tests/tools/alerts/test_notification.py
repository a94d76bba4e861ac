"""An alert is read out of whatever form it is handed over in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.errors import InputError
from opswarden.tools.alerts.notification import metric_of, read_notification

ALERT = {
    "status": "firing",
    "labels": {"alertname": "OvenHot", "service": "oven", "severity": "critical"},
    "annotations": {"summary": "too hot", "runbook_url": "https://pages.example/oven"},
    "startsAt": "2031-05-06T12:00:00.123456Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example/graph?g0.expr=max+by+%28service%29+%28oven_heat_celsius%7Bzone%3D%22a%22%7D%29+%3E+300&g0.tab=1",
}


@pytest.mark.parametrize(
    "document",
    [
        {"version": "4", "status": "firing", "alerts": [ALERT]},
        ALERT,
        [ALERT],
        {"status": "success", "data": {"alerts": [{**ALERT, "state": "firing", "activeAt": ALERT["startsAt"]}]}},
        [{**ALERT, "status": {"state": "active", "silencedBy": []}, "endsAt": "2031-05-06T12:40:00Z"}],
        [{**ALERT, "startsAt": "2031-05-06T14:00:00.123456+02:00"}],
    ],
)
def test_every_form_says_the_same(document: Any) -> None:
    (alert,) = read_notification(json.dumps(document).encode())
    assert (alert.name, alert.labels["service"], alert.summary) == ("OvenHot", "oven", "too hot")
    assert alert.began == datetime(2031, 5, 6, 12, 0, 0, 123456, tzinfo=UTC)
    assert alert.runbook_url == "https://pages.example/oven"
    assert alert.metric == "oven_heat_celsius"
    assert alert.firing


def test_what_fires_comes_first_and_the_oldest_of_it() -> None:
    later = {**ALERT, "startsAt": "2031-05-06T12:30:00Z", "labels": {"alertname": "Later"}}
    over = {
        **ALERT,
        "status": "resolved",
        "startsAt": "2031-05-06T11:00:00Z",
        "endsAt": "2031-05-06T11:30:00Z",
        "labels": {"alertname": "Over"},
    }
    found = read_notification(json.dumps({"alerts": [over, later, ALERT]}).encode())
    assert [alert.name for alert in found] == ["OvenHot", "Later", "Over"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"7",
        b"[]",
        b'{"alerts": 3}',
        b'{"labels": {"alertname": "X"}}',
        b'{"labels": {"alertname": ""}, "startsAt": "2031-05-06T12:00:00Z"}',
        b'{"labels": {"alertname": "X"}, "startsAt": "0001-01-01T00:00:00Z"}',
        b'{"labels": [1], "startsAt": "2031-05-06T12:00:00Z"}',
        b" " * 2_000_001,
    ],
)
def test_what_is_no_alert_is_refused(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_notification(content)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("expression", "metric"),
    [
        ("up == 0", "up"),
        ("rate(http_requests_total[5m]) > 3", "http_requests_total"),
        ('sum by (job, instance) (rate(errors_total{code=~"5.."}[5m])) / sum(x)', "errors_total"),
        ("sum(rate(a_total[1m])) by (job)", "a_total"),
        ("histogram_quantile(0.99, sum by (le) (rate(lat_seconds_bucket[5m])))", "lat_seconds_bucket"),
        ('absent(job:x:rate5m{a="b by (c)"} offset 5m)', "job:x:rate5m"),
        ("1 > bool 2", None),
        ("", None),
        ("vector(1)", None),
    ],
)
def test_the_metric_of_an_expression(expression: str, metric: str | None) -> None:
    assert metric_of(expression) == metric


@given(st.text(alphabet=st.sampled_from("abc_:{}[]()\"'`\\ 05.,=~by")))
def test_any_text_is_an_expression_of_something_or_nothing(expression: str) -> None:
    assert metric_of(expression) is None or metric_of(expression) in expression
