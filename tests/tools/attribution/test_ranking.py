from __future__ import annotations

from datetime import timedelta

import pytest

from opswarden.tools.attribution.ranking import Ranked
from opswarden.tools.attribution.tools import Tables, noise_ceiling, rank_tables

from .tables import START, changes, graph, latency, operation, pattern, patterns, shift, shifts, us, versions


def ranked(tables: Tables, alert: str | None = None, metric: str | None = None) -> list[Ranked]:
    return rank_tables(tables, START, alert, metric, since=START - timedelta(hours=5))[0]


def order(tables: Tables, alert: str | None = None, metric: str | None = None) -> list[str]:
    return [row.entity for row in ranked(tables, alert, metric)]


CHAIN = graph(("gateway", "orders"), ("orders", "ledger-db"), ("gateway", "search"))


def test_the_deepest_entity_that_accounts_for_the_slowness_comes_first() -> None:
    found = shifts(
        shift("gateway", "latency_p99_ms", 80, before=100, after=900),
        shift("orders", "latency_p99_ms", 60, before=60, after=850),
        shift("ledger-db", "latency_p99_ms", 40, before=10, after=790),
        shift("search", "latency_p99_ms", 1, before=30, after=31),
    )
    assert order(Tables(shifts=found, graph=CHAIN), "gateway", "latency_p99_ms")[0] == "ledger-db"


def test_a_callee_that_moved_far_in_wobbles_but_little_in_milliseconds_explains_nothing() -> None:
    found = shifts(
        shift("gateway", "latency_p99_ms", 20, before=100, after=900),
        shift("orders", "latency_p99_ms", 20, before=60, after=860),
        shift("ledger-db", "latency_p99_ms", 90, before=1.0, after=1.4),
    )
    assert order(Tables(shifts=found, graph=CHAIN), "gateway", "latency_p99_ms")[0] == "orders"


def test_the_unit_of_a_metric_does_not_matter() -> None:
    def tables(factor: float) -> Tables:
        return Tables(
            shifts=shifts(
                shift("gateway", "latency_p99", 30, before=0.1 * factor, after=0.9 * factor),
                shift("orders", "latency_p99", 25, before=0.1 * factor, after=0.8 * factor),
            ),
            graph=CHAIN,
        )

    seconds, micros = ranked(tables(1.0), "gateway", "latency_p99"), ranked(tables(1e6), "gateway", "latency_p99")
    assert [row.entity for row in seconds] == [row.entity for row in micros]
    assert [row.weight for row in seconds] == pytest.approx([row.weight for row in micros])


def test_a_saturated_resource_speaks_for_its_entity_without_a_call_graph() -> None:
    found = shifts(
        shift("orders", "cpu_usage", 40, before=0.3, after=0.98),
        shift("search", "request_rate", 60, before=100, after=300),
        shift("ledger-db", "latency_p99_ms", 4, before=10, after=20),
    )
    assert order(Tables(shifts=found))[0] == "orders"


def test_a_fall_in_errors_and_latency_is_no_accusation() -> None:
    found = shifts(
        shift("orders", "error_rate", 50, before=0.5, after=0.01),
        shift("search", "error_rate", 6, before=0.01, after=0.2),
    )
    assert order(Tables(shifts=found))[0] == "search"


def test_what_a_caller_measures_of_a_callee_counts_for_the_callee() -> None:
    found = shifts(
        shift("gateway", "client_latency_ms", 50, before=5, after=500, labels={"callee": "search"}),
        shift("search", "cpu_usage", 0.5, before=0.30, after=0.31),
    )
    rows = ranked(Tables(shifts=found))
    assert rows[0].entity == "search"
    assert "as seen by gateway" in rows[0].signs[0].text


def test_errors_that_begin_in_an_entity_outweigh_errors_that_pass_through() -> None:
    spans = latency(
        operation(
            "gateway", "GET /pay", error_score=40.0, error_rate_after=0.4, error_rate_before=0.0, origins_after=0
        ),
        operation("orders", "charge", error_score=40.0, origin_score=40.0, error_rate_after=0.4, origins_after=80),
    )
    assert order(Tables(latency=spans, graph=CHAIN), "gateway", "error_rate")[0] == "orders"


def test_a_new_error_log_names_its_entity_and_one_that_names_another_counts_for_that_one() -> None:
    own = Tables(patterns=patterns(pattern("orders", "null pointer in cart <*>", 20)), graph=CHAIN)
    assert order(own)[0] == "orders"
    other = Tables(patterns=patterns(pattern("orders", "no answer from ledger-db:<*>", 20)), graph=CHAIN)
    assert order(other)[0] == "ledger-db"


@pytest.mark.parametrize(
    ("minutes", "is_named"), [(-20.0, True), (-0.5, True), (4.0, True), (-240.0, False), (12.0, False), (40.0, False)]
)
def test_a_change_is_suspect_until_the_trouble_begins(minutes: float, is_named: bool) -> None:
    found = shifts(shift("orders", "error_rate", 30, before=0, after=0.4, onset_us=us(5)))
    rows = ranked(Tables(shifts=found, changes=changes(("orders", "chg-1", minutes))))
    assert (rows[0].change is not None) == is_named


def test_of_two_changes_the_one_nearer_to_the_onset_is_named() -> None:
    found = shifts(shift("orders", "error_rate", 30, before=0, after=0.4, onset_us=us(5)))
    rows = ranked(Tables(shifts=found, changes=changes(("orders", "chg-old", -600), ("orders", "chg-new", -2))))
    assert rows[0].change is not None
    assert rows[0].change.id == "chg-new"


def test_a_change_on_a_calm_entity_does_not_beat_a_troubled_one() -> None:
    found = shifts(
        shift("orders", "error_rate", 30, before=0, after=0.4), shift("search", "error_rate", 0.2, after=1.0)
    )
    assert order(Tables(shifts=found, changes=changes(("search", "chg-1", -1))))[0] == "orders"


def pair(entity: str, metric: str, *, newer: float, older: float, effect: float, p_worse: float) -> dict[str, object]:
    return {
        "entity": entity, "kind": "compared", "metric": metric, "labels": [], "newer": "v2", "newer_first_us": us(1),
        "minutes": 10, "newer_level": newer, "older_level": older, "effect": effect, "p_worse": p_worse,
        "indicator_class": "errors",
    }  # fmt: skip


def test_a_newer_version_that_does_worse_at_the_same_time_is_a_sign() -> None:
    found = versions(
        {"entity": "scorer", "kind": "seen", "newer": "v2", "newer_first_us": us(1)},
        pair("scorer", "error_rate", newer=0.3, older=0.01, effect=20, p_worse=0.001),
    )
    rows = ranked(Tables(shifts=shifts(shift("orders", "cpu_usage", 4)), versions=found))
    assert rows[0].entity == "scorer"
    assert rows[0].signs[0].kind == "version"


def test_a_newer_version_that_does_as_well_is_none() -> None:
    found = versions(
        {"entity": "scorer", "kind": "seen", "newer": "v2", "newer_first_us": us(1)},
        pair("scorer", "error_rate", newer=0.011, older=0.01, effect=0.4, p_worse=0.4),
    )
    assert not any(sign.kind == "version" for row in ranked(Tables(versions=found)) for sign in row.signs)


def test_nothing_to_rank_gives_an_empty_ranking() -> None:
    assert ranked(Tables()) == []


def test_ties_are_broken_by_name_and_input_order_does_not_matter() -> None:
    rows = [shift(name, "cpu_usage", 9, before=0.2, after=0.9) for name in ("b", "a", "c")]
    assert order(Tables(shifts=shifts(*rows))) == order(Tables(shifts=shifts(*rows[::-1]))) == ["a", "b", "c"]


def test_the_noise_ceiling_grows_slowly_with_the_number_of_series() -> None:
    assert noise_ceiling(0) == 3.0
    assert 3.0 < noise_ceiling(40) < noise_ceiling(400) < noise_ceiling(5_000) < 10
