"""A fleet while it is invented: workloads with their series, what is in the inventory, what happened."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from ..worlds.countries import Country
from ..worlds.streams import Array, Streams
from ..worlds.topology import build_platform
from .clockwork import OFFICE, Clockwork
from .labels import Label
from .spec import FleetSpec

GIB = float(2**30)
REGIONS = ("eu-west-1", "sa-east-1", "ap-south-1")
MOVING_REGION = "eu-south-2"
"""The region whose bill changes its currency in the middle of the history."""

HEADROOM = 0.8
"""A clean CPU size carries its 99.5th percentile at 80 %, a clean memory size its peak at two thirds: the two common
rules that are used as references, so that whoever follows them has nothing to say."""
MEMORY_FACTOR = 1.5


class Size(NamedTuple):
    """Of one replica: what is reserved, and the limit."""

    value: float
    most: float | None = None


@dataclass
class Workload:
    """One workload. `replicas` holds the number at every sample; series are NaN where nothing was measured."""

    row: dict[str, Any]
    sizes: dict[str, Size]
    replicas: Array
    series: dict[str, Array]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.row["workload"])


@dataclass
class Draft:
    """Everything of a fleet but prices and the bill."""

    spec: FleetSpec
    streams: Streams
    clock: Clockwork
    countries: tuple[Country, ...]
    workloads: list[Workload] = field(default_factory=list)
    inventory: list[dict[str, Any]] = field(default_factory=list)
    happenings: list[dict[str, Any]] = field(default_factory=list)
    planted: list[Label] = field(default_factory=list)
    watchful: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: FleetSpec) -> Draft:
        """An empty fleet with the countries that the sandbox world has for this seed."""
        streams = Streams(spec.seed)
        return cls(spec, streams, Clockwork(spec), build_platform(streams).countries)

    def rng(self, *names: str) -> np.random.Generator:
        """Random numbers of a part of the fleet."""
        return self.streams.of("fleet", *names)

    def add(
        self,
        row: Mapping[str, Any],
        sizes: Mapping[str, Size],
        series: Mapping[str, Array],
        replicas: float | Array = 1.0,
    ) -> Workload:
        """A workload; what its row does not say is what most have."""
        usual: dict[str, Any] = {
            "kind": "serving",
            "team": "platform",
            "owner": "#platform",
            "criticality": "normal",
            "region": REGIONS[0],
            "timezone": OFFICE,
            "capacity_type": "on_demand",
            "runtime": "python",
            "resource_id": f"arn:fleet:{row['workload']}",
            "attributes": {},
        }
        number = np.full(self.clock.n, replicas) if isinstance(replicas, (int, float)) else replicas
        workload = Workload({**usual, **row}, dict(sizes), number, dict(series))
        self.workloads.append(workload)
        return workload

    def keep(self, item_id: str, kind: str, **facts: Any) -> None:
        """A thing of the inventory. Times are given as days before the end, or `None`.

        Args:
            item_id: its id.
            kind: of the inventory.
            facts: columns; `used`, `watched` and `age` in days before the end.
        """
        used, watched = facts.pop("used", None), facts.pop("watched", 400.0)
        row: dict[str, Any] = {
            "id": item_id,
            "kind": kind,
            "team": "platform",
            "owner": "#platform",
            "created": self._ago(facts.pop("age", 420.0)),
            "last_used": self._ago(used),
            "watched_since": self._ago(watched),
            "needed_by": [],
            "resource_id": f"arn:fleet:{facts.get('workload') or item_id}",
            "attributes": {},
        }
        self.inventory.append({**row, **facts})

    def happened(self, sample: int, workload: str, kind: str, value: float | None = None) -> None:
        """Something happened at a sample."""
        at = datetime.fromtimestamp(int(self.clock.ts_us[sample]) / 1e6, UTC)
        self.happenings.append({"ts": at, "workload": workload, "kind": kind, "value": value, "attributes": {}})

    def _ago(self, days: float | None) -> datetime | None:
        return None if days is None else self.spec.end - timedelta(days=days)


def fitting_cpu(cpu: Array) -> Size:
    """A CPU size that the common rule would leave as it is."""
    return Size(round(max(float(np.nanquantile(cpu, 0.995)) / HEADROOM, 0.05), 3))


def fitting_memory(memory: Array) -> Size:
    """A memory size that the common rule would leave as it is."""
    value = math.ceil(float(np.nanmax(memory)) * MEMORY_FACTOR / (64 * 2**20)) * 64 * 2.0**20
    return Size(value, value)
