"""CloudWatch's metrics on moto's server, a declared double of AWS, and its pages and refusals on one of our own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from pydantic import ValidationError

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.aws_api import AwsSigning, is_busy
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tools.metrics.backends.cloudwatch import CloudwatchMetrics
from opswarden.tools.metrics.backends.cloudwatch_check import CloudwatchCheck
from opswarden.tools.metrics.backends.cloudwatch_settings import CloudwatchSettings

from .conformance import CHECKS, MINUTE, Make, sample

LATER = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")


def backend_at(url: str, folder: Path, now: datetime, **more: Any) -> CloudwatchMetrics:
    wanted = {"region": "eu-west-1", "environment": "test", "namespaces": ("Shop",), "shared_s": 0}
    made = CloudwatchSettings.model_validate({"url": url, **wanted, **more})
    signing = AwsSigning("the test's", made, "monitoring", lambda: datetime.now(UTC))
    client = SystemClient("the test's", made, folder / "l", sleep=lambda _: None, signing=signing, is_busy=is_busy)
    return CloudwatchMetrics(client, made, FixedClock(now))


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    pytest.importorskip("moto")
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    yield url, boto3.client("cloudwatch", region_name="eu-west-1", endpoint_url=url, **keys)
    server.stop()


@pytest.fixture
def filled(moto: Any, tmp_path: Path, start: datetime, request: pytest.FixtureRequest) -> Callable[..., Any]:
    url, aws = moto
    made = 0

    def fill(rows: Sequence[Mapping[str, Any]], **more: Any) -> CloudwatchMetrics:
        nonlocal made
        made += 1
        # moto looks for values by their dimensions alone, whatever the namespace.
        urlopen(f"{url}/moto-api/reset", data=b"").close()  # noqa: S310 - of this machine
        namespace = f"Shop/{abs(hash(request.node.name))}/{made}"
        told = [
            {
                "MetricName": row["metric"],
                "Dimensions": [{"Name": "service", "Value": row["entity"]}]
                + [{"Name": name, "Value": value} for name, value in row["labels"]],
                # A value stands at the end of its period, and CloudWatch names a period after its beginning.
                "Timestamp": row["ts"] - MINUTE,
                "Value": row["value"],
            }
            for row in rows
            if isfinite(row["value"])  # Amazon takes no others
        ]
        if told:
            aws.put_metric_data(Namespace=namespace, MetricData=told)
        return backend_at(url, tmp_path, start + LATER, namespaces=(namespace,), **more)

    return fill


@pytest.mark.parametrize("check", CHECKS)
def test_moto(
    check: Callable[[Make, datetime, Deadline], None],
    filled: Callable[..., Any],
    start: datetime,
    deadline: Deadline,
) -> None:
    check(filled, start, deadline)


def test_counts_are_rates_and_the_last_minutes_wait(
    filled: Callable[..., CloudwatchMetrics], start: datetime, deadline: Deadline
) -> None:
    rows = [
        *(sample(start + MINUTE, value, metric="RequestCount") for value in (20.0, 40.0)),
        sample(start + timedelta(minutes=59), 7.0, "shop/till/blue"),
    ]
    backend = filled(rows, entities={"shop/*/blue": "*"})
    found = {
        (key.metric, key.labels, key.entity): values.tolist()
        for key, _, values in backend.series(start, start + LATER, deadline)
    }
    assert found["RequestCount", (), "oven"] == [1.0]
    assert not any(key[0] == "heat" for key in found), "CloudWatch may still add to it"
    assert backend.entities(deadline) == ("oven", "till")
    settled = filled(rows, lag_s=0, statistics={"Request*": ("Maximum",)}, entities={"shop/*/blue": "*"})
    series = {key.metric: (key, values.tolist()) for key, _, values in settled.series(start, start + LATER, deadline)}
    assert series["RequestCount"][1] == [40.0]
    assert (series["heat"][0].entity, series["heat"][0].labels) == ("till", (("service", "shop/till/blue"),))


def test_doctor_asks_as_a_triage_does(filled: Callable[..., CloudwatchMetrics], start: datetime) -> None:
    now = start + LATER
    rows = [sample(now - step * MINUTE, float(step), entity) for step in range(1, 30) for entity in ("oven", "till")]
    looked_at = CloudwatchCheck(filled(rows, lag_s=0), FixedClock(now))
    deadline = Deadline(FixedClock(now), 60)
    found = {one.aspect: (one.state, one.text) for one in looked_at.look(deadline)}
    assert set(found) == {"reach", "size", "labels", "freshness"}
    assert {state for state, _ in found.values()} == {"ok"}
    assert "2 series" in found["size"][1]
    assert [one.state for one in looked_at.conformance(deadline)] == ["ok", "ok"]
    nothing = CloudwatchCheck(filled([]), FixedClock(now))
    assert [one.state for one in nothing.look(deadline)] == ["ok", "warning"]


def served(*documents: Any) -> AilingServer:
    return AilingServer(*(ailing.answer(json.dumps(document).encode()) for document in documents))


def listed(number: int) -> dict[str, Any]:
    return {"MetricName": "heat", "Dimensions": [{"Name": "service", "Value": f"s{number}"}]}


def told(place: int, values: Sequence[float], at: datetime, status: str = "Complete") -> dict[str, Any]:
    moments = [at.timestamp() + 60 * step for step in range(len(values))]
    return {"Id": f"m{place}", "Timestamps": moments, "Values": list(values), "StatusCode": status}


def test_of_times_quantiles_are_asked(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    # moto computes none.
    one = {"MetricName": "TargetResponseTime", "Dimensions": [{"Name": "service", "Value": "oven"}]}
    server = served({"Metrics": [one]}, {"MetricDataResults": [told(0, [0.1], start), told(1, [0.9], start)]})
    found = backend_at(server.url, tmp_path, start + LATER).series(start, start + 10 * MINUTE, deadline)
    assert [(key.kind, key.labels, values.tolist()) for key, _, values in found] == [
        ("histogram", (("quantile", "0.5"),), [0.1]),
        ("histogram", (("quantile", "0.99"),), [0.9]),
    ]
    asked = json.loads(server.requests[1].partition(b"\r\n\r\n")[2])
    assert [query["MetricStat"]["Stat"] for query in asked["MetricDataQueries"]] == ["p50", "p99"]
    server.close()


def test_lists_and_values_come_in_pages(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    server = served(
        {"Metrics": [listed(0)], "NextToken": "more"},
        {"Metrics": [listed(1)]},
        {"MetricDataResults": [told(0, [1.0, 2.0], start, "PartialData")], "NextToken": "on"},
        {"MetricDataResults": [told(0, [3.0], start + 2 * MINUTE), told(1, [4.0], start)]},
    )
    found = backend_at(server.url, tmp_path, start + LATER).series(start, start + 10 * MINUTE, deadline)
    assert {key.entity: values.tolist() for key, _, values in found} == {"s0": [1.0, 2.0, 3.0], "s1": [4.0]}
    asked = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]
    assert [one.get("NextToken") for one in asked] == [None, "more", None, "on"]
    assert asked[0]["RecentlyActive"] == "PT3H"
    server.close()


def test_errors_tell_what_to_do_and_half_is_nothing(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    one = {"Metrics": [listed(0)]}
    cases: list[tuple[tuple[Any, ...], str]] = [
        ((one, {"MetricDataResults": [told(0, [1.0], start, "PartialData")]}), "answered in part"),
        ((one, {"MetricDataResults": [told(0, [1.0], start, "InternalError")]}), "answered in part"),
        ((one, {"MetricDataResults": [told(7, [1.0], start)]}), "else than metrics"),
        ((one, {"MetricDataResults": [{"Id": "m0", "Timestamps": [1], "Values": ["PLANTED"]}]}), "else than metrics"),
        (({"Metrics": [{"PLANTED": 1}]},), "else than metrics"),
        (({"Metrics": [listed(place) for place in range(9)]},), "more than 5 series"),
        (({"Metrics": [], "NextToken": "PLANTED"},), "does not stop answering"),
        (([],), "no service of AWS"),
    ]
    for documents, expected in cases:
        server = served(*documents)
        with pytest.raises(BackendError, match=expected) as caught:
            backend_at(server.url, tmp_path, start + LATER, most_series=5).series(start, start + MINUTE, deadline)
        assert "PLANTED" not in str(caught.value) + caught.value.remedy
        assert caught.value.remedy
        server.close()
    busy = AilingServer(
        ailing.answer(b'{"__type":"Throttling"}', "400 No"), ailing.answer(json.dumps({"Metrics": []}).encode())
    )
    assert len(backend_at(busy.url, tmp_path, start + LATER).series(start, start + MINUTE, deadline)) == 0
    assert len(busy.requests) == 2
    busy.close()


def test_the_signature_is_the_one_that_botocore_makes(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    pytest.importorskip("botocore")
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    server = served({"Metrics": []})
    url = server.url
    backend_at(url, tmp_path, start).entities(deadline)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    sent = {
        name.decode().lower(): value.decode()
        for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n")[1:])
    }
    server.close()
    signed = sent["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"host", "x-amz-date", "x-amz-target"} <= set(signed)
    request = AWSRequest("POST", f"{url}/", {name: sent[name] for name in signed}, body)
    request.context["timestamp"] = sent["x-amz-date"]
    auth = SigV4Auth(Credentials("test", "test"), "monitoring", "eu-west-1")
    expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    assert sent["authorization"].endswith(f"Signature={expected}")


def test_settings_are_checked() -> None:
    good = {"region": "eu-west-1", "environment": "t", "namespaces": ("AWS/ECS",)}
    assert CloudwatchSettings.model_validate(good).url == "https://monitoring.eu-west-1.amazonaws.com"
    for change in ({"region": "x"}, {"namespaces": ()}, {"namespaces": (":x",)}, {"period_s": 90}, {"user": "u"}):
        with pytest.raises(ValidationError):
            CloudwatchSettings.model_validate(good | change)
