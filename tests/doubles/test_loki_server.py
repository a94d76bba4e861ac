"""The double of Loki keeps to what Loki documents where our backend relies on it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from .loki_server import Entry, LokiServer

OVEN, MILL = {"app": "oven"}, {"app": "mill"}


@pytest.fixture(scope="module")
def server() -> Iterator[LokiServer]:
    entries = [Entry(ns, OVEN, f"line {ns}", {"level": "info"}) for ns in (10, 20, 20, 30)]
    running = LokiServer([*entries, Entry(20, MILL, "line 20", {})], most_entries=4, most_series=1)
    yield running
    running.close()


def ask(server: LokiServer, path: str, **given: Any) -> tuple[int, str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=10)
    connection.request("GET", f"/loki/api/v1/{path}?{urlencode(given)}", headers=given.pop("headers", {}))
    with connection.getresponse() as response:
        kind, text = response.headers["Content-Type"], response.read().decode()
    connection.close()
    return response.status, text, json.loads(text) if kind == "application/json" else None


def lines(server: LokiServer, **given: Any) -> list[str]:
    status, _, found = ask(server, "query_range", **{"query": '{app=~".+"}', "limit": 4, **given})
    assert status == 200
    return [value[1] for stream in found["data"]["result"] for value in stream["values"]]


def test_lines_lie_in_a_range_that_is_open_at_its_end_and_are_there_once(server: LokiServer) -> None:
    assert sorted(lines(server, start=10, end=30)) == ["line 10", "line 20", "line 20"]
    assert lines(server, start=10, end=31, limit=1, direction="forward") == ["line 10"]
    assert lines(server, start=10, end=31, limit=1) == ["line 30"]


def test_counts_lie_in_a_range_that_is_open_at_its_start(server: LokiServer) -> None:
    query = 'sum(count_over_time({app="oven"} [1ms]))'
    _, _, found = ask(server, "query", query=query, time=1_000_010)
    assert found["data"]["result"][0]["value"][1] == "2"
    _, _, found = ask(server, "query_range", query=query, start=1_000_000, end=3_000_000, step=0.001)
    assert found["data"]["resultType"] == "matrix"
    assert [value[1] for value in found["data"]["result"][0]["values"]] == ["3"]


def test_refusals_are_plain_text_with_a_reason(server: LokiServer) -> None:
    for path, query, reason in (
        ("query_range", "{app=", "parse error"),
        ("query_range", '{app=~".*"}', "empty-compatible"),
        ("query_range", '{app="x"} | json', "parse error"),
        ("query_range", f'{{app="{"x" * 6_000}"}}', "too long"),
        ("query", '{app="oven"}', "not supported as an instant query"),
        ("query", 'sum by (app) (count_over_time({app=~".+"} [1ms]))', "maximum of series (1) reached"),
    ):
        status, text, found = ask(server, path, query=query, start=0, end=9, time=30)
        assert (status, found, reason in text) == (400, None, True), text
    status, text, _ = ask(server, "query_range", query='{app="oven"}', start=0, end=9, limit=5)
    assert (status, "limit > max_entries_limit_per_query (5 > 4)" in text) == (400, True)
    assert ask(server, "tail", query='{app="oven"}')[0] == 404


def test_what_there_is(server: LokiServer) -> None:
    assert ask(server, "labels")[2]["data"] == ["app"]
    assert ask(server, "series")[2]["data"] == [MILL, OVEN]
    stats = ask(server, "index/stats", query='{app="oven"}')[2]
    assert (stats["entries"], stats["streams"], stats["bytes"]) == (3, 1, 21)
