"""Doubles of Tempo and Jaeger over sockets do what the conformance checks ask, and no value changes a question."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.jaeger_server import JaegerServer
from opswarden.tests.doubles.tempo_server import _CONDITION, _QUERY, TempoServer, hex_of, text_of
from opswarden.tools.snapshots.manifest import Manifest, Window
from opswarden.tools.topology.backends.joined import JoinedTopology
from opswarden.tools.topology.backends.traced import TracedTopology, TracedTraffic
from opswarden.tools.topology.backends.traffic import JoinedTraffic, Passing
from opswarden.tools.traces.backends.jaeger import JaegerReader
from opswarden.tools.traces.backends.otlp_files import OtlpFileReader
from opswarden.tools.traces.backends.sampled import JoinedReader, SampledTraces
from opswarden.tools.traces.backends.settings import JaegerSettings, OtlpFilesSettings, TempoSettings
from opswarden.tools.traces.backends.tempo import TempoReader, search_query
from opswarden.tools.traces.backends.traces_check import TracesCheck

from .conformance import CHECKS, MINUTE, MS, Make, span, whole, windows

Filled = Callable[..., SampledTraces]


class Readable(SampledTraces):
    """Ids as the rows of a test have them."""

    def example(self, *args: Any, **more: Any) -> str | None:
        found = super().example(*args, **more)
        return None if found is None else text_of(found)

    def trace(self, trace_id: str, deadline: Deadline) -> pa.Table:
        rows = super().trace(hex_of(trace_id, 32), deadline)
        for name in ("span_id", "parent_id"):
            texts = [None if id is None else text_of(id) for id in rows[name].to_pylist()]
            rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array(texts, pa.string()))
        return rows


@pytest.fixture
def servers() -> Iterator[list[Any]]:
    running: list[Any] = []
    yield running
    for server in running:
        server.close()


@pytest.fixture
def tempo(tmp_path: Path, servers: list[Any]) -> Filled:
    def fill(rows: Sequence[dict[str, Any]], double: dict[str, Any] | None = None, **more: Any) -> SampledTraces:
        servers.append(TempoServer(rows, **(double or {})))
        return Readable(tempo_at(servers[-1].url, tmp_path, **more))

    return fill


@pytest.fixture
def jaeger(tmp_path: Path, servers: list[Any]) -> Filled:
    def fill(rows: Sequence[dict[str, Any]], **more: Any) -> SampledTraces:
        servers.append(JaegerServer(rows))
        return Readable(jaeger_at(servers[-1].url, tmp_path, **more))

    return fill


@pytest.fixture
def otlp(tmp_path: Path) -> Filled:
    """Files as the exporter of a collector writes them, a few spans a line."""
    made = 0

    def fill(rows: Sequence[dict[str, Any]], tail: str = "", **more: Any) -> SampledTraces:
        nonlocal made
        made += 1
        folder = tmp_path / f"otlp-{made}"
        folder.mkdir()
        lines = [json.dumps(exported(rows[first : first + 3])) for first in range(0, len(rows), 3)]
        for place in range(2):
            file = folder / f"traces-{place}.jsonl"
            file.write_text("".join(f"{line}\n" for line in lines[place::2]) + tail)
            os.utime(file, (2**31, 2**31))  # the spans of a test are of the future
        return Readable(OtlpFileReader("the test's", OtlpFilesSettings(path=folder, environment="test", **more)))

    return fill


_CODES = {"OK": 1, "ERROR": 2}


def exported(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def attributes(pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
        return [{"key": key, "value": {"stringValue": value}} for key, value in pairs]

    def written(row: dict[str, Any]) -> dict[str, Any]:
        begin = round(row["start"].timestamp() * 1e6) * 1_000
        own = dict(row.get("attributes") or ())
        kind = own.pop("span.kind", None)
        return {
            "traceId": hex_of(row["trace_id"], 32),
            "spanId": hex_of(row["span_id"], 16),
            "parentSpanId": hex_of(row["parent_id"], 16) if row["parent_id"] else "",
            "name": row["name"],
            "startTimeUnixNano": str(begin),
            "status": {"code": _CODES.get((row["status"] or "").upper(), 0)},
            "attributes": attributes(own.items()),
            **({"kind": f"SPAN_KIND_{kind}"} if kind else {}),
            # A span that has not ended has no end.
            **({"endTimeUnixNano": str(begin + length * 1_000)} if (length := row["duration_us"]) is not None else {}),
        }

    resources = [
        {
            "resource": {"attributes": attributes([("service.name", row["entity"])])},
            "scopeSpans": [{"scope": {}, "spans": [written(row)]}],
        }
        for row in rows
    ]
    return {"resourceSpans": resources}


def tempo_at(url: str, folder: Path, **more: Any) -> TempoReader:
    made = TempoSettings(url=url, environment="test", **more)
    return TempoReader(SystemClient("the test's", made, folder / "locks", sleep=lambda _: None), made)


def jaeger_at(url: str, folder: Path, **more: Any) -> JaegerReader:
    made = JaegerSettings(url=url, environment="test", **more)
    return JaegerReader(SystemClient("the test's", made, folder / "locks", sleep=lambda _: None), made)


Check = Callable[[Make, datetime, Deadline], None]


@pytest.mark.parametrize("check", CHECKS)
def test_a_double_of_tempo(check: Check, tempo: Filled, start: datetime, deadline: Deadline) -> None:
    check(lambda rows: tempo(rows, spans_a_trace=200, double={"most_spans": 200}), start, deadline)


@pytest.mark.parametrize("check", CHECKS)
def test_a_double_of_a_tempo_that_hands_over_single_traces(
    check: Check, tempo: Filled, start: datetime, deadline: Deadline
) -> None:
    check(lambda rows: tempo(rows, double={"knows_parents": False}), start, deadline)


@pytest.mark.parametrize("check", CHECKS)
def test_a_double_of_jaeger(check: Check, jaeger: Filled, start: datetime, deadline: Deadline) -> None:
    check(jaeger, start, deadline)


@pytest.mark.parametrize("check", CHECKS)
def test_otlp_files(check: Check, otlp: Filled, start: datetime, deadline: Deadline) -> None:
    check(otlp, start, deadline)


def test_of_too_many_traces_in_files_a_sample_is_the_same_whenever_asked(
    otlp: Filled, start: datetime, deadline: Deadline
) -> None:
    rows = [
        row
        for place in range(900)
        for row in (
            span(start - 60 * MINUTE + place * 6 * 1_000 * MS, "a", 10, None, "shop", trace_id=f"t{place}"),
            span(start - 60 * MINUTE + place * 6 * 1_000 * MS + MS, "b", 5, "a", "mill", trace_id=f"t{place}"),
        )
    ]
    backends = [otlp(rows, most_traces=120), otlp(rows[::-1], most_traces=120)]
    found = [backend.spans(windows(start), deadline) for backend in backends]
    assert all(each.is_part for each in found)
    first, second = (sorted(each.rows["begin_us"].to_pylist()) for each in found)
    assert first == second
    assert 200 <= len(first) <= 260
    assert backends[0].entities(deadline) == ("mill", "shop")


def test_lines_that_are_no_traces(otlp: Filled, start: datetime, deadline: Deadline) -> None:
    rows = [span(start, "a", 10)]
    assert whole(otlp(rows, tail='{"resourceSpans": [{"scopeSp'), start, deadline)["oven.work", True]["spans"] == 1
    for tail in (
        '{"resourceSpans": [{"scopeSp\n',
        '{"resourceSpans": 7}\n',
        "PLANTED\n",
        "[" * 100_000 + "\n",
        "[1]\n",
    ):
        with pytest.raises(BackendError, match="no export of traces") as caught:
            whole(otlp(rows, tail=tail), start, deadline)
        assert "PLANTED" not in str(caught.value)
    with pytest.raises(BackendError, match="more than 1 MB"):
        whole(otlp(rows, tail=" " * 2_000_000, most_mb=1), start, deadline)


def test_traces_with_many_spans_are_read_whole(tempo: Filled, start: datetime, deadline: Deadline) -> None:
    rows = [span(start, "root", 100), *(span(start + MS, f"c{place}", 1, "root", "mill") for place in range(30))]
    backend = tempo(rows, double={"most_spans": 10})
    assert whole(backend, start, deadline)["mill.work", True]["spans"] == 30
    assert not backend.operations(windows(start), deadline).is_part


@pytest.mark.parametrize("kind", ["tempo", "jaeger"])
def test_of_very_many_traces_a_sample_of_both_windows_is_read_once(
    kind: str, tempo: Filled, jaeger: Filled, servers: list[Any], start: datetime, deadline: Deadline
) -> None:
    rows = []
    for place in range(2_000):
        at = start - 60 * MINUTE + place * 90 * MINUTE / 2_000
        rows += [span(at, "a", 10, None, "shop", trace_id=f"t{place}")]
        rows += [span(at + MS, "b", 5, "a", "mill", trace_id=f"t{place}")]
    backend = (tempo if kind == "tempo" else jaeger)(rows, most_traces=120)
    found = backend.operations(windows(start), deadline)
    assert found.is_part
    spans = backend.spans(windows(start), deadline)
    assert spans.is_part
    assert 200 <= spans.rows.num_rows <= 260
    assert spans.rows["is_orphan"].to_pylist().count(True) == 0
    assert len(servers[0].asked) <= 13
    seen = found.buckets.to_pylist()
    assert len({(row["is_after"], row["bucket"]) for row in seen}) >= (12 if kind == "tempo" else 4)


def test_the_call_graph_is_what_the_traces_show(
    tempo: Filled, jaeger: Filled, start: datetime, deadline: Deadline
) -> None:
    query = [("db.system", "postgresql"), ("db.namespace", "stock"), ("span.kind", "CLIENT")]
    rows = [span(start, "a", 100, None, "shop"), span(start + MS, "b", 50, "a", "mill")]
    rows.append(span(start + 2 * MS, "c", 10, "b", "mill", attributes=query))
    window = Window(start=start, end=start + MINUTE)
    incident = Manifest(title="a", environment="test", window=window, source="x", licence="internal")
    clock = FixedClock(start + 10 * MINUTE)
    for make in (tempo, jaeger):
        assert TracedTopology(make(rows), clock).edges(deadline).num_rows == 2
        assert TracedTopology(make(rows), FixedClock(start + 90 * MINUTE)).edges(deadline).num_rows == 0
        topology = TracedTopology(make(rows), clock, incident)
        edges = {(row["caller"], row["callee"], row["kind"]) for row in topology.edges(deadline).to_pylist()}
        assert edges == {("shop", "mill", "call"), ("mill", "stock", "query")}
        assert topology.entities(deadline) == ("mill", "shop", "stock")
        traffic = JoinedTraffic([TracedTraffic(topology)] * 2)
        assert traffic.passing(("mill",), start, start + MINUTE, deadline) == Passing(2, 2)
        assert traffic.passing(("nobody",), start, start + MINUTE, deadline) == Passing(2, 0)
        assert JoinedTopology(topology.environment, [topology, topology]).edges(deadline).num_rows == 2


def test_two_systems_are_read_as_one(tempo: Filled, jaeger: Filled, start: datetime, deadline: Deadline) -> None:
    here, there = tempo([span(start, "a", 10)]), jaeger([span(start, "b", 30, trace_id="u")])
    both = Readable(JoinedReader([here.reader, there.reader]))
    assert whole(both, start, deadline)["oven.work", True]["spans"] == 2
    assert both.example(start, start + MINUTE, deadline, entity="oven", name=None, failed=False) == "u"
    assert both.trace("t", deadline).num_rows == both.trace("u", deadline).num_rows == 1
    assert both.entities(deadline) == ("oven",)


@pytest.mark.parametrize("make", [tempo_at, jaeger_at])
def test_what_a_system_says_is_never_repeated(
    make: Callable[..., Any], tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    cases = [
        (ailing.answer(b"PLANTED", "500 Oops", "text/plain"), "failed"),
        (ailing.answer(b"<html>PLANTED", kind="text/html"), "did not answer JSON"),
        (ailing.answer(b'["PLANTED"]'), "is no"),
        (ailing.answer(b'{"status":"PLANTED"}'), "is no"),
        (ailing.answer(b'{"traces":"PLANTED","data":"PLANTED"}'), "is no"),
        (ailing.cut_chunks, "broke off|left alone"),
    ]
    for behave, told in cases:
        server = AilingServer(behave)
        with pytest.raises(BackendError, match=told) as caught:
            SampledTraces(make(server.url, tmp_path)).operations(windows(start), deadline)
        assert "PLANTED" not in str(caught.value) + caught.value.remedy
        server.close()


@pytest.mark.parametrize("make", [tempo_at, jaeger_at])
def test_an_id_that_is_none_asks_nothing(make: Callable[..., Any], tmp_path: Path, deadline: Deadline) -> None:
    reader = make("http://127.0.0.1:9", tmp_path)
    for id in ("", "0" * 32, "../../api/services", "a" * 33, "xyz", "٣"):
        assert SampledTraces(reader).trace(id, deadline).num_rows == 0


@settings(max_examples=50, deadline=None)
@given(st.text(), st.text(), st.text())
def test_no_value_changes_the_structure_of_a_search(cluster: str, entity: str, name: str) -> None:
    query = search_query({"k8s.cluster.name": cluster}, entity=entity, name=name, failed=True)
    found = _QUERY.fullmatch(query)
    assert found is not None
    names = [match["name"] for match in _CONDITION.finditer(found["conditions"])]
    assert names == ["resource.k8s.cluster.name", "resource.service.name", "name", "status"]


def test_names_that_look_like_queries_stay_names(
    tempo: Filled, jaeger: Filled, start: datetime, deadline: Deadline
) -> None:
    hostile = ['x" } || { name = "y', "a && b", "back\\slash", "ключ", "}{", '{"a":1}']
    rows = [span(start, "a", 10, entity=name, name=name, trace_id=f"t{place}") for place, name in enumerate(hostile)]
    for backend in (tempo(rows), jaeger(rows)):
        for place, name in enumerate(hostile):
            found = backend.example(start, start + MINUTE, deadline, entity=name, name=name, failed=False)
            assert found == f"t{place}"


@pytest.mark.parametrize("kind", ["tempo", "jaeger"])
def test_what_doctor_tells_of_a_tracing_system(
    kind: str, tempo: Filled, jaeger: Filled, tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    rows = [span(start - place * MINUTE, "a", 10, trace_id=f"t{place}") for place in range(30)]
    reader = (tempo if kind == "tempo" else jaeger)(rows).reader
    check = TracesCheck(SampledTraces(reader), FixedClock(start + MINUTE), lambda _: ("2.6.0", ()))
    assert {(each.aspect, each.state) for each in check.look(deadline)} == {
        ("reach", "ok"),
        ("version", "ok"),
        ("freshness", "ok"),
        ("labels", "ok"),
    }
    kept = check.conformance(deadline)
    assert [each.state for each in kept] == ["ok"] * 3
    assert kept[0].text == "traces lie in their time (15 traces)"

    class Timeless(SampledTraces):
        def between(self, times: Any, deadline: Deadline) -> Any:
            return super().between([(start - 60 * MINUTE, start + MINUTE)], deadline)

        def trace(self, trace_id: str, deadline: Deadline) -> pa.Table:
            return super().trace(hex_of("t1", 32), deadline)

    wrong = TracesCheck(Timeless(reader), FixedClock(start + MINUTE), lambda _: ("", ())).conformance(deadline)
    assert [each.state for each in wrong][:2] == ["failed", "failed"]
    dead = TracesCheck(SampledTraces(tempo_at("http://127.0.0.1:9", tmp_path)), FixedClock(start), lambda _: ("", ()))
    assert [(each.aspect, each.state) for each in dead.look(deadline)] == [("reach", "failed")]
