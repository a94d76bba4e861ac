"""`outcomes.parquet`: payments counted by country, provider, issuer, channel and response code."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...tools.snapshots.writer import SnapshotWriter
from .columns import TIME, pairs_pool, picked_column
from .log_slots import DECLINE_CODES, DECLINE_WEIGHTS
from .model import World
from .payments import DOORS, door_shares
from .spec import DAY_S
from .streams import Array, Counts
from .timeline import SECOND_US

_MEAN_AMOUNT_USD = 31.0
_TINY_AMOUNT_USD = 1.0
# Outcome and code of every column of the counts: approved, each decline, our own rules, a provider that failed.
OUTCOMES: tuple[tuple[str, str], ...] = (
    ("approved", "00"),
    *(("declined", code) for code in DECLINE_CODES),
    ("declined", "N7"),  # the security code does not match
    ("blocked", "R1"),  # declined by our own rules
    ("error", "96"),  # the provider or the platform failed
)
_WAVE_CODE = DECLINE_CODES.index("05") + 1
_SECURITY_CODE = OUTCOMES.index(("declined", "N7"))


def bin_length_s(world: World) -> int:
    """Five minutes; an hour for worlds longer than three days; never shorter than a sample."""
    length_s = 300 if world.spec.duration_s <= 3 * DAY_S else 3_600
    return max(world.timeline.step_s, length_s // world.timeline.step_s * world.timeline.step_s)


def write_outcomes(world: World, writer: SnapshotWriter) -> int:
    """Write one row per bin and combination that occurred; returns how many."""
    per_bin = bin_length_s(world) // world.timeline.step_s
    starts = np.arange(0, world.timeline.steps, per_bin)
    written = 0
    for code in world.payments.countries:
        for provider in world.platform.provider_share[code]:
            for issuer in world.platform.issuer_share[code]:
                for door in DOORS:
                    where = (code, provider, issuer, door)
                    rates = _rates(world, *where)
                    rng = world.streams.of("outcomes", *where)
                    expected = np.add.reduceat(rates * world.timeline.step_s, starts, axis=1)
                    written += _write(world, writer, rng.poisson(expected), starts, where, rng)
    return written


def _rates(world: World, code: str, provider: str, issuer: str, door: str) -> Array:
    """Payments per second by outcome, shape (outcomes, T)."""
    paid = world.payments
    row, column, bank = paid.countries.index(code), paid.providers.index(provider), paid.issuers.index(issuer)
    attack = world.demand.attack_on(door=door, country=code)
    arriving = world.demand.usual[row] * door_shares(world.platform)[door] + attack
    attempts = arriving * paid.share[row, column] * paid.issuer_weight[row, bank]
    attacked = attack / np.maximum(arriving, 1e-9)
    blocked = paid.blocked[row]
    failed = 1.0 - (1.0 - paid.broken) * (1.0 - paid.pair_failed[row, column])
    asked = attempts * (1.0 - blocked) * (1.0 - failed)
    honest, wave = asked * (1.0 - attacked), world.forces.of("decline", issuer)
    usual = paid.approve[bank] / np.maximum(1.0 - wave, 1e-6)
    rates = np.zeros((len(OUTCOMES), world.timeline.steps))
    rates[0] = honest * paid.approve[bank] + asked * attacked * 0.07
    for place, weight in enumerate(DECLINE_WEIGHTS):
        rates[place + 1] = honest * (1.0 - wave) * (1.0 - usual) * weight
    rates[_WAVE_CODE] += honest * wave
    rates[_SECURITY_CODE] = asked * attacked * 0.93 + honest * 0.002
    rates[-2] = attempts * blocked
    rates[-1] = attempts * (1.0 - blocked) * failed
    return np.maximum(rates, 0.0)


def _write(
    world: World,
    writer: SnapshotWriter,
    counts: Counts,
    starts: Counts,
    where: tuple[str, str, str, str],
    rng: np.random.Generator,
) -> int:
    outcome, place = np.nonzero(counts)
    found = counts[outcome, place]
    country = world.platform.country(where[0])
    usd = np.where(outcome == _SECURITY_CODE, _TINY_AMOUNT_USD, _MEAN_AMOUNT_USD)
    scatter = np.exp(rng.normal(0.0, 0.5, size=len(found)) / np.sqrt(found))
    amount = np.round(found * usd * country.minor_per_usd * scatter).astype(np.int64)
    ts = world.timeline.start_us + starts[place] * world.timeline.step_s * SECOND_US
    same = np.zeros(len(found), dtype=np.int64)
    writer.write(
        "outcomes",
        {
            "ts": pa.array(ts, type=TIME),
            "entity": picked_column(("payment-orchestrator",), same),
            "country": picked_column((where[0],), same),
            "issuer": picked_column((where[2],), same),
            "provider": picked_column((where[1],), same),
            "outcome": picked_column([name for name, _ in OUTCOMES], outcome),
            "response_code": picked_column([code for _, code in OUTCOMES], outcome),
            "count": pa.array(found),
            "amount_minor": pa.array(amount),
            "currency": picked_column((country.currency,), same),
            "labels": pairs_pool([{"channel": where[3]}]).take(pa.array(same)),
        },
    )
    return len(found)
