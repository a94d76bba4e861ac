"""Trouble travels along more than calls; each coupling leads to what explains it, and to nothing else."""

from __future__ import annotations

import pyarrow as pa
import pytest

from opswarden.tools.attribution.couplings import Dependency, dependencies
from opswarden.tools.attribution.ranking import Ranked
from opswarden.tools.attribution.tools import Tables, rank_tables
from opswarden.tools.features.tools import FEATURE_COLUMNS

from .tables import START, graph, pattern, patterns, shift, shifts, us


def ranked(tables: Tables, alert: str | None = None, metric: str | None = None) -> list[Ranked]:
    return rank_tables(tables, START, alert, metric)[0]


def first(tables: Tables, alert: str | None = None, metric: str | None = None) -> str:
    return ranked(tables, alert, metric)[0].entity


def test_a_callee_explains_no_more_failures_than_it_has() -> None:
    """The address fails more often, but on few requests; the service behind it fails as many as its caller feels."""
    found = shifts(
        shift("shop", "availability", 6, before=100, after=95),
        shift("shop", "requests", 0.5, before=500, after=500),
        shift("finder.internal.example", "availability", 7, before=100, after=85),
        shift("finder.internal.example", "requests", 0.5, before=45, after=45),
        shift("finder", "availability", 6, before=100, after=95),
        shift("finder", "requests", 0.5, before=800, after=800),
    )
    edges = graph(("shop", "finder.internal.example"), ("shop", "finder"))
    assert first(Tables(shifts=found, graph=edges), "shop", "availability") == "finder"


def test_where_the_alert_fired_a_small_move_of_the_mean_is_enough_to_ask_for_an_explanation() -> None:
    found = shifts(
        shift("shop", "latency", 1.5, before=0.10, after=0.11, labels={"stat": "Average"}),
        shift("shop", "latency", 2.5, before=0.3, after=0.4, labels={"stat": "p95"}),
        shift("shop", "requests", 0.5, before=600, after=600),
        shift("seldom", "latency", 7, before=0.02, after=0.05, labels={"stat": "Average"}),
        shift("seldom", "latency", 9, before=0.1, after=0.9, labels={"stat": "p95"}),
        shift("seldom", "requests", 0.5, before=50, after=50),
        shift("often", "latency", 7, before=0.01, after=0.02, labels={"stat": "Average"}),
        shift("often", "requests", 0.5, before=900, after=900),
    )
    assert first(Tables(shifts=found, graph=graph(("shop", "seldom"), ("shop", "often"))), "shop", "latency") == "often"


def test_blame_passes_through_a_callee_that_does_not_measure_what_is_felt() -> None:
    found = shifts(
        shift("shop", "approval_rate", 8, before=0.9, after=0.7),
        shift("router", "cpu_usage", 0.5, before=0.3, after=0.3),
        shift("bank", "approval_rate", 8, before=0.9, after=0.5),
        shift("notary", "approval_rate", 0.5, before=0.9, after=0.899),
    )
    edges = graph(("shop", "router"), ("router", "bank"), ("shop", "notary"))
    assert first(Tables(shifts=found, graph=edges), "shop", "approval_rate") == "bank"


def test_a_tenant_that_keeps_its_machine_busy_comes_before_machine_and_victim() -> None:
    found = shifts(
        shift("pricing", "latency_p99_ms", 9, before=20, after=80),
        shift("machine-7", "cpu_usage", 9, before=0.4, after=0.95),
        shift("batch", "cpu_usage", 9, before=0.2, after=0.98),
    )
    edges = graph(("pricing", "machine-7", "runs_on"), ("batch", "machine-7", "runs_on"))
    order = [row.entity for row in ranked(Tables(shifts=found, graph=edges), "pricing", "latency_p99_ms")]
    assert order[0] == "batch"
    assert set(order) == {"batch", "machine-7", "pricing"}


def test_a_busy_machine_does_not_explain_wrong_answers() -> None:
    found = shifts(
        shift("scorer", "score_mean", 8, before=0.2, after=0.5),
        shift("machine-7", "cpu_usage", 4.5, before=0.4, after=0.7),
    )
    edges = graph(("scorer", "machine-7", "runs_on"))
    assert first(Tables(shifts=found, graph=edges), "scorer", "score_mean") == "scorer"


@pytest.mark.parametrize("kind", ["publishes", "writes"])
def test_readers_that_reject_records_lead_to_the_writer_whose_records_changed(kind: str) -> None:
    found = shifts(
        shift("settler", "records_rejected_ratio", 10, before=0.0, after=0.6),
        shift("ledger", "event_bytes_mean", 6, before=700, after=900),
        shift("ledger", "request_rate", 0.5, before=10, after=10),
    )
    tables = Tables(
        shifts=found,
        patterns=patterns(pattern("settler", "skipped record at offset <*>", 25)),
        graph=graph(("ledger", "events", kind), ("settler", "events", "consumes")),
    )
    assert first(tables, "settler", "records_rejected_ratio") == "ledger"


def test_an_overload_leads_past_the_overloaded_to_the_cache_that_no_longer_takes_its_part() -> None:
    found = shifts(
        shift("server", "latency_ms", 8, before=10, after=80),
        shift("server", "request_rate", 0.5, before=100, after=100),
        shift("db", "latency_ms", 9, before=5, after=90),
        shift("db", "error_rate", 9, before=0, after=0.3),
        shift("db", "cpu_usage", 8, before=0.3, after=1.0),
        shift("db", "request_rate", 9, before=5, after=60),
        shift("cache", "cache_hit_ratio", 7, before=0.95, after=0.4),
        shift("cache", "latency_ms", 0.5, before=1, after=1),
        shift("cache", "request_rate", 0.5, before=100, after=100),
    )
    assert (
        first(Tables(shifts=found, graph=graph(("server", "db"), ("server", "cache"))), "server", "latency_ms")
        == "cache"
    )


def test_retries_against_a_callee_that_fails_make_nobody_else_suspect() -> None:
    found = shifts(
        shift("server", "error_rate", 8, before=0, after=0.5),
        shift("server", "request_rate", 0.5, before=100, after=100),
        shift("db", "error_rate", 9, before=0, after=0.8),
        shift("db", "request_rate", 8, before=100, after=280),
        shift("cache", "cache_hit_ratio", 0.5, before=0.95, after=0.95),
    )
    assert (
        first(Tables(shifts=found, graph=graph(("server", "db"), ("server", "cache"))), "server", "error_rate") == "db"
    )


def test_who_is_reached_no_more_is_known_by_what_its_callers_say() -> None:
    found = shifts(
        shift("server", "error_rate", 9, before=0, after=0.9),
        shift("store-db", "error_rate", 0.2, before=0, after=0),
        shift("store-db", "request_rate", 7, before=100, after=5),
    )
    said = patterns(pattern("server", "handshake with store-db failed", 20))
    tables = Tables(shifts=found, patterns=said, graph=graph(("server", "store-db")))
    assert first(tables, "server", "error_rate") == "store-db"


def test_what_waits_in_a_queue_speaks_of_its_consumer() -> None:
    found = shifts(
        shift("events", "queue_depth", 9, before=10, after=9_000, labels={"consumer": "mailer"}),
        shift("mailer", "cpu_usage", 0.5, before=0.3, after=0.3),
    )
    rows = ranked(Tables(shifts=found, graph=graph(("mailer", "events", "consumes"))))
    assert rows[0].entity == "mailer"
    assert "as seen by events" in rows[0].signs[0].text


@pytest.mark.parametrize(("after", "is_first"), [(6.0, False), (0.0, True)])
def test_what_runs_down_by_itself_says_something_when_it_has_run_out(after: float, is_first: bool) -> None:
    found = shifts(
        shift("vault", "certificate_days_left", 7, before=7, after=after),
        shift("shop", "cpu_usage", 4, before=0.3, after=0.5),
    )
    assert (first(Tables(shifts=found)) == "vault") == is_first


def test_who_went_out_of_order_long_after_is_no_cause_of_it() -> None:
    def order(late: float) -> list[str]:
        found = shifts(
            shift("shop", "score_mean", 7, before=0.2, after=0.5, onset_us=us(2)),
            shift("feed", "freshness_s", 7, before=20, after=900, onset_us=us(2 + late)),
            shift("model", "accuracy", 7, before=0.9, after=0.6, onset_us=us(2)),
        )
        rows = ranked(Tables(shifts=found, graph=graph(("shop", "feed"), ("shop", "model"))), "shop", "score_mean")
        return [row.entity for row in rows]

    assert order(0)[0] == "feed"
    assert order(30)[0] == "model"


def test_two_things_that_break_at_once_are_both_needed_and_echoes_are_not() -> None:
    found = shifts(
        shift("shop", "latency_ms", 8, before=100, after=900),
        shift("orders", "latency_ms", 8, before=50, after=450),
        shift("orders-db", "latency_ms", 9, before=5, after=405),
        shift("search", "latency_ms", 8, before=40, after=440),
        shift("index", "latency_ms", 9, before=5, after=405),
    )
    both = graph(("shop", "orders"), ("orders", "orders-db"), ("shop", "search"), ("search", "index"))
    rows = ranked(Tables(shifts=found, graph=both), "shop", "latency_ms")
    assert {row.entity for row in rows[:2]} == {"orders-db", "index"}
    assert {row.entity for row in rows if row.accounts_for} == {"orders-db", "index"}
    assert sum(row.accounts_for for row in rows) == 5


def test_one_cause_accounts_for_its_whole_chain() -> None:
    found = shifts(
        shift("shop", "latency_ms", 8, before=100, after=900),
        shift("orders", "latency_ms", 8, before=50, after=850),
        shift("orders-db", "latency_ms", 9, before=5, after=805),
    )
    rows = ranked(Tables(shifts=found, graph=graph(("shop", "orders"), ("orders", "orders-db"))), "shop", "latency_ms")
    assert [(row.entity, row.accounts_for) for row in rows if row.accounts_for] == [("orders-db", 3)]


def features(*rows: tuple[str, str, str | None, float]) -> pa.Table:
    """Who serves it, what is wrong with it, who writes it, and the score."""
    return pa.Table.from_pylist(
        [
            dict.fromkeys(FEATURE_COLUMNS.names)
            | {"entity": entity, "feature": "flour_g", "trouble": trouble, "writer": writer, "score": score}
            | {"age_before_s": 60.0, "age_after_s": 900.0, "null_rate_before": 0.0, "null_rate_after": 0.3}
            | {"mean_before": 1.0, "mean_after": 2.0, "psi": 0.9}
            for entity, trouble, writer, score in rows
        ],
        schema=FEATURE_COLUMNS,
    )


def test_a_queue_that_fills_leads_to_the_consumer_that_takes_less() -> None:
    edges = graph(("till", "orders", "publishes"), ("baker", "orders", "consumes"), ("clerk", "orders", "consumes"))
    waits = shift("orders", "queue_depth", 12, before=3, after=900, labels={"consumer": "baker"})
    calm = shift("baker", "latency_ms", 0.4), shift("clerk", "latency_ms", 0.4)
    slow = shifts(waits, *calm, shift("till", "cpu_usage", 2.5, before=0.3, after=0.4))
    assert first(Tables(shifts=slow, graph=edges), "orders", "queue_depth") == "baker"
    unnamed = shifts(
        shift("orders", "queue_depth", 12, before=3, after=900),
        shift("clerk", "cpu_usage", 9, before=0.2, after=0.9),
        shift("baker", "cpu_usage", 0.4),
        shift("till", "cpu_usage", 2.5, before=0.3, after=0.4),
    )
    rows = ranked(Tables(shifts=unnamed, graph=edges), "orders", "queue_depth")
    assert {row.entity for row in rows[:2]} == {"orders", "clerk"}
    assert Dependency("orders", "baker", "drain") in dependencies([("baker", "orders", "consumes")])
    assert Dependency("orders", "till", "drain") not in dependencies([("till", "orders", "publishes")])


def test_a_machine_that_fails_takes_its_tenants_with_it() -> None:
    found = shifts(
        shift("shop", "error_rate", 8, before=0, after=0.3),
        shift("oven", "error_rate", 8, before=0, after=0.3),
        shift("rack-1", "heartbeats_missed_ratio", 6, before=0, after=0.2),
        shift("rack-2", "heartbeats_missed_ratio", 0.4, before=0, after=0),
    )
    edges = graph(("shop", "oven"), ("oven", "rack-1", "runs_on"), ("shop", "rack-2", "runs_on"))
    assert first(Tables(shifts=found, graph=edges), "shop", "error_rate") == "rack-1"


@pytest.mark.parametrize("is_late", [True, False])
def test_late_data_lead_upstream_to_the_first_that_is_late(is_late: bool) -> None:
    """A model answers otherwise, because a feature is old, because it was made of an old table."""
    found = shifts(
        shift("model", "score_mean", 6, before=0.1, after=0.2),
        shift("batch", "request_rate", 0.4),
        shift("lake", "partition_age_s", 5 if is_late else 0.3, before=300, after=2000 if is_late else 310),
    )
    edges = graph(
        ("model", "pantry"), ("pantry", "shelf", "reads"), ("batch", "shelf", "writes"), ("batch", "lake", "reads")
    )
    tables = Tables(shifts=found, graph=edges, features=features(("pantry", "stale", "batch", 9.0)))
    rows = ranked(tables, "model", "score_mean")
    assert rows[0].entity == ("lake" if is_late else "batch")


def test_a_writer_of_whom_only_the_reader_speaks_explains_no_more_than_that_is_worth() -> None:
    found = shifts(shift("model", "score_mean", 6, before=0.1, after=0.2), shift("batch", "request_rate", 0.4))
    edges = graph(("model", "pantry"), ("pantry", "batch", "reads"))

    def kept(trouble: str) -> float:
        tables = Tables(shifts=found, graph=edges, features=features(("pantry", trouble, "batch", 9.0)))
        return next(row.keeps for row in ranked(tables, "model", "score_mean") if row.entity == "pantry")

    assert kept("nulls") > 2 * kept("stale")


def test_a_decision_follows_the_score_that_was_got_before() -> None:
    found = shifts(
        shift("shop", "approval_rate", 8, before=0.9, after=0.7),
        shift("rules", "decline_rate", 5, before=0.05, after=0.2),
        shift("model", "score_mean", 6, before=0.1, after=0.3),
    )
    edges = graph(("shop", "rules"), ("shop", "model"), ("model", "pantry"))
    tables = Tables(shifts=found, graph=edges, features=features(("pantry", "skew", None, 12.0)))
    assert first(tables, "shop", "approval_rate") == "pantry"


def test_how_much_of_the_trouble_of_an_entity_stays_with_it() -> None:
    found = shifts(
        shift("shop", "latency_ms", 8, before=100, after=900),
        shift("orders", "latency_ms", 8, before=50, after=850),
        shift("orders-db", "latency_ms", 9, before=5, after=805),
    )
    rows = ranked(Tables(shifts=found, graph=graph(("shop", "orders"), ("orders", "orders-db"))), "shop", "latency_ms")
    kept = {row.entity: (row.keeps, row.leads_to) for row in rows}
    assert kept["orders-db"] == (pytest.approx(1.0), None)
    assert kept["shop"][0] < 0.3
    assert kept["shop"][1] == kept["orders"][1] == "orders-db"


def test_edges_without_ends_and_to_themselves_couple_nothing() -> None:
    assert dependencies([("", "a", "calls"), ("a", "", "calls"), ("a", "a", "calls")]) == ()
    assert Dependency("a", "b", "call") in dependencies([("a", "b", "who knows")])


def test_a_hub_of_thousands_stays_small() -> None:
    edges = [("hub", f"leaf-{place}", "calls") for place in range(3_000)]
    edges += [(f"leaf-{place}", "bus", "writes") for place in range(3_000)]
    edges += [(f"leaf-{place}", "bus", "reads") for place in range(3_000)]
    assert len(dependencies(edges)) < 60_000
