"""What surrounds the workloads: how much business there was, the calendar, and what language models were asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from .draft import Draft
from .spec import SALES

_HOLIDAYS = (("BR", date(2026, 9, 7), "independence"), ("IN", date(2026, 8, 15), "independence"),
             ("MX", date(2026, 9, 16), "independence"), ("NG", date(2026, 10, 1), "independence"))  # fmt: skip
_LLM = (("support", "answers", "small-chat", 4_200), ("merchants", "onboarding", "large-chat", 310),
        ("risk", "case-notes", "large-chat", 540))  # fmt: skip
_TOKEN_MICROUSD = {"small-chat": (0.15, 0.6), "large-chat": (2.5, 10.0)}


def business_rows(draft: Draft) -> list[dict[str, Any]]:
    """Scored and approved payments by day, model and country."""
    rows = []
    for country in draft.countries:
        rng = draft.rng("business", country.code)
        for day in _days(draft):
            scored = country.requests_per_s * 0.55 * 86_400 * float(np.exp(rng.normal(0, 0.04)))
            for measure, count in (("scored", scored), ("approved_payments", scored * country.approval)):
                rows.append(
                    {"day": day, "measure": measure, "model": "fraud-net", "country": country.code,
                     "count": float(round(count))}
                )  # fmt: skip
    return rows


def calendar_rows(draft: Draft) -> list[dict[str, Any]]:
    """Ends of months, holidays, and the sales of November, which come every year and are not in the history."""
    rows: list[dict[str, Any]] = []
    for month in range(5, 13):
        last = (date(2026, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        rows.append({"first": last - timedelta(days=1), "last": last, "name": "month end", "kind": "peak",
                     "country": None, "yearly": False})  # fmt: skip
    rows.append({"first": SALES.date(), "last": SALES.date() + timedelta(days=4), "name": "november sales",
                 "kind": "peak", "country": None, "yearly": True})  # fmt: skip
    codes = {country.code for country in draft.countries}
    rows += [
        {"first": day, "last": day, "name": name, "kind": "holiday", "country": code, "yearly": True}
        for code, day, name in _HOLIDAYS
        if code in codes
    ]
    return rows


def llm_rows(draft: Draft) -> list[dict[str, Any]]:
    """Requests to language models by day, team and use."""
    rows = []
    for team, use, model, usual in _LLM:
        rng = draft.rng("llm", team, use)
        price_in, price_out = _TOKEN_MICROUSD[model]
        for day in _days(draft):
            requests = int(usual * np.exp(rng.normal(0, 0.1)))
            tokens_in, tokens_out = requests * 1_400, requests * 220
            cached = int(tokens_in * 0.2)
            cost = (tokens_in - 0.5 * cached) * price_in + tokens_out * price_out
            rows.append(
                {"ts": datetime(day.year, day.month, day.day, tzinfo=draft.spec.start.tzinfo), "team": team,
                 "use": use, "model": model, "requests": requests, "tokens_in": tokens_in, "tokens_cached": cached,
                 "tokens_out": tokens_out, "cost_microusd": int(cost), "repeated": int(requests * 0.12)}
            )  # fmt: skip
    return rows


def _days(draft: Draft) -> list[date]:
    return [draft.spec.start.date() + timedelta(days=day) for day in range(draft.spec.weeks * 7)]
