"""`attribution.changes` as the gate calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import ToolRetry
from opswarden.tools.attribution.evidence import Sign
from opswarden.tools.attribution.ranking import NO_RIVAL
from opswarden.tools.attribution.tools import Tables, about, attribution_tools
from opswarden.tools.spec import Output, ToolContext

from .tables import START, changes, graph, shift, shifts, us


@dataclass
class Shelf:
    """Artifacts by id."""

    tables: Mapping[str, pa.Table]

    def read(self, artifact_id: str) -> pa.Table:
        """The table of that id."""
        if artifact_id not in self.tables:
            raise ToolRetry("no such artifact")
        return self.tables[artifact_id]


def call(name: str, tables: Mapping[str, pa.Table], **more: Any) -> Output[Any]:
    tool = {tool.name: tool for tool in attribution_tools("production")}[name]
    given = {"start": START, "end": START + timedelta(minutes=30), "alert_entity": "oven", **more}
    args = tool.args.model_validate(given | {kind: kind for kind in tables})
    clock = FixedClock(START)
    return tool.run(args, ToolContext("run", "team", clock, Deadline(clock, 60), Shelf(tables)))


FOUND = shifts(shift("oven", "error_rate", 30, before=0, after=0.4, onset_us=us(5)), shift("till", "cpu_usage", 0.4))


def test_the_change_that_did_it_and_the_rejected_ones_with_their_reasons() -> None:
    record = changes(("oven", "c1", 3), ("oven", "answer", 20), ("till", "far", -200))
    output = call("attribution.changes", {"shifts": FOUND, "changes": record})
    assert output.status == "ok"
    result = output.summary
    assert (result.named, result.changes_judged) == ("c1", 3)
    assert result.changes[0].change == "c1"
    rejected = {row.change: row for row in result.changes if row.verdict == "against"}
    assert result.rejected == len(rejected) == 2
    assert "after the onset" in rejected["answer"].reasons[0]
    assert output.artifact is not None
    assert output.artifact.num_rows == 3
    assert call("attribution.rank", {"shifts": FOUND, "changes": record}).summary.candidates[0].change == "c1"


def test_where_no_change_fits_none_is_named_anywhere() -> None:
    record = changes(("oven", "answer", 20), ("till", "far", -900))
    tables = {"shifts": FOUND, "changes": record}
    assert call("attribution.changes", tables).summary.named is None
    ranked = call("attribution.rank", tables).summary
    assert [row.change for row in ranked.candidates] == [None] * len(ranked.candidates)


def test_without_a_record_nothing_can_be_judged() -> None:
    assert call("attribution.changes", {"shifts": FOUND}).status == "no_data"
    assert call("attribution.changes", {"shifts": FOUND, "changes": changes()}).status == "no_data"


def test_many_changes_stay_a_small_summary() -> None:
    record = changes(*((f"service-{place}", f"c{place}", -place / 10) for place in range(3_000)))
    output = call("attribution.changes", {"shifts": FOUND, "changes": record}, limit=50)
    assert output.summary.changes_judged == 3_000
    assert len(output.summary.changes) <= 50
    assert output.artifact is not None
    assert output.artifact.num_rows == 3_000


def test_an_echo_of_the_first_suspect_is_no_rival_of_it() -> None:
    found = shifts(
        shift("shop", "latency_ms", 8, before=100, after=900),
        shift("orders", "latency_ms", 9, before=50, after=850),
        shift("orders-db", "latency_ms", 9, before=5, after=805),
    )
    chain = graph(("shop", "orders"), ("orders", "orders-db"))
    apart = graph(("shop", "orders"), ("shop", "orders-db"))
    asked = {"alert_entity": "shop", "alert_metric": "latency_ms"}
    alone = call("attribution.rank", {"shifts": found, "graph": chain}, **asked).summary
    assert alone.candidates[0].entity == "orders-db"
    assert alone.margin == NO_RIVAL
    rivals = call("attribution.rank", {"shifts": found, "graph": apart}, **asked).summary
    assert 1 <= rivals.margin < 2


def test_how_far_the_metric_of_the_alert_moved() -> None:
    found = shifts(shift("oven", "latency_ms", 0.4), shift("till", "latency_ms", 9, after=40))
    result = call("attribution.rank", {"shifts": found}, alert_metric="latency_ms").summary
    assert result.alert_shift == 0.4
    by_class = call("attribution.rank", {"shifts": found}, alert_metric="response_time_seconds").summary
    assert by_class.alert_shift == 0.4
    better = shifts(shift("oven", "latency_ms", 6, before=9, after=1), shift("till", "latency_ms", 9))
    assert call("attribution.rank", {"shifts": better}, alert_metric="latency_ms").summary.alert_shift == 0
    for asked in ({"alert_metric": "null_rate"}, {"alert_entity": "mill", "alert_metric": "latency_ms"}, {}):
        assert call("attribution.rank", {"shifts": found}, **asked).summary.alert_shift is None


def test_every_row_that_was_compared_raises_the_ceiling() -> None:
    row = pa.table({"entity": ["oven"] * 500})
    few = Tables(shifts=FOUND).compared
    for kind in ("patterns", "latency", "calls", "outcomes", "models", "features", "versions"):
        assert Tables(**{"shifts": FOUND, kind: row}).compared == few + 500


def test_what_the_first_suspect_explains_stands_out_for_it() -> None:
    chain = graph(("shop", "oven"), ("oven", "mill"))

    def leading(score: float) -> float:
        found = shifts(
            shift("shop", "latency_ms", 9, before=100, after=900),
            shift("oven", "latency_ms", 8, before=50, after=850),
            shift("mill", "latency_ms", score, before=5, after=805),
        )
        asked = {"alert_entity": "shop", "alert_metric": "latency_ms"}
        result = call("attribution.rank", {"shifts": found, "graph": chain}, **asked).summary
        assert result.candidates[0].entity == "mill"
        return float(result.leading_shift)

    assert leading(3.5) == 9
    assert leading(2.9) == 2.9


def test_what_the_first_suspect_shows_is_told_without_figures() -> None:
    found = shifts(shift("oven", "heat_celsius", 9), shift("oven", "cpu_usage", 5), shift("till", "latency_ms", 4))
    result = call("attribution.rank", {"shifts": found}).summary
    assert result.candidates[0].entity == "oven"
    assert result.leading_signs == ("heat_celsius", "cpu_usage")
    version = Sign("version", "error_rate", 9, "error_rate of its newer version is 0.5, of the older one 0.005")
    burst = Sign("segment", "attempts", 9, "approvals at country=TR fell from 84.8% to 39.5%", source="outcomes")
    assert [about(sign) for sign in (version, burst)] == [
        "error_rate of its newer version", "approvals at country=TR fell from to",
    ]  # fmt: skip


def test_a_change_where_others_account_for_the_trouble_is_no_better_placed_than_none() -> None:
    """Both are slow; the caller was changed shortly before, and all of its trouble is its callee's."""
    found = shifts(
        shift("shop", "latency_ms", 8, before=100, after=900, onset_us=us(5)),
        shift("oven", "latency_ms", 9, before=5, after=805, onset_us=us(5)),
        shift("oven", "cpu_usage", 9, before=0.1, after=0.9, onset_us=us(5)),
    )
    record = changes(("shop", "c1", 0), *(("till", f"t{place}", -90 * place) for place in range(1, 12)))
    asked = {"alert_entity": "shop", "alert_metric": "latency_ms"}
    below = call("attribution.rank", {"shifts": found, "graph": graph(("shop", "oven")), "changes": record}, **asked)
    assert below.summary.candidates[0].entity == "oven"


def test_traffic_and_indirect_signs_alone_do_not_put_an_entity_out_of_order() -> None:
    found = shifts(
        shift("oven", "latency_ms", 9, onset_us=us(5)),
        shift("till", "request_rate", 6, onset_us=us(5)),
        shift("mill", "node_cpu_usage", 6, onset_us=us(5)),
    )
    record = changes(("till", "c1", 4), ("mill", "c2", 4))
    result = call("attribution.changes", {"shifts": found, "changes": record}).summary
    assert all("nothing is out of order at its service" in row.reasons for row in result.changes)
    assert call("attribution.rank", {"shifts": found}).summary.entities_anomalous == 1
