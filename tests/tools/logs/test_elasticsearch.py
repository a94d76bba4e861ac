"""A double of Elasticsearch over a socket does what the conformance checks ask, and values stay values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.elasticsearch_server import ElasticsearchServer
from opswarden.tools.logs.backends.elasticsearch import ElasticsearchLogs
from opswarden.tools.logs.backends.query_dsl import between, matching
from opswarden.tools.logs.backends.settings import ElasticsearchSettings
from opswarden.tools.windows import ComparedWindows

from .conformance import CHECKS, MINUTE, Make, bodies, line

Filled = Callable[..., ElasticsearchLogs]
SECOND = timedelta(seconds=1)


@pytest.fixture
def servers() -> Iterator[list[ElasticsearchServer]]:
    running: list[ElasticsearchServer] = []
    yield running
    for server in running:
        server.close()


@pytest.fixture
def filled(tmp_path: Path, servers: list[ElasticsearchServer]) -> Filled:
    def fill(rows: Sequence[dict[str, Any]], flavour: str = "elasticsearch", **more: Any) -> ElasticsearchLogs:
        servers.append(ElasticsearchServer(rows, flavour))
        wanted = {"exact_body_field": "message.exact", "flavour": flavour, "shared_s": 0} | more
        return backend_at(servers[-1].url, tmp_path, **wanted)

    return fill


def backend_at(url: str, folder: Path, **more: Any) -> ElasticsearchLogs:
    made = ElasticsearchSettings(url=url, environment="test", **more)
    return ElasticsearchLogs(SystemClient("the test's", made, folder / "locks", sleep=lambda _: None), made)


@pytest.mark.parametrize("check", CHECKS)
def test_a_double_of_elasticsearch(
    check: Callable[[Make, datetime, Deadline], None], filled: Filled, start: datetime, deadline: Deadline
) -> None:
    check(filled, start, deadline)


@pytest.mark.parametrize("flavour", ["elasticsearch", "opensearch"])
def test_of_very_many_lines_errors_are_read_whole_and_the_rest_is_weighed(
    flavour: str,
    filled: Filled,
    servers: list[ElasticsearchServer],
    start: datetime,
    deadline: Deadline,
    windows: dict[str, datetime],
) -> None:
    # Several lines of one moment, so that pages end between them.
    rows = [
        line(start + (place // 3) * 3 * SECOND * 5 - timedelta(hours=2), f"sold {place} loaf") for place in range(1_800)
    ]
    rows += [line(start + place * SECOND, f"burnt {place}", level="error") for place in range(50)]
    backend = filled(rows, flavour, page_lines=40, most_lines=300)
    lines = ComparedWindows.model_validate(windows)
    found = backend.grouped(lines, deadline)
    assert found.complete
    before = sum(row["ts"] < start for row in rows)
    assert found.totals.to_pylist() == [{"entity": "oven", "before": before, "after": 1_850 - before}]
    groups = {row["masked"]: row for row in found.rows.to_pylist()}
    burnt, sold = groups["burnt <*>"], groups["sold <*> loaf"]
    assert (burnt["weight"], burnt["after"]) == (1, 50)
    assert sold["weight"] > 4
    looked_at = sold["after"] + sum(sold[f"before_{block}"] for block in range(8))
    assert looked_at * sold["weight"] == pytest.approx(1_800, rel=0.15)
    asked = len(servers[0].asked)
    assert asked < 20
    (example,) = backend.read([sold["example_id"]], deadline).to_pylist()
    assert example["body"].startswith("sold ")
    assert len(servers[0].asked) == asked
    # Read whole, in pages, nothing is lost or there twice.
    whole = filled(rows, flavour, page_lines=400, most_lines=10_000).grouped(lines, deadline)
    counted = {row["masked"]: row for row in whole.rows.to_pylist()}
    assert all(row["weight"] == 1 for row in counted.values())
    assert counted["sold <*> loaf"]["after"] == 1_800 - before


@pytest.mark.parametrize("flavour", ["elasticsearch", "opensearch"])
def test_of_a_slow_one_the_window_is_read_first_and_what_is_missing_is_named(
    flavour: str, filled: Filled, start: datetime, windows: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [line(start + (place - 300) * SECOND, f"sold {place}") for place in range(400)]
    rows += [line(start - place * SECOND, f"milled {place}", entity="mill") for place in range(1, 40)]
    backend = filled(rows, flavour, page_lines=40)
    clock = FixedClock(start)
    answer = backend._answer

    def slowly(*args: Any, **more: Any) -> Any:
        clock.advance(14 if more.get("at_point") else 0)
        return answer(*args, **more)

    monkeypatch.setattr(backend, "_answer", slowly)
    found = backend.grouped(ComparedWindows.model_validate(windows), Deadline(clock, 60))
    assert clock.monotonic() < 60
    assert found.unread.startswith("the test's was too slow: 120 of 439 lines were read in time")
    assert "sold <*>" in found.rows["masked"].to_pylist()
    assert sum(found.rows["after"].to_pylist()) == 100, "all of the window"
    assert not found.complete


def test_pages_of_long_lines_get_smaller(
    filled: Filled, start: datetime, deadline: Deadline, windows: dict[str, datetime]
) -> None:
    rows = [line(start + place * SECOND, f"{'x' * 8_000} {place}") for place in range(300)]
    (row,) = filled(rows, limit_mb=1).grouped(ComparedWindows.model_validate(windows), deadline).rows.to_pylist()
    assert (row["after"], row["weight"]) == (300, 1)


def test_without_a_field_for_it_texts_are_found_by_their_words(
    filled: Filled, start: datetime, deadline: Deadline
) -> None:
    backend = filled(
        [line(start, text) for text in ("Oven is HOT", "refused", "is the oven hot")], exact_body_field=None
    )
    assert bodies(backend, start, deadline, contains="is hot") == ["Oven is HOT"]
    assert bodies(backend, start, deadline, contains="efuse") == []


def test_the_first_field_that_is_there_names_the_entity(
    filled: Filled, start: datetime, deadline: Deadline, windows: dict[str, datetime]
) -> None:
    rows = [
        line(start, "one", attributes=[("host", "h1")]),
        line(start, "two", entity="", attributes=[("host", "h1")]),
        line(start, "three", entity=""),
    ]
    backend = filled(rows, entity_fields=("service.name", "host"))
    assert bodies(backend, start, deadline, entities=("h1",)) == ["two"]
    assert bodies(backend, start, deadline, entities=("oven",)) == ["one"]
    assert bodies(backend, start, deadline, entities=("",)) == ["three"]
    found = backend.grouped(ComparedWindows.model_validate(windows), deadline)
    assert [row["entity"] for row in found.totals.to_pylist()] == ["", "h1", "oven"]
    scoped = filled(rows, scope={"host": "h1"})
    assert sorted(bodies(scoped, start, deadline)) == ["one", "two"]
    ids = backend.search(start, start + MINUTE, deadline, head=9, tail=9).rows["id"].to_pylist()
    assert sorted(scoped.read(ids, deadline)["body"].to_pylist()) == ["one", "two"]


def test_half_of_the_shards_is_no_answer(
    filled: Filled, servers: list[ElasticsearchServer], start: datetime, deadline: Deadline
) -> None:
    backend = filled([line(start, "hot")])
    servers[0].failed_shards = 1
    with pytest.raises(BackendError, match="answered in part"):
        bodies(backend, start, deadline)


def test_errors_tell_what_to_do_and_repeat_nothing(
    filled: Filled, tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    with pytest.raises(BackendError, match="no such index") as missing:
        bodies(filled([], index="other"), start, deadline)
    assert missing.value.remedy == "check its `index`"

    def error(kind: str) -> bytes:
        return json.dumps({"error": {"type": kind, "reason": "PLANTED"}, "status": 400}).encode()

    whole = b'{"_shards":{"failed":0},"timed_out":false,"hits":%s}'
    cases = [
        (ailing.answer(error("too_many_buckets_exception"), "400 No"), "too much at once"),
        (ailing.answer(error("PLANTED"), "400 No"), "refused the question"),
        (ailing.answer(b"PLANTED", "503 No"), "is not ready"),
        (ailing.answer(b"[1]"), "no Elasticsearch API"),
        (ailing.answer(whole % b'{"total":{"value":1},"hits":[{"_source":"PLANTED"}]}'), "else than lines"),
        (ailing.answer(whole % b'{"hits":[]}'), "else than lines"),
    ]
    for behave, told in cases:
        server = AilingServer(behave)
        with pytest.raises(BackendError, match=told) as caught:
            bodies(backend_at(server.url, tmp_path), start, deadline)
        assert "PLANTED" not in str(caught.value) + caught.value.remedy
        server.close()


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1), st.lists(st.text(), min_size=1, max_size=3))
def test_no_value_changes_the_structure_of_a_question(text: str, entities: list[str]) -> None:
    made = ElasticsearchSettings(url="http://127.0.0.1", environment="t", exact_body_field="m", scope={"a": text})
    at = datetime.fromisoformat("2031-05-06T12:00:00+00:00")
    query = matching(made, [between(made, at, at + MINUTE)], ["x", *entities], contains=text)

    def shape(found: Any) -> Any:
        if isinstance(found, dict):
            return {name: None if name in ("terms", "value") else shape(inner) for name, inner in found.items()}
        return [shape(inner) for inner in found] if isinstance(found, list) else type(found)

    more = [""] if "" in entities else []
    plain = matching(made, [between(made, at, at + MINUTE)], ["x", *more], contains="y")
    assert shape(json.loads(json.dumps(query))) == shape(plain)


def test_names_of_fields_and_indices_are_checked() -> None:
    for wrong in ({"index": "../secrets"}, {"index": "a/b"}, {"time_field": 'a"b'}, {"scope": {"a b": "x"}}):
        with pytest.raises(ValidationError):
            ElasticsearchSettings(url="https://es.example", environment="t", **wrong)
