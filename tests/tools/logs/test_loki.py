"""A double of Loki over a socket does what the conformance checks ask, and no value changes a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.core.systems.exchange import Unreachable
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.logql_reader import LogQuery, read_query
from opswarden.tests.doubles.loki_server import Entry, LokiServer, entries_of
from opswarden.tools.logs.backends.joined import JoinedLogs
from opswarden.tools.logs.backends.logql import SHARES, Matcher, Reading, log_queries, picked
from opswarden.tools.logs.backends.loki import LokiLogs
from opswarden.tools.logs.backends.loki_api import CATEGORIZED
from opswarden.tools.logs.backends.settings import LokiSettings
from opswarden.tools.logs.compared import patterns
from opswarden.tools.logs.patterns import find_patterns
from opswarden.tools.logs.types import PatternsArgs
from opswarden.tools.spec import ToolContext
from opswarden.tools.windows import ComparedWindows, to_us

from .conformance import CHECKS, MINUTE, Make, bodies, line

Filled = Callable[..., LokiLogs]
SECOND = timedelta(seconds=1)
EVERY = (1, 100)
LEVELS = ("error", "info", "debug")
READING = Reading((Matcher("cluster", "=", "bakery"),), ("service_name", "app"), ("level", "detected_level"))


@pytest.fixture
def servers() -> Iterator[list[LokiServer]]:
    running: list[LokiServer] = []
    yield running
    for server in running:
        server.close()


@pytest.fixture
def filled(tmp_path: Path, servers: list[LokiServer]) -> Filled:
    """Starts a double with rows or entries, and gives a backend over it."""

    def fill(
        rows: Sequence[dict[str, Any]],
        entries: Sequence[Entry] = (),
        double: dict[str, Any] | None = None,
        **more: Any,
    ) -> LokiLogs:
        servers.append(LokiServer([*entries_of(rows), *entries], **(double or {})))
        wanted = {"scope": {"cluster": "bakery"}, "headers": CATEGORIZED, "shared_s": 0} | more
        return backend_at(servers[-1].url, tmp_path, **wanted)

    return fill


def backend_at(url: str, folder: Path, **more: Any) -> LokiLogs:
    made = LokiSettings(url=url, environment="test", **more)
    return LokiLogs(SystemClient("the test's", made, folder / "locks", sleep=lambda _: None), made)


@pytest.mark.parametrize("check", CHECKS)
def test_a_double_of_loki(
    check: Callable[[Make, datetime, Deadline], None], filled: Filled, start: datetime, deadline: Deadline
) -> None:
    check(filled, start, deadline)


@pytest.mark.parametrize("check", CHECKS)
def test_two_read_as_one(
    check: Callable[[Make, datetime, Deadline], None], filled: Filled, start: datetime, deadline: Deadline
) -> None:
    check(lambda rows: JoinedLogs([filled(rows[::2]), filled(rows[1::2])]), start, deadline)


def test_of_lines_at_a_page_s_border_none_is_lost_or_there_twice(
    filled: Filled, servers: list[LokiServer], start: datetime, deadline: Deadline
) -> None:
    # Moments of one to nine lines, so that every page of ten ends within one.
    rows = [
        line(start + step * SECOND, f"step {step} of {part}", entity=f"oven-{part % 3}")
        for step in range(40)
        for part in range(step % 9 + 1)
    ]
    backend = filled(rows, page_lines=10)
    found = backend.search(start, start + MINUTE, deadline, head=1_000, tail=1_000)
    assert found.matched == len(rows)
    assert sorted(found.rows["body"].to_pylist()) == sorted(row["body"] for row in rows)
    ends = backend.search(start, start + MINUTE, deadline, head=33, tail=44)
    assert ends.matched == len(rows)
    whole = found.rows["id"].to_pylist()
    assert ends.rows["id"].to_pylist() == [*whole[:33], *whole[-44:]]


def test_more_lines_at_one_moment_than_a_page_are_an_error(filled: Filled, start: datetime, deadline: Deadline) -> None:
    backend = filled([line(start, f"part {part}") for part in range(11)], page_lines=10)
    with pytest.raises(BackendError, match="more than 10 lines at one moment"):
        backend.search(start, start + MINUTE, deadline, head=100, tail=100)


@pytest.mark.parametrize(
    ("double", "grid"),
    [({}, 0.001), ({"knows_drop": False}, 0.001), ({}, 1)],
    ids=["picked by Loki", "an old Loki", "lines at whole seconds"],
)
def test_of_very_many_lines_errors_are_read_whole_and_the_rest_is_weighed(
    double: dict[str, Any],
    grid: float,
    filled: Filled,
    servers: list[LokiServer],
    start: datetime,
    deadline: Deadline,
    windows: dict[str, datetime],
) -> None:
    def at(place: int, of: int) -> datetime:
        """Spread over both windows, a little beside the even place."""
        seconds = (place + (place * 7919 % 997) / 997) / of * 9_000
        return start + timedelta(seconds=seconds // grid * grid) - timedelta(hours=2)

    rows = [line(at(place, 6_000), f"sold {place} loaf") for place in range(6_000)]
    rows += [line(start + place * SECOND, f"burnt {place}", level="error") for place in range(50)]
    rows += [line(at(place, 1_000), f"milled {place}", entity="mill") for place in range(1_000)]
    backend = filled(rows, double=double, page_lines=150, most_lines=900)
    found = backend.grouped(ComparedWindows.model_validate(windows), deadline)
    assert found.complete
    assert found.totals.to_pylist() == [
        {"entity": "mill", "before": 800, "after": 200},
        {"entity": "oven", "before": 4_800, "after": 1_250},
    ]
    groups = {(row["entity"], row["masked"]): row for row in found.rows.to_pylist()}
    burnt, sold, milled = groups["oven", "burnt <*>"], groups["oven", "sold <*> loaf"], groups["mill", "milled <*>"]
    assert (burnt["weight"], burnt["after"]) == (1, 50)
    assert sold["weight"] > 4
    assert sold["after"] * sold["weight"] == pytest.approx(1_200, rel=0.25)
    assert sum(sold[f"before_{block}"] for block in range(8)) * sold["weight"] == pytest.approx(4_800, rel=0.1)
    assert all(sold[f"before_{block}"] for block in range(8))
    assert milled["after"] * milled["weight"] == pytest.approx(200, rel=0.5)
    assert len(servers[0].queries) < 40
    asked = len(servers[0].queries)
    (example,) = backend.read([sold["example_id"]], deadline).to_pylist()
    assert example["body"].startswith("sold ")
    assert len(servers[0].queries) == asked


def test_a_reading_ends_at_its_limit_and_says_so(
    filled: Filled, start: datetime, deadline: Deadline, windows: dict[str, datetime]
) -> None:
    rows = [line(start + place * SECOND / 5, f"{'x' * 900} {place}") for place in range(3_000)]
    backend = filled(rows, page_lines=100, most_lines=3_000, most_mb=1)
    found = backend.grouped(ComparedWindows.model_validate(windows), deadline)
    assert backend._api.client.asked.bytes_read < 1_500_000
    assert found.totals["after"].to_pylist() == [3_000]
    (row,) = found.rows.to_pylist()
    assert row["after"] * row["weight"] == pytest.approx(3_000, rel=0.1)


def test_of_a_slow_loki_less_is_read(
    filled: Filled, start: datetime, windows: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [line(start + (place + 0.001 * (place % 997)) * SECOND, f"sold {place}") for place in range(1_700)]
    backend = filled(rows, page_lines=50)
    clock = FixedClock(start)
    count = backend._api.counts

    def slowly(*args: Any) -> Any:
        clock.advance(20)
        return count(*args)

    monkeypatch.setattr(backend._api, "counts", slowly)
    (row,) = backend.grouped(ComparedWindows.model_validate(windows), Deadline(clock, 60)).rows.to_pylist()
    # Twenty seconds are left: half of them for two pages by four at once that take as long as a count.
    assert row["weight"] >= 17
    assert row["after"] * row["weight"] == pytest.approx(1_700, rel=0.2)


def test_what_a_slow_loki_does_not_hand_over_in_time_is_named(
    filled: Filled, start: datetime, windows: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages take ten seconds each where counts took none: three are read, of the window, and errors before the rest."""
    rows = [line(start - place * SECOND, f"sold {place}") for place in range(1, 300)]
    rows += [line(start + place * SECOND, f"sold {place}") for place in range(300)]
    rows += [line(start + place * SECOND, f"burnt {place}", level="error") for place in range(40)]
    rows += [line(start - place * SECOND, f"milled {place}", entity="mill") for place in range(1, 40)]
    backend = filled(rows, page_lines=50, most_lines=300, concurrency=1)
    clock = FixedClock(start)
    pages = backend._api._range

    def slowly(*args: Any) -> Any:
        clock.advance(15)
        return pages(*args)

    monkeypatch.setattr(backend._api, "_range", slowly)
    deadline = Deadline(clock, 60)
    found = backend.grouped(ComparedWindows.model_validate(windows), deadline)
    assert not deadline.passed
    assert not found.complete
    assert found.unread.startswith("the test's was too slow: ")
    assert "and none of mill" in found.unread
    groups = {row["masked"]: row for row in found.rows.to_pylist()}
    assert (groups["burnt <*>"]["after"], groups["burnt <*>"]["weight"]) == (40, 1)
    assert all(row["before_7"] == 0 for row in groups.values()), "the window comes before its baseline"
    assert found.totals.to_pylist() == [
        {"entity": "mill", "before": 39, "after": 0},
        {"entity": "oven", "before": 299, "after": 340},
    ]
    table, complete = find_patterns(found, 7_200, 1_800)
    assert not complete
    assert set(table["kind"].to_pylist()) == {None}, "what was not read did not vanish, and nothing is new beside it"
    rest = [row for row in table.to_pylist() if row["template"] == "(other lines)"]
    assert sum(row["count_before"] + row["count_after"] for row in table.to_pylist()) == 678, rest


def test_a_loki_that_hands_nothing_over_is_told_by_its_counts(
    filled: Filled, start: datetime, windows: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = filled([line(start, "sold"), line(start, "milled", entity="mill")])
    clock = FixedClock(start)

    def never(*_: Any) -> Any:
        clock.advance(50)
        raise Unreachable("no answer", again=True, late=True)

    monkeypatch.setattr(backend._api, "_range", never)
    args = PatternsArgs.model_validate(windows)
    context = ToolContext("run", "team", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # not read
    told = patterns(backend, args, context)
    assert told.status == "truncated"
    assert told.note.startswith("the test's was too slow: 0 of 2 lines were read in time")
    assert told.summary is not None
    assert (told.summary.lines_after, told.summary.patterns_new) == (2, 0)


def test_a_loki_that_fails_while_it_is_read_is_an_error_and_not_slow(
    filled: Filled, start: datetime, deadline: Deadline, windows: dict[str, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = filled([line(start, "sold")])

    def fail(*_: Any) -> Any:
        raise Unreachable("refused", again=True)

    monkeypatch.setattr(backend._api, "_range", fail)
    with pytest.raises(BackendError, match="refused"):
        backend.grouped(ComparedWindows.model_validate(windows), deadline)


def test_pages_of_long_lines_get_smaller(
    filled: Filled, start: datetime, deadline: Deadline, windows: dict[str, datetime]
) -> None:
    rows = [line(start + place * SECOND, f"{'x' * 8_000} {place}") for place in range(300)]
    backend = filled(rows, limit_mb=1)
    assert backend.search(start, start + 10 * MINUTE, deadline, head=300, tail=300).rows.num_rows == 300
    (row,) = backend.grouped(ComparedWindows.model_validate(windows), deadline).rows.to_pylist()
    assert (row["after"], row["weight"]) == (300, 1)


def test_more_entities_than_loki_counts_at_once(
    filled: Filled, start: datetime, deadline: Deadline, windows: dict[str, datetime]
) -> None:
    rows = [line(start, f"at {level}", entity=f"oven-{place}", level=level) for place in range(6) for level in LEVELS]
    found = filled(rows, double={"most_series": 8}).grouped(ComparedWindows.model_validate(windows), deadline)
    assert found.totals["after"].to_pylist() == [3] * 6
    with pytest.raises(BackendError, match="more series than it counts at once"):
        filled(rows, double={"most_series": 4}).grouped(ComparedWindows.model_validate(windows), deadline)


def test_the_level_is_the_first_that_is_named_and_else_the_line_s(
    filled: Filled, start: datetime, deadline: Deadline, windows: dict[str, datetime]
) -> None:
    ns = to_us(start) * 1_000

    def entry(text: str, **metadata: str) -> Entry:
        return Entry(ns, {"cluster": "bakery", "app": "oven"}, text, metadata)

    entries = [
        entry("one", level="info", detected_level="error"),
        entry("two", detected_level="error"),
        entry("ERROR three", detected_level="unknown"),
        entry("four"),
    ]
    backend = filled([], entries, double={"most_entries": 50}, page_lines=50)
    found = backend.grouped(ComparedWindows.model_validate(windows), deadline)
    assert {row["masked"]: row["level"] for row in found.rows.to_pylist()} == {
        "one": "info",
        "two": "error",
        "ERROR three": "error",
        "four": "unknown",
    }
    assert sorted(bodies(backend, start, deadline, levels=("error",))) == ["ERROR three", "two"]
    assert bodies(backend, start, deadline, entities=("oven",), levels=("info",)) == ["one"]


def test_a_level_in_the_line_counts_where_no_label_has_one(filled: Filled, start: datetime, deadline: Deadline) -> None:
    said = ['{"a":1,"level":"error"}', "t=1 lvl=ERROR msg=x", "12:00:00 [FATAL] oven", "CRITICAL: hot"]
    silent = ['{"msg":"no error"}', "level=info error", "An ERRORless day", "level=warn", "x" * 200 + " ERROR"]
    backend = filled([line(start, text, level=None) for text in (*said, *silent)])
    assert sorted(bodies(backend, start, deadline, levels=("error",))) == sorted(said)


def test_without_flags_and_without_a_scope_lines_are_the_same(
    filled: Filled, start: datetime, deadline: Deadline
) -> None:
    rows = [line(start, "hot", level="err", trace_id="t1", attributes=[("shelf", "3")])]
    plain = filled(rows, headers={}, scope={})
    (found,) = plain.search(start, start + MINUTE, deadline, head=9, tail=9).rows.to_pylist()
    assert (found["level"], found["trace_id"], found["attributes"]) == (
        "err",
        "t1",
        [("cluster", "bakery"), ("shelf", "3")],
    )
    assert plain.read([found["id"]], deadline)["body"].to_pylist() == ["hot"]


def test_names_and_texts_that_look_like_queries_stay_text(
    filled: Filled, servers: list[LokiServer], start: datetime, deadline: Deadline
) -> None:
    hostile = ['x"} or {a=~".+', "a|b", ".*", "back\\slash", "line\nbreak", "ключ", '") | drop (level', "`x`", "{{.}}"]
    backend = filled([line(start, text, entity=text) for text in hostile])
    for text in hostile:
        assert bodies(backend, start, deadline, entities=(text,)) == [text]
        assert bodies(backend, start, deadline, contains=text) == [text]
    many = [f"{place} {'x' * 300}" for place in range(60)]
    assert bodies(backend, start, deadline, entities=(*many, "a|b")) == ["a|b"]


def test_what_loki_says_is_never_repeated(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    streams = b'{"status":"success","data":{"resultType":"streams","result":%s}}'
    cases = [
        (ailing.answer(b"too many outstanding requests PLANTED", "429 Busy"), "too many questions"),
        (ailing.answer(b"parse error at PLANTED", "400 Bad Request", "text/plain"), "does not understand"),
        (ailing.answer(b"max entries limit PLANTED", "400 Bad Request", "text/plain"), "so many lines at once"),
        (ailing.answer(b"the query time range exceeds PLANTED", "400 No", "text/plain"), "so long a time"),
        (ailing.answer(b"PLANTED", "400 No", "text/plain"), "refused the question"),
        (ailing.answer(b"PLANTED", "500 Oops", "text/plain"), "failed"),
        (ailing.answer(b"<html>PLANTED", kind="text/html"), "did not answer JSON"),
        (ailing.answer(b'{"status":"success","data":["PLANTED"]}'), "no Loki API"),
        (ailing.answer(streams % b'[{"stream":{"a":"PLANTED"},"values":[["soon","x"]]}]'), "else than lines"),
        (ailing.answer(streams % b'[{"values":"PLANTED"}]'), "else than lines"),
        (ailing.answer(streams % b'["PLANTED"]'), "else than lines"),
        (ailing.cut_chunks, "broke off"),
    ]
    for behave, told in cases:
        server = AilingServer(behave)
        with pytest.raises(BackendError, match=told) as caught:
            backend_at(server.url, tmp_path).search(start, start + MINUTE, deadline, head=9, tail=9)
        assert "PLANTED" not in str(caught.value) + caught.value.remedy
        server.close()


def test_half_of_a_character_is_no_reason_to_fail(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    text = rb'[{"stream":{"job":"oven"},"values":[["%d","half \ud83d"]]}]' % (to_us(start) * 1_000)
    server = AilingServer(ailing.answer(b'{"status":"success","data":{"resultType":"streams","result":%s}}' % text))
    backend = backend_at(server.url, tmp_path)
    found = backend.search(start, start + MINUTE, deadline, head=9, tail=9)
    assert found.rows["body"].to_pylist() == ["half ?"]
    server.close()


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=60), st.lists(st.text(max_size=30), min_size=1, max_size=3), st.sampled_from(EVERY))
def test_no_value_changes_the_structure_of_a_query(text: str, entities: list[str], every: int) -> None:
    reading = Reading((Matcher("cluster", "=", text),), ("service_name", "app"), ("level", "detected_level"))
    asked = {"contains": text, "levels": ("error",), "without": ("debug",), "every": every}
    (query,) = log_queries(reading, entities, **asked)
    (plain,) = log_queries(READING, ["oven"], **{**asked, "contains": "hot"})
    ours, theirs = read_query(query), read_query(plain)
    assert isinstance(ours, LogQuery)
    assert isinstance(theirs, LogQuery)
    assert len(ours.stages) == len(theirs.stages)
    # A line with these values passes, one with any other does not, so each value is where it was put.
    right = {"cluster": text, "app": entities[-1], "level": "Error"}
    if entities[-1]:
        assert ours.matches(right)
        assert not ours.matches({**right, "cluster": f"{text}x"})
        stages = ours.stages if every == 1 else ours.stages[:4]
        assert all(stage(0, right, f"a{text}b") is not None for stage in stages)
        assert any(stage(0, {**right, "app": f"{max(entities)}x"}, text) is None for stage in stages)


def test_a_share_of_the_lines_is_picked_evenly() -> None:
    for every in SHARES[1::3]:
        query = read_query(" ".join(['{a="b"}', *picked(every)]))
        assert isinstance(query, LogQuery)
        # Whole seconds, whole milliseconds, a timer, and as fine as it gets.
        for rhythm in (10**9, 10**6, 240 * 10**6, 4_800_001):
            passed = 0
            for place in range(6_000):
                labels: Any = {"a": "b"}
                for stage in query.stages:
                    labels = stage(19 * 10**17 + place * rhythm, labels, "") if labels is not None else None
                passed += labels is not None
            assert abs(passed - 6_000 / every) <= 4 * (6_000 / every) ** 0.5, (every, rhythm)
