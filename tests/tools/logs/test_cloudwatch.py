"""CloudWatch Logs: Insights on a declared double, `FilterLogEvents` on moto's server, and values stay values."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, ConfigError
from opswarden.core.systems.aws_api import AwsSigning, is_busy
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.cloudwatch_logs_server import GROUP, CloudwatchLogsServer, message_of, record_of
from opswarden.tests.doubles.insights_reader import Reader
from opswarden.tools.logs.backends import cloudwatch, cloudwatch_events
from opswarden.tools.logs.backends.cloudwatch import InsightsLogs
from opswarden.tools.logs.backends.cloudwatch_events import EventLines, InsightsOrEvents
from opswarden.tools.logs.backends.cloudwatch_settings import CloudwatchLogsSettings
from opswarden.tools.logs.backends.insights_ql import InsightsReading, counted, insights_filters, lines
from opswarden.tools.logs.backends.streamed import StreamedLogs
from opswarden.tools.logs.backends.types import LogsBackend
from opswarden.tools.metrics.backends import cloudwatch as metrics_cloudwatch
from opswarden.tools.windows import ComparedWindows

from .conformance import CHECKS, MINUTE, Make, bodies, line

SECOND = timedelta(seconds=1)
READING = InsightsReading((), ("service", "k8s.app-name"), ("level",), ("message", "log"))


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")


@pytest.fixture
def servers() -> Iterator[list[CloudwatchLogsServer]]:
    running: list[CloudwatchLogsServer] = []
    yield running
    for server in running:
        server.close()


def client_at(url: str, folder: Path, **more: Any) -> tuple[SystemClient, CloudwatchLogsSettings]:
    wanted = {"log_groups": (GROUP,), "shared_s": 0, "region": "eu-west-1", "environment": "test"} | more
    made = CloudwatchLogsSettings.model_validate({"url": url, **wanted})
    signing = AwsSigning("the test's", made, "logs", lambda: datetime.now(UTC))
    client = SystemClient("the test's", made, folder / "l", sleep=lambda _: None, signing=signing, is_busy=is_busy)
    return client, made


def insights_at(url: str, folder: Path, **more: Any) -> InsightsLogs:
    client, made = client_at(url, folder, **more)
    return InsightsLogs(client, made, FixedClock(datetime.now(UTC)))


@pytest.fixture
def filled(tmp_path: Path, servers: list[CloudwatchLogsServer]) -> Callable[..., InsightsLogs]:
    def fill(rows: Sequence[dict[str, Any]], server: dict[str, Any] | None = None, **more: Any) -> InsightsLogs:
        servers.append(CloudwatchLogsServer(rows, **(server or {})))
        return insights_at(servers[-1].url, tmp_path, **more)

    return fill


@pytest.mark.parametrize("check", CHECKS)
def test_insights(
    check: Callable[[Make, datetime, Deadline], None],
    filled: Callable[..., InsightsLogs],
    start: datetime,
    deadline: Deadline,
) -> None:
    check(filled, start, deadline)


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    """moto's server, a declared double of AWS: groups, streams, pages and refusals over a real socket."""
    pytest.importorskip("moto")
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    yield url, boto3.client("logs", region_name="eu-west-1", endpoint_url=url, **keys)
    server.stop()


@pytest.fixture
def put(moto: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., LogsBackend]:
    url, aws = moto
    made: list[Sequence[dict[str, Any]]] = []

    def fill(rows: Sequence[dict[str, Any]], **more: Any) -> LogsBackend:
        is_new = rows not in made
        if is_new:
            made.append(rows)
        group = f"{GROUP}-{abs(hash(request.node.name))}-{made.index(rows)}"
        if is_new:
            aws.create_log_group(logGroupName=group)
            ordered = sorted(rows, key=lambda row: row["ts"])
            for place, stream in enumerate("ab"):
                aws.create_log_stream(logGroupName=group, logStreamName=stream)
                events = [
                    {"timestamp": round(row["ts"].timestamp() * 1_000), "message": message_of(row)}
                    for row in ordered[place::2]
                ]
                if events:
                    aws.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
        return StreamedLogs(EventLines(*client_at(url, tmp_path, log_groups=(group,), **more)))

    return fill


@pytest.mark.parametrize("check", CHECKS)
def test_events(
    check: Callable[[Make, datetime, Deadline], None], put: Callable[..., LogsBackend], deadline: Deadline
) -> None:
    # Amazon and moto take no lines of the future.
    check(put, datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30), deadline)


def test_pages_of_events_lose_nothing(put: Callable[..., LogsBackend], deadline: Deadline) -> None:
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)
    backend = put([line(at + place * SECOND, f"step {place}") for place in range(47)], page_lines=10)
    assert bodies(backend, at, deadline) == [f"step {place}" for place in range(47)]
    with pytest.raises(BackendError, match="more than 1 MB"):
        bodies(put([line(at, "x" * 200_000) for _ in range(7)], most_mb=1), at, deadline)


def test_a_credential_without_insights_reads_every_line(
    put: Callable[..., LogsBackend],
    filled: Callable[..., InsightsLogs],
    servers: list[CloudwatchLogsServer],
    deadline: Deadline,
) -> None:
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)
    rows = [line(at + place * SECOND, f"step {place}") for place in range(5)]
    forbidden = filled(rows, {"forbidden": ("StartQuery",)})
    both = InsightsOrEvents(forbidden, put(rows))
    assert len(bodies(both, at, deadline)) == 5
    windows = ComparedWindows(start=at, end=at + MINUTE, baseline_start=at - MINUTE, baseline_end=at)
    assert both.grouped(windows, deadline).totals.to_pylist() == [{"entity": "oven", "before": 0, "after": 5}]
    assert servers[0].operations() == ["StartQuery"]
    with pytest.raises(BackendError, match="forbids us this"):
        bodies(forbidden, at, deadline)


def test_of_very_many_lines_errors_are_read_whole_and_the_rest_is_weighed(
    filled: Callable[..., InsightsLogs],
    servers: list[CloudwatchLogsServer],
    start: datetime,
    deadline: Deadline,
    windows: dict[str, datetime],
) -> None:
    # Whole seconds: what is picked must spread over them as well.
    rows = [line(start + place * 10 * SECOND - timedelta(hours=2), f"sold {place} loaf") for place in range(850)]
    rows += [line(start + place * SECOND, f"burnt {place}", level="error") for place in range(50)]
    backend = filled(rows, page_lines=40, most_lines=200)
    compared = ComparedWindows.model_validate(windows)
    found = backend.grouped(compared, deadline)
    assert found.complete
    assert found.totals.to_pylist() == [{"entity": "oven", "before": 720, "after": 180}]
    groups = {row["masked"]: row for row in found.rows.to_pylist()}
    burnt, sold = groups["burnt <*>"], groups["sold <*> loaf"]
    assert (burnt["weight"], burnt["after"]) == (1, 50)
    looked_at = sold["after"] + sum(sold[f"before_{block}"] for block in range(8))
    assert looked_at * sold["weight"] == pytest.approx(850, rel=0.15)
    assert sold["after"] * sold["weight"] == pytest.approx(130, rel=0.3)
    started = servers[0].operations().count("StartQuery")
    (example,) = backend.read([sold["example_id"]], deadline).to_pylist()
    assert example["body"].startswith("sold ")
    assert servers[0].operations().count("StartQuery") == started == 6, "each window counted once, and read twice"
    whole = filled(rows, page_lines=400).grouped(compared, deadline)
    assert {row["weight"] for row in whole.rows.to_pylist()} == {1}
    assert sum(row["after"] for row in whole.rows.to_pylist()) == 180


def test_plain_lines_belong_to_their_group_and_have_the_level_they_say(
    tmp_path: Path, servers: list[CloudwatchLogsServer], start: datetime, deadline: Deadline
) -> None:
    at_ms = round(start.timestamp() * 1_000)
    records = [
        record_of(at_ms, "/aws/lambda/till", "s", "[ERROR] no change / left"),
        record_of(at_ms, "/aws/lambda/till", "s", "[INFO] sold"),
        record_of(at_ms + 1, "/ecs/mill-service", "s", "level=error jammed"),
        record_of(at_ms + 2, "/ecs/mill-service", "s", '{"k8s": {"app-name": "oven"}, "log": "lit", "n": 3}'),
    ]
    servers.append(CloudwatchLogsServer(records=records))
    groups = {"log_groups": ("/aws/lambda/till", "/ecs/mill-service"), "entities": {"/ecs/*-service": "*"}}
    backend = insights_at(servers[0].url, tmp_path, entity_fields=("service", "k8s.app-name"), **groups)

    assert sorted(bodies(backend, start, deadline, entities=("till",))) == ["[ERROR] no change / left", "[INFO] sold"]
    assert bodies(backend, start, deadline, entities=("mill",)) == ["level=error jammed"]
    assert bodies(backend, start, deadline, entities=("oven",)) == ["lit"]
    assert bodies(backend, start, deadline, entities=("",)) == []
    assert sorted(bodies(backend, start, deadline, levels=("error",))) == [
        "[ERROR] no change / left",
        "level=error jammed",
    ]
    assert bodies(backend, start, deadline, contains="CHANGE / l") == ["[ERROR] no change / left"]
    windows = ComparedWindows(start=start, end=start + MINUTE, baseline_start=start - MINUTE, baseline_end=start)
    totals = {row["entity"]: row["after"] for row in backend.grouped(windows, deadline).totals.to_pylist()}
    assert totals == {"till": 2, "mill": 1, "oven": 1}


def test_what_is_busy_is_asked_again_and_what_nobody_waits_for_is_stopped(
    filled: Callable[..., InsightsLogs], servers: list[CloudwatchLogsServer], start: datetime, deadline: Deadline
) -> None:
    assert bodies(filled([line(start, "hot")], {"busy": 2}), start, deadline) == ["hot"]
    assert servers[0].operations()[:3] == ["StartQuery"] * 3
    with pytest.raises(BackendError, match="too many questions"):
        bodies(filled([], {"busy": 99}), start, deadline)

    class Ticking(FixedClock):
        """A second passes whenever somebody looks."""

        def monotonic(self) -> float:
            self.advance(0.2)
            return super().monotonic()

    slow = filled([line(start, "hot")], {"polls": 10**6})
    with pytest.raises(BackendError, match="did not finish the query in time"):
        bodies(slow, start, Deadline(Ticking(start), 20))
    assert servers[-1].stopped == ["q-0"]


def test_errors_tell_what_to_do_and_repeat_nothing(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    cases = [
        (
            b'{"__type":"com.amazon#MalformedQueryException","message":"PLANTED"}',
            "400 No",
            "does not accept the question",
        ),
        (b'{"__type":"ExpiredTokenException","message":"PLANTED"}', "400 No", "does not accept the credential"),
        (b'{"__type":"ResourceNotFoundException","message":"PLANTED"}', "400 No", "does not know"),
        (b'{"__type":"PLANTED"}', "400 No", "refused the question"),
        (b'{"__type":["PLANTED"]}', "403 No", "forbids us this"),
        (b"PLANTED", "503 No", "is not ready"),
        (b"[1]", "200 OK", "no service of AWS"),
        (b'{"queryId":7}', "200 OK", "else than lines"),
        (b'{"queryId":"q","status":"Failed"}', "200 OK", "gave up the query"),
        (b'{"queryId":"q","status":"Complete","results":[["PLANTED"]]}', "200 OK", "else than lines"),
        (
            b'{"queryId":"q","status":"Complete","results":[[{"field":"@timestamp","value":"PLANTED"}]]}',
            "200 OK",
            "lines",
        ),
    ]
    for content, status, told in cases:
        server = AilingServer(ailing.answer(content, status))
        with pytest.raises(BackendError, match=told) as caught:
            bodies(insights_at(server.url, tmp_path), start, deadline)
        assert "PLANTED" not in str(caught.value) + caught.value.remedy
        assert caught.value.remedy
        server.close()


def test_without_a_credential_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch,
    filled: Callable[..., InsightsLogs],
    start: datetime,
    deadline: Deadline,
    servers: Any,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ConfigError, match="no credential of AWS"):
        bodies(filled([]), start, deadline)
    with pytest.raises(ConfigError, match="no credential of AWS"):
        bodies(filled([], profile="nobody"), start, deadline)
    assert all(not server.asked for server in servers)


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1), st.lists(st.text(), min_size=1, max_size=3), st.text(min_size=1))
def test_no_value_changes_the_structure_of_a_query(text: str, entities: list[str], scoped: str) -> None:
    def compiled(text: str, entities: list[str], scoped: str) -> list[str]:
        reading = InsightsReading((("zone", scoped),), READING.entity_fields, READING.level_fields, READING.body_fields)
        named = [(name, ()) for name in entities]
        found = insights_filters(reading, 0, 10**13, named, contains=text, levels=("error",), or_written=True, every=8)
        return [query for filters in found for query in (counted(filters, reading), lines(filters, 10))]

    def plainly(value: str, other: str) -> str:
        return value if set(value) <= set(_PLAIN_SIGNS) else other

    queries = compiled(text, entities, scoped)
    # A value that is not plain becomes a regular expression: one plain and one such value stand for all others.
    likes = compiled("y", [plainly(name, "*") if name else "" for name in entities], plainly(scoped, "*"))
    assert [Reader(query).read().shape for query in queries] == [Reader(query).read().shape for query in likes]
    # And it means exactly what it says.
    name = next((name for name in entities if name), "x")
    pick = next(ms for ms in range(10_007) if (ms * 7_919) % 10_007 < 10_007 // 8)
    told = {"service": name, "zone": scoped, "message": f"a{text}b", "level": "ERR", "@timestamp": pick, "@log": "1:g"}
    if any(entities):
        other = [{**told, key: "something else"} for key in ("service", "zone", "message", "level")]
        matched = [record for record in (told, *other) if Reader(queries[1]).read().run([record])[0]]
        same = [record for record in (told, *other) if record == told or record["service"] in entities]
        assert told in matched
        assert len(matched) <= len(same)


_PLAIN_SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/@-"


def test_a_share_is_picked_evenly_whatever_the_rhythm_of_lines() -> None:
    for every in (2, 8, 64):
        (filters,) = insights_filters(READING, 0, 10**14, every=every)
        test = Reader(lines(filters, 10**6)).read().filters[-1]
        for rhythm in (1, 7, 1_000, 5_000, 60_000):
            seen = [test({"@timestamp": 1_900_000_000_000 + place * rhythm}) for place in range(3_200)]
            for part in (seen[:1_600], seen[1_600:]):
                assert sum(part) == pytest.approx(1_600 / every, rel=0.35), (every, rhythm)


def test_settings_are_checked() -> None:
    good = {"region": "eu-west-1", "environment": "t", "log_groups": ("/a",)}
    assert CloudwatchLogsSettings.model_validate(good).url == "https://logs.eu-west-1.amazonaws.com"
    china = CloudwatchLogsSettings.model_validate({**good, "region": "cn-north-1"})
    assert china.url == "https://logs.cn-north-1.amazonaws.com.cn"
    wrong: tuple[dict[str, Any], ...] = (
        {"region": "evil.example/"},
        {"log_groups": ('a" | limit 1',)},
        {"log_groups": ("/a", "/a")},
        {"log_groups": ()},
        {"entity_fields": ("a`b",)},
        {"scope": {"a b": "x"}},
        {"token_env": "TOKEN"},
    )
    for change in wrong:
        with pytest.raises(ValidationError):
            CloudwatchLogsSettings.model_validate(good | change)


def test_the_policy_of_the_documentation_grants_what_is_asked_and_nothing_else() -> None:
    text = (Path(__file__).parents[3] / "docs" / "examples" / "cloudwatch-policy.json").read_text()
    granted = {action for statement in json.loads(text)["Statement"] for action in statement["Action"]}
    sources = [inspect.getsource(module) for module in (cloudwatch, cloudwatch_events, metrics_cloudwatch)]
    asked = {name for source in sources for name in re.findall(r'(?:ask|_pages)\("([A-Z][A-Za-z]+)"', source)}
    assert {action.partition(":")[2] for action in granted} == asked
