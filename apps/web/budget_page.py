"""Budgets and cost: what was used today, this month and in the last hour, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ...core.errors import InputError
from ...policies.day_budgets import DayBudgets, day_of
from ...policies.standings import Standing, of_day, of_limits
from ..reports.markup import Child, Markup, element
from .asked import Asked, Reply
from .layout import page, table, usd

_PERIODS = {"month": ", the month", "hour": ", the last hour"}
_NEAR = 0.8


def show(asked: Asked) -> Reply:
    """The page of a day."""
    today = day_of(asked.now)
    day = asked.query.get("day", "") or today
    if not _is_day(day):
        raise InputError("that is no day", remedy="write it like 2026-01-31")
    found = list(_standings(asked, day))
    return page(
        asked,
        "Budgets and cost",
        element(
            "form",
            element("label", element("span", "Day of UTC"), element("input", type="date", name="day", value=day)),
            element("button", "Show", type="submit"),
            method="get",
            action=asked.url("budgets"),
            class_="filter",
        ),
        table(f"{day} (UTC)", _HEADS, [_cells(item) for item in found], "budgets")
        if found
        else element("p", f"Nothing was used on {day}, and nothing is limited.", class_="empty"),
        element(
            "p",
            "What calls under way have set aside is reserved; so is what a process had set aside when it died.",
            class_="lead",
        ),
    )


_HEADS = ("whose", "what", "#used", "#reserved", "#limit", "#left", "share")


def _standings(asked: Asked, day: str) -> Sequence[Standing]:
    gate, database = asked.house.installation.settings.gate, asked.house.installation.database
    budgets, now = DayBudgets(gate.storm.with_others(gate.budgets)), asked.now
    teams: Sequence[str | None] = (None,) if asked.who.teams is None else asked.who.teams
    return [
        item
        for team in teams
        for item in (*of_day(database, budgets, day, team=team), *of_limits(database, budgets, now, day, team=team))
    ]


def _cells(item: Standing) -> Sequence[Child]:
    is_money = item.measure == "microusd"

    def figure(value: int | None) -> str:
        if value is None:
            return "–"
        return usd(value) if is_money else f"{value:,}"

    return (
        f"{item.scope} {item.name}{_PERIODS.get(item.per, '')}",
        "cost" if is_money else item.measure,
        figure(item.used),
        figure(item.reserved),
        figure(item.limit),
        figure(item.left),
        _share(item),
    )


def _share(item: Standing) -> Markup | str:
    if not item.limit:
        return "–"
    share = (item.used + item.reserved) / item.limit
    word = "full" if share >= 1 else "near" if share >= _NEAR else "fine"
    return element("span", element("meter", f"{share:.0%}", value=min(1.0, share)), f" {share:.0%}", class_=word)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
