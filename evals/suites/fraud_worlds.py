"""Invented payments of a quiet time and of a window in which one thing goes on, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product

import numpy as np
import pyarrow as pa

from ...tools.outcomes.backends.types import BUCKET_COLUMNS, CODE_COLUMNS, WINDOW_BUCKETS, Outcomes
from ...tools.outcomes.explain_types import SituationName, Verdict
from ...tools.outcomes.tally import Floats, Places

START = datetime(2031, 3, 14, 12, 0, tzinfo=UTC)
WINDOW, QUIET = timedelta(hours=1), timedelta(hours=4)
_QUIET_BUCKETS = WINDOW_BUCKETS * 4
_DIMENSIONS: tuple[str, ...] = (
    "country",
    "issuer",
    "provider",
    "channel",
    "model_version",
    "threshold_version",
    "decision_source",
)
# Outcome, code, who decided.
_ENDS = (
    ("approved", "00", "issuer"),
    ("declined", "51", "issuer"),
    ("declined", "05", "issuer"),
    ("declined", "1A", "3ds"),
    ("error", "91", "provider"),
    ("blocked", "R1", "model"),
    ("blocked", "R2", "rule"),
)
_APPROVED, _FUNDS, _HONOUR, _PROOF, _BROKEN, _MODEL, _RULE = range(len(_ENDS))


@dataclass(frozen=True)
class Planted:
    """What goes on: a name of a kind, what the answer has to be, and how it is done."""

    situation: SituationName
    verdict: Verdict


KINDS: Mapping[str, Planted] = {
    "provider_outage": Planted("provider_outage", "provider_down"),
    "issuer_outage": Planted("issuer_outage", "provider_down"),
    "authentication_failure": Planted("authentication_failure", "provider_down"),
    "model_promoted": Planted("model_declines", "model_broke"),
    "threshold_moved": Planted("model_declines", "model_broke"),
    "fraud_wave": Planted("model_declines", "world_changed"),
    "rule_added": Planted("rule_declines", "own_rules"),
    "issuer_strict": Planted("issuer_declines", "world_changed"),
    "card_testing": Planted("card_testing", "attack"),
    "retry_storm": Planted("retry_storm", "world_changed"),
    "mix_shift": Planted("mix_shift", "world_changed"),
}


@dataclass(frozen=True)
class FraudWorld:
    """Payments, and what is true of them; `where` are the conditions of the segment that it concerns."""

    outcomes: Outcomes
    kind: str = ""
    where: Mapping[str, str] = field(default_factory=dict)


def fraud_world(seed: int, kind: str = "") -> FraudWorld:
    """One world; the same for the same seed."""
    return _Maker(np.random.default_rng((920_000, seed)), kind).world()


class _Maker:
    def __init__(self, rng: np.random.Generator, kind: str) -> None:
        self._rng, self._kind = rng, kind
        self._countries = ("AR", "BR", "CL", "MX")[: int(rng.integers(2, 5))]
        self._issuers = tuple(f"bank-{number}" for number in range(int(rng.integers(3, 7))))
        self._providers = tuple(f"psp-{number}" for number in range(int(rng.integers(2, 4))))
        self._approve = {issuer: float(rng.uniform(0.78, 0.95)) for issuer in self._issuers}
        self._mix_approve = {country: float(rng.uniform(-0.05, 0.03)) for country in self._countries}
        if kind == "mix_shift":
            self._mix_approve[self._countries[0]] = -0.25
        self._size = float(rng.uniform(25_000, 150_000))
        self._strong = float(rng.random())
        self._number: dict[tuple[str, ...], int] = {}
        self._cells: list[tuple[str, ...]] = []
        self._codes: list[tuple[int | bool | str, ...]] = []
        self._buckets: list[tuple[int | bool | str, ...]] = []

    def world(self) -> FraudWorld:
        where = self._where()
        combinations = list(product(self._countries, self._issuers, self._providers, ("web", "app")))
        weight = self._rng.dirichlet(np.full(len(combinations), 2.0))
        hour = float(self._rng.uniform(0.7, 1.4))
        of_country = {country: float(np.exp(self._rng.normal(0, 0.1))) for country in self._countries}
        for place, combination in enumerate(combinations):
            named = dict(zip(_DIMENSIONS, combination, strict=False))
            is_hit = bool(self._kind) and all(named[key] == value for key, value in where.items())
            a_bucket = self._size * weight[place] / WINDOW_BUCKETS
            quiet = np.full(_QUIET_BUCKETS, a_bucket)
            factor = hour * of_country[named["country"]]
            if self._kind == "mix_shift" and named["country"] == self._countries[0]:
                factor *= 3.5
            self._side(named, quiet, is_after=False, is_hit=False)
            self._side(named, np.full(WINDOW_BUCKETS, a_bucket * factor), is_after=True, is_hit=is_hit)
        return FraudWorld(self._outcomes(), self._kind, where)

    def _where(self) -> dict[str, str]:
        pick = self._rng.choice
        country, issuer = str(pick(self._countries)), str(pick(self._issuers))
        provider, is_narrow = str(pick(self._providers)), bool(self._rng.random() < 0.4)
        places: Mapping[str, dict[str, str]] = {
            "provider_outage": {"provider": provider, **({"country": country} if is_narrow else {})},
            "issuer_outage": {"issuer": issuer},
            "authentication_failure": {"channel": "web", **({"country": country} if is_narrow else {})},
            "model_promoted": {"country": country} if is_narrow else {},
            "threshold_moved": {"country": country} if is_narrow else {},
            "fraud_wave": {"country": country},
            "rule_added": {"channel": "app", **({"country": country} if is_narrow else {})},
            "issuer_strict": {"issuer": issuer},
            "card_testing": {"country": country, "channel": "web"},
            "retry_storm": {"issuer": issuer, **({"country": country} if is_narrow else {})},
        }
        return places.get(self._kind, {})

    def _side(self, named: dict[str, str], expected: Floats, *, is_after: bool, is_hit: bool) -> None:
        ends = self._ends(named, is_hit)
        versions = (
            "v9" if is_hit and self._kind == "model_promoted" else "v8",
            "t4" if is_hit and self._kind == "threshold_moved" else "t3",
        )
        counts = self._rng.poisson(expected[:, None] * ends[None, :])
        extra = np.zeros_like(counts)
        if is_hit and self._kind in ("card_testing", "retry_storm"):
            burst = np.zeros(len(_ENDS))
            burst[[_FUNDS, _HONOUR, _APPROVED]] = (0.47, 0.47, 0.06)
            more = max(float(expected[0]) * self._strength(1.0, 3.0), 8.0)
            extra = self._rng.poisson(more * burst[None, :] * np.ones((len(expected), 1)))
            extra[:2] = 0
        self._record(named, versions, counts, 3_000.0, is_after)
        if extra.any():
            self._record(named, versions, extra, 120.0 if self._kind == "card_testing" else 3_000.0, is_after)

    def _ends(self, named: dict[str, str], is_hit: bool) -> Floats:
        approve = min(self._approve[named["issuer"]] + self._mix_approve[named["country"]], 0.97)
        issuers = np.array([approve, (1 - approve) * 0.55, (1 - approve) * 0.45, 0.0, 0.0, 0.0, 0.0])
        own = np.array([0, 0, 0, 0.012, 0.004, 0.02, 0.008])
        ends: Floats = issuers * (1 - own.sum()) + own
        if not is_hit:
            return ends
        taken = {
            "provider_outage": (_BROKEN, self._strength(0.25, 0.9)),
            "issuer_outage": (_BROKEN, self._strength(0.25, 0.9)),
            "authentication_failure": (_PROOF, self._strength(0.12, 0.5)),
            "model_promoted": (_MODEL, self._strength(0.06, 0.25)),
            "threshold_moved": (_MODEL, self._strength(0.06, 0.25)),
            "fraud_wave": (_MODEL, self._strength(0.06, 0.25)),
            "rule_added": (_RULE, self._strength(0.06, 0.25)),
            "issuer_strict": (_HONOUR, self._strength(0.1, 0.4)),
        }.get(self._kind)
        if taken is not None:
            end, share = taken
            ends = ends * (1 - share)
            ends[end] += share
        return ends

    def _strength(self, low: float, high: float) -> float:
        """The same over all cells of a world."""
        return low + (high - low) * self._strong

    def _record(
        self, named: dict[str, str], versions: tuple[str, str], counts: Places, ticket: float, is_after: bool
    ) -> None:
        for end, (outcome, code, decider) in enumerate(_ENDS):
            total = int(counts[:, end].sum())
            if not total:
                continue
            values = (*(named[name] for name in _DIMENSIONS[:4]), *versions, decider)
            cell = self._cell(values)
            amount = round(total * ticket * float(np.exp(self._rng.normal(0, 0.4 / np.sqrt(total)))))
            self._codes.append((cell, is_after, outcome, code, total, amount))
            for bucket in np.flatnonzero(counts[:, end]).tolist():
                self._buckets.append((cell, is_after, bucket, outcome, int(counts[bucket, end])))

    def _cell(self, values: tuple[str, ...]) -> int:
        if values not in self._number:
            self._number[values] = len(self._cells)
            self._cells.append(values)
        return self._number[values]

    def _outcomes(self) -> Outcomes:
        cells = {
            name: pa.array([each[place] for each in self._cells], pa.string()) for place, name in enumerate(_DIMENSIONS)
        }
        cells = {"entity": pa.array(["payments"] * len(self._cells), pa.string()), **cells}
        cells["currency"] = pa.array(["USD"] * len(self._cells), pa.string())
        return Outcomes(
            ("entity", *_DIMENSIONS),
            pa.table(cells),
            _table(CODE_COLUMNS, self._codes),
            _table(BUCKET_COLUMNS, self._buckets),
            complete=True,
        )


def _table(schema: pa.Schema, rows: list[tuple[int | bool | str, ...]]) -> pa.Table:
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(schema.names)}, schema=schema)
