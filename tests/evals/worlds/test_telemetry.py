"""Metrics, logs, spans and outcomes: as many as asked for, tied to each other, and in step with the simulation."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.evals.cases import Case
from opswarden.evals.worlds.log_slots import BLANKS
from opswarden.evals.worlds.log_sources import log_sources
from opswarden.evals.worlds.logs import LINES_AT_ONCE, _stretches
from opswarden.evals.worlds.model import build_world
from opswarden.evals.worlds.spec import FAULT_NAMES, FaultName, WorldSpec
from opswarden.evals.worlds.world import write_case

WorldCase = Callable[[FaultName], Case]


def query(case: Case, sql: str) -> list[tuple[object, ...]]:
    """Rows of a query in which `{logs}` and so on stand for the tables."""
    paths = {path.stem: f"'{path}'" for path in case.snapshot.glob("*.parquet")}
    with duckdb.connect() as connection:
        return connection.execute(sql.format(**paths)).fetchall()


def test_there_are_about_as_many_lines_and_spans_as_asked_for(tmp_path: Path, small: WorldSpec) -> None:
    spec = small.model_copy(update={"log_lines": 20_000, "spans": 3_000})
    case = write_case(spec, tmp_path / "case")
    (lines,), (spans,) = query(case, "select count(*) from {logs}")[0], query(case, "select count(*) from {spans}")[0]
    assert 19_000 < int(str(lines)) < 21_500
    assert 2_600 < int(str(spans)) < 3_400


def test_pods_are_added_until_there_are_enough_series(tmp_path: Path, small: WorldSpec) -> None:
    case = write_case(small.model_copy(update={"series": 900}), tmp_path / "case")
    counted = query(case, "select count(*) from (select distinct entity, metric, labels::varchar from {metrics})")
    assert 900 <= int(str(counted[0][0])) < 920


def test_samples_are_missing_here_and_there_but_never_doubled(world_case: WorldCase) -> None:
    case = world_case("healthy")
    rows = query(
        case, "select entity, metric, labels::varchar, count(*), count(distinct ts) from {metrics} group by all"
    )
    assert all(row[3] == row[4] for row in rows)
    full = [int(str(row[3])) for row in rows if "version" not in str(row[2])]
    assert 0 < sum(150 - count for count in full) / (150 * len(full)) < 0.03
    assert min(full) > 120


def test_counters_never_fall_and_shares_stay_shares(world_case: WorldCase) -> None:
    case = world_case("card_testing")
    of_series = "over (partition by entity, metric, labels::varchar order by ts)"
    falls = query(
        case,
        f"select count(*) from (select value - lag(value) {of_series} as grown from {{metrics}} where kind = 'counter')"
        " where grown < 0",
    )
    assert falls == [(0,)]
    assert query(case, "select count(*) from {metrics} where unit = 'ratio' and (value < 0 or value > 1)") == [(0,)]
    assert query(case, "select count(*) from {metrics} where value is null or isnan(value)") == [(0,)]


def test_lines_that_carry_a_trace_lie_in_a_span_of_their_entity(world_case: WorldCase) -> None:
    case = world_case("bad_canary")
    linked = query(case, "select count(*) from {logs} where trace_id is not null")[0][0]
    matched = query(
        case,
        "select count(*) from {logs} l join {spans} s using (trace_id, span_id, entity)"
        " where l.ts >= s.start - interval 1 second",
    )[0][0]
    assert int(str(linked)) > 20
    assert matched == linked
    assert query(case, "select count(*) from {logs} where (trace_id is null) <> (span_id is null)") == [(0,)]


def test_lines_are_in_the_order_of_time(world_case: WorldCase) -> None:
    times = pq.read_table(world_case("healthy").snapshot / "logs.parquet")["ts"].to_pylist()
    assert times == sorted(times)


def test_spans_form_trees_that_follow_the_call_graph(world_case: WorldCase) -> None:
    case = world_case("slow_dependency")
    rows = query(case, "select trace_id, span_id, parent_id, entity, epoch_us(start), duration_us, status from {spans}")
    by_id = {row[1]: row for row in rows}
    assert len(by_id) == len(rows)
    topology = {(row[0], row[1]) for row in query(case, "select caller, callee from {topology}")}
    roots = Counter(row[0] for row in rows if row[2] is None)
    assert set(roots.values()) == {1}
    assert set(roots) == {row[0] for row in rows}
    for row in rows:
        assert int(str(row[5])) > 0
        if row[2] is not None:
            parent = by_id[row[2]]
            assert parent[0] == row[0]
            assert (parent[3], row[3]) in topology
            assert parent[4] <= row[4]


def test_calls_of_a_country_go_to_providers_that_serve_it(world_case: WorldCase, small: WorldSpec) -> None:
    shares = build_world(small).platform.provider_share
    case = world_case("healthy")
    seen = query(case, "select distinct attributes['country'], entity from {spans} where entity like 'psp-%'")
    assert len(seen) >= 5
    assert all(provider in shares[str(country)] for country, provider in seen)
    issuers = query(case, "select distinct attributes['country'], entity from {spans} where entity like 'issuer-%'")
    assert all(str(issuer).startswith(f"issuer-{str(country).lower()}-") for country, issuer in issuers)


def test_spans_fail_as_often_as_the_error_rate_says(tmp_path: Path, small: WorldSpec) -> None:
    spec = small.model_copy(update={"fault": "bad_canary", "spans": 20_000, "severity": 2.0})
    world = build_world(spec)
    case = write_case(spec, tmp_path / "case")
    entity = world.strike.entity
    late = world.timeline.elapsed_s > 600
    expected = float(np.average(world.state.failed[world.platform.index[entity or ""]][late]))
    since = world.timeline.onset_us + 600_000_000
    (share, count) = query(
        case,
        f"select avg((status = 'ERROR')::int), count(*) from {{spans}} where entity = '{entity}'"
        f" and epoch_us(start) > {since}",
    )[0]
    assert int(str(count)) > 50
    assert float(str(share)) == pytest.approx(expected, abs=0.09)


def test_outcomes_count_what_the_approval_rate_says(world_case: WorldCase) -> None:
    case = world_case("issuer_decline_wave")
    counted = dict(
        query(
            case,
            "select country, sum(count) filter (outcome = 'approved') / sum(count) from {outcomes} group by country",
        )
    )
    measured = dict(
        query(
            case,
            "select labels['country'], avg(value) from {metrics} where metric = 'approval_rate'"
            " and entity = 'payment-orchestrator' group by all",
        )
    )
    assert set(counted) == set(measured)
    for country, share in counted.items():
        assert float(str(share)) == pytest.approx(float(str(measured[country])), abs=0.025)


def test_trouble_is_logged_by_whoever_meets_it(world_case: WorldCase) -> None:
    seen = query(
        world_case("expired_certificate"),
        "select count(*) from {logs} where body like '%certificate has expired%'",
    )
    assert int(str(seen[0][0])) > 20
    assert query(world_case("healthy"), "select count(*) from {logs} where body like '%certificate has expired%'") == [
        (0,)
    ]


def test_every_blank_of_every_line_can_be_filled_and_there_are_many_wordings(small: WorldSpec) -> None:
    wordings = set()
    for fault in FAULT_NAMES:
        for source in log_sources(build_world(small.model_copy(update={"fault": fault}))):
            assert set(source.blanks) <= {*BLANKS, *source.fixed, *source.curves}, source.text
            assert source.rate.shape == (150,)
            assert source.rate.min() >= 0.0
            wordings.add(source.text)
    assert len(wordings) >= 40


def test_a_stretch_of_lines_is_bounded_and_none_is_left_out() -> None:
    per_step = np.abs(np.random.default_rng(3).normal(90_000, 40_000, size=500))
    stretches = _stretches(per_step)
    assert stretches[0][0] == 0
    assert stretches[-1][1] == 500
    assert all(one[1] == two[0] for one, two in pairwise(stretches))
    assert max(per_step[first:last].sum() for first, last in stretches) < 2 * LINES_AT_ONCE


def test_a_thousand_lines_a_chunk_or_all_at_once_hold_the_same_kinds_of_lines(
    tmp_path: Path, small: WorldSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opswarden.evals.worlds.logs.LINES_AT_ONCE", 1_000)
    case = write_case(small.model_copy(update={"log_lines": 8_000}), tmp_path / "case")
    metadata = pq.read_metadata(case.snapshot / "logs.parquet")
    assert metadata.num_row_groups >= 7
    assert 7_500 < metadata.num_rows < 9_000
    times = pq.read_table(case.snapshot / "logs.parquet")["ts"].to_pylist()
    assert times == sorted(times)


@pytest.mark.soak
def test_five_million_lines_need_no_more_memory_than_a_few_stretches(tmp_path: Path) -> None:
    write_case(WorldSpec(seed=1, fault="slow_dependency", log_lines=5_000_000), tmp_path / "case")
    assert pq.read_metadata(tmp_path / "case" / "snapshot" / "logs.parquet").num_rows > 4_900_000
    assert pa.default_memory_pool().max_memory() < 1_000_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000
