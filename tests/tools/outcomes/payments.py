"""Made-up payments of a bakery chain: rates per shop, bank and till, minute by minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np

Rate = Callable[[str, str, str, bool], float]
"""Share that is approved, by country, issuer, provider, and whether it is the window."""

COUNTRIES = ("AA", "BB", "CC")
ISSUERS = ("bank-1", "bank-2")
PROVIDERS = ("till-x", "till-y")
BIN_MIN = 5


def steady(_country: str, _issuer: str, _provider: str, _after: bool) -> float:
    return 0.8


def payment(
    ts: datetime, outcome: str = "approved", code: str = "00", count: int = 1, amount: int = 1_000, **more: Any
) -> dict[str, Any]:
    row = {"ts": ts, "entity": "counter", "country": "AA", "issuer": "bank-1", "provider": "till-x"}
    row |= {"outcome": outcome, "response_code": code, "count": count, "amount_minor": amount * count}
    return row | {"currency": "EUR"} | more


def payments(
    start: datetime,
    rate: Rate = steady,
    *,
    seed: int = 1,
    per_bin: Callable[[str, bool], float] = lambda _country, _after: 60.0,
    code: str = "05",
    outcome: str = "declined",
) -> list[dict[str, Any]]:
    """Two quiet hours and half an hour in bins of five minutes; `code` and `outcome` of what is not approved."""
    rng = np.random.default_rng(seed)
    return list(_rows(start, rate, rng, per_bin, (outcome, code)))


def _rows(
    start: datetime,
    rate: Rate,
    rng: np.random.Generator,
    per_bin: Callable[[str, bool], float],
    bad: tuple[str, str],
) -> Iterator[dict[str, Any]]:
    for minute in range(-120, 30, BIN_MIN):
        ts, after = start + timedelta(minutes=minute), minute >= 0
        for country in COUNTRIES:
            for issuer in ISSUERS:
                for provider in PROVIDERS:
                    count = int(rng.poisson(per_bin(country, after)))
                    approved = int(rng.binomial(count, rate(country, issuer, provider, after)))
                    where = {"country": country, "issuer": issuer, "provider": provider}
                    if approved:
                        yield payment(ts, count=approved, **where)
                    if count > approved:
                        yield payment(ts, *bad, count=count - approved, **where)
