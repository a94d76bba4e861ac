"""The costs of a fleet: the bill beside it, its price lists and rates, and who owns what."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from ....core.clock import Deadline
from ...fleets.schema import BILL_FOLDER
from ...fleets.store import FleetStore
from ..advice import SpotCandidate
from ..allocation import Catalogue, Driver, Subject
from ..exchange import Rates
from ..llm_spend import ModelUse, ModelUseReader
from ..prices import Price, PriceList, opencost_defaults
from ..settings import CostRules, read_cost_rules
from ..unit_costs import Counted
from .focus import FocusBill
from .price_files import read_price_file
from .types import BillReader

_MOST_ROWS = 500_000

_USED = """
    SELECT workload, sum(mean * hours) FROM (
        SELECT workload, date_trunc('hour', ts) AS hour, avg(value) AS mean, 1 AS hours FROM usage
        WHERE resource = $resource AND ts >= $start AND ts < $end GROUP BY ALL
    ) GROUP BY workload HAVING sum(mean * hours) > 0
"""
_IDLE = """
    WITH used AS (
        SELECT workload, resource, date_trunc('hour', ts) AS hour, avg(value) AS value FROM usage
        WHERE resource IN ('cpu', 'gpu') AND ts >= $start AND ts < $end GROUP BY ALL
    ), held AS (SELECT workload, resource, ts, value FROM sizes WHERE resource IN ('cpu', 'gpu') AND value > 0),
    compared AS (
        SELECT used.workload, used.resource, sum(held.value) AS held, sum(least(used.value, held.value)) AS used
        FROM used ASOF JOIN held
          ON used.workload = held.workload AND used.resource = held.resource AND used.hour >= held.ts
        GROUP BY ALL
    )
    SELECT workload, arg_max(1 - used / held, CASE resource WHEN 'gpu' THEN 1 ELSE 0 END) FROM compared GROUP BY ALL
"""


_LATEST_SIZES = """
    SELECT workload, resource, arg_max(value, ts) FROM sizes WHERE value IS NOT NULL GROUP BY ALL ORDER BY ALL
    LIMIT $most
"""
_STARTS = """
    SELECT workload, count(*), max(value) FROM happenings WHERE kind = 'start' GROUP BY ALL ORDER BY ALL LIMIT $most
"""
_WORKLOADS = """
    SELECT workload, kind, team, owner, criticality, region, gpu_type, capacity_type, attributes FROM workloads
    ORDER BY workload LIMIT $most
"""


class FleetCosts:
    """The costs of a fleet folder; implements `CostsBackend`. The bill is opened when it is first asked for.

    Args:
        store: the fleet.
        own: this toolkit's own records of requests to models.
        bill: a FOCUS file or folder elsewhere, instead of the one in the fleet.
        memory_limit_mb: what the bill may hold.
    """

    def __init__(
        self,
        store: FleetStore,
        own: ModelUseReader | None = None,
        bill: Path | None = None,
        memory_limit_mb: int = 800,
    ) -> None:
        self._store = store
        self._own = own
        self._path = bill or store.folder / BILL_FOLDER
        self._memory_limit_mb = memory_limit_mb
        self._lock = threading.Lock()
        self._bill: FocusBill | None = None

    @property
    def environment(self) -> str:
        """Of the fleet."""
        return self._store.environment

    @property
    def currency(self) -> str:
        """Of the fleet's manifest."""
        return self._store.manifest.currency

    @cached_property
    def _rules(self) -> CostRules:
        return read_cost_rules(self._store.folder)

    @property
    def rules(self) -> CostRules:
        """Of `costs.yaml` in the fleet's folder."""
        return self._rules

    def bill(self) -> BillReader | None:
        """The bill in the fleet's folder."""
        with self._lock:
            if self._bill is None and self._path.exists():
                self._bill = FocusBill(self._path, memory_limit_mb=self._memory_limit_mb)
            return self._bill

    def close(self) -> None:
        """Let go of the bill; the fleet stays open."""
        with self._lock:
            if self._bill is not None:
                self._bill.close()
                self._bill = None

    def catalogue(self) -> Catalogue:
        """Workloads first; what the inventory knows beside them."""
        found = [
            Subject(*(text or "" for text in row))
            for row in self._rows(
                "SELECT workload, team, model, country, resource_id FROM workloads ORDER BY workload LIMIT $most"
            )
        ]
        known = {subject.name: subject for subject in found}
        for name, team, workload, resource in self._rows(
            "SELECT id, team, workload, resource_id FROM inventory ORDER BY id LIMIT $most"
        ):
            owner = known.get(workload or "")
            if owner is not None:
                found.append(Subject(owner.name, owner.team, owner.model, owner.country, resource or ""))
            else:
                found.append(Subject(name or "", team or "", "", "", resource or ""))
        return Catalogue(tuple(found))

    @cached_property
    def _rates(self) -> Rates:
        rows = self._rows("SELECT day, base, quote, rate, source FROM rates ORDER BY day LIMIT $most")
        return Rates(
            (day, base, quote, rate, source or "")
            for day, base, quote, rate, source in rows
            if None not in (day, base, quote, rate)
        )

    def rates(self) -> Rates:
        """Of the table `rates`."""
        return self._rates

    @cached_property
    def _prices(self) -> PriceList:
        rows = self._rows(
            "SELECT region, sku, capacity_type, unit, price, currency, since, source FROM prices "
            "WHERE sku IS NOT NULL AND price IS NOT NULL AND since IS NOT NULL ORDER BY since LIMIT $most"
        )
        prices = [
            Price(
                region or "", sku, capacity or "on_demand", unit or "Hour", price, currency or "", since, source or ""
            )
            for region, sku, capacity, unit, price, currency, since, source in rows
        ]
        for wanted in self.rules.price_files:
            prices += read_price_file(self._store.folder, wanted)[0]
        if self.rules.opencost_defaults:
            prices += opencost_defaults(date(2000, 1, 1))
        return PriceList(prices)

    def prices(self) -> PriceList:
        """Of the table `prices`, of the price files, and OpenCost's defaults where `costs.yaml` wants them."""
        return self._prices

    def spot_candidates(self) -> tuple[SpotCandidate, ...]:
        """Workloads with their latest size; a start that has a value says by it how many seconds it took."""
        sizes: dict[str, dict[str, float]] = {}
        for workload, resource, value in self._rows(_LATEST_SIZES):
            if value is not None and resource in ("cpu", "memory", "gpu", "replicas"):
                sizes.setdefault(workload, {})[resource] = float(value)
        starts = {name: (int(n), longest) for name, n, longest in self._rows(_STARTS)}
        return tuple(
            SpotCandidate(
                workload=name,
                kind=kind or "other",
                team=team or "",
                owner=owner,
                criticality=criticality or "normal",
                region=region or "",
                gpu_type=gpu_type or "",
                capacity=capacity or "on_demand",
                size=sizes[name],
                starts=starts.get(name, (0, None))[0],
                start_s=starts.get(name, (0, None))[1],
                has_checkpoints=dict(attributes or ()).get("checkpoints", "").lower() in ("true", "yes"),
            )
            for name, kind, team, owner, criticality, region, gpu_type, capacity, attributes in self._rows(_WORKLOADS)
            if name in sizes
        )

    def counts(self, start: date, end: date) -> tuple[Counted, ...]:
        """Of the table `business`."""
        rows = self._rows(
            "SELECT day, measure, model, country, sum(count) FROM business WHERE day >= $start AND day < $end "
            "AND measure IS NOT NULL GROUP BY ALL ORDER BY ALL LIMIT $most",
            start=start,
            end=end,
        )
        return tuple(
            Counted(day, measure, model or "", country or "", float(n or 0)) for day, measure, model, country, n in rows
        )

    def weights(self, start: date, end: date) -> Mapping[Driver, Mapping[str, Decimal]]:
        """Of the table `usage`: mean by hour, summed."""
        found: dict[Driver, Mapping[str, Decimal]] = {}
        drivers: dict[Driver, str] = {"requests": "requests", "gpu_time": "gpu", "cpu_time": "cpu"}
        wanted = {rule.driver for rule in self.rules.allocation.shared}
        for driver, resource in drivers.items():
            if driver in wanted:
                rows = self._rows(_USED, resource=resource, start=_moment(start), end=_moment(end))
                found[driver] = {workload: Decimal(repr(float(used))) for workload, used in rows}
        return found

    def idle(self, start: date, end: date) -> Mapping[str, float]:
        """Of `usage` and `sizes`; both are of one replica."""
        if not self._store.has("usage") or not self._store.has("sizes"):
            return {}
        rows = self._rows(_IDLE, start=_moment(start), end=_moment(end))
        return {workload: float(idle) for workload, idle in rows if idle is not None}

    def model_uses(self, start: date, end: date) -> tuple[ModelUse, ...]:
        """Of the table `llm_usage`, and of our own records."""
        rows = self._rows(
            "SELECT team, use, model, sum(requests), sum(tokens_in), sum(tokens_cached), sum(tokens_out), "
            "sum(cost_microusd), sum(repeated) FROM llm_usage WHERE ts >= $start AND ts < $end "
            "GROUP BY ALL ORDER BY ALL LIMIT $most",
            start=_moment(start),
            end=_moment(end),
        )
        told = tuple(
            ModelUse(team or "", use or "", model or "", *(int(n or 0) for n in numbers))
            for team, use, model, *numbers in rows
        )
        return (*told, *(self.own_uses(start, end) or ()))

    def own_uses(self, start: date, end: date) -> tuple[ModelUse, ...] | None:
        """Of the records that were handed in."""
        return None if self._own is None else self._own.model_uses(_moment(start), _moment(end))

    def _rows(self, sql: str, deadline: Deadline | None = None, **given: Any) -> list[tuple[Any, ...]]:
        if "$most" in sql:
            given["most"] = _MOST_ROWS
        table = self._store.query(sql, given, deadline)
        columns = [column.to_pylist() for column in table.columns]
        return list(zip(*columns, strict=True))


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
