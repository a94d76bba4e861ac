"""What a report says of payments, models and features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from opswarden.agents.triage.types import Evidence, TriageReport
from opswarden.apps.reports.domain import findings
from opswarden.apps.reports.html import render_html
from opswarden.apps.reports.markdown import render_markdown
from opswarden.apps.reports.outline import outline
from opswarden.apps.reports.terminal import render_terminal
from opswarden.core.amounts import amount

Make = Callable[..., TriageReport]

SEGMENT = {
    "conditions": [{"name": "country", "value": "AA"}, {"name": "provider", "value": "till-x"}],
    "measure": "approval",
    "direction": "fell",
    "rate_before": 0.82,
    "rate_after": 0.31,
    "payments_lost": 4_096,
    "payments_lost_low": 3_900,
    "payments_lost_high": 4_300,
    "money_lost": [{"currency": "EUR", "amount_minor": 12_345_600}],
    "codes": [{"outcome": "error", "code": "96", "group": "technical"}],
    "is_attack": False,
}
PAYMENTS = {"segments": [SEGMENT], "bursts": [], "why": "rate", "rate_before": 0.8, "rate_after": 0.7}
MODEL = {
    "entity": "oven",
    "model": "crust",
    "score": 6.0,
    "psi": 0.31,
    "mean_before": 0.2,
    "mean_after": 0.4,
    "newest": {"newest": "8", "gap": 0.9, "score": 7.0, "at_once": True, "mean_older": 0.2, "mean_newest": 0.5},
}
FEATURE = {
    "feature": "flour_g",
    "view": "pantry",
    "trouble": "nulls",
    "null_rate_before": 0.01,
    "null_rate_after": 0.4,
    "consumers": ["oven"],
}


def evidence(tool: str, summary: Any, status: Any = "ok") -> Evidence:
    return Evidence(id="E7", tool=tool, scope={}, status=status, summary=summary)


def test_a_segment_says_what_was_lost_in_payments_and_in_money() -> None:
    (found,) = findings([evidence("outcomes.segments", PAYMENTS)])
    assert (found.subject, found.measure) == ("country AA, provider till-x", "approval rate")
    assert (found.before, found.after, found.shares) == ("82.0%", "31.0%", (0.82, 0.31))
    assert "4,096 payments lost (3,900 to 4,300)" in found.note
    assert "123,456 EUR" in found.note
    assert "error 96 technical" in found.note


def test_an_attack_lost_nothing_and_a_mix_is_said() -> None:
    attacked = PAYMENTS | {"segments": [SEGMENT | {"is_attack": True}]}
    (found,) = findings([evidence("outcomes.segments", attacked)])
    assert "lost (" not in found.note
    mixed = {"segments": [], "why": "mix", "rate_before": 0.8, "rate_after": 0.7, "rate_at_old_rates": 0.7}
    (found,) = findings([evidence("outcomes.segments", mixed)])
    assert "mix" in found.note


def test_models_and_features() -> None:
    found = findings([evidence("models.health", {"shown": [MODEL]}), evidence("features.health", {"shown": [FEATURE]})])
    assert [one.measure for one in found] == ["mean score by version", "mean score", "null values"]
    assert "in the same minutes" in found[0].note
    assert (found[2].subject, found[2].before, found[2].after) == ("flour_g of pantry", "1.0%", "40.0%")
    assert found[2].note == "used by oven"


def test_what_did_not_move_is_not_told() -> None:
    quiet = MODEL | {"score": 1.0, "newest": None}
    assert not findings([evidence("models.health", {"shown": [quiet]})])
    assert not findings([evidence("features.health", {"shown": [FEATURE | {"trouble": None}]})])


def test_what_payments_come_down_to_is_one_line() -> None:
    situation = {
        "name": "provider_outage",
        "conditions": [{"name": "country", "value": "BB"}],
        "evidence": ["54% more"],
    }
    (found,) = findings([evidence("outcomes.explain", {"verdict": "provider_down", "situations": [situation]})])
    assert (found.about, found.note) == ("payments", "whoever stands behind us is down: provider outage; 54% more")
    assert findings([evidence("outcomes.explain", {"verdict": "nothing", "situations": []})]) == ()


@pytest.mark.parametrize(
    "summary",
    [
        None,
        "cut",
        [],
        {},
        {"segments": "x", "shown": 3, "bursts": [None, 1]},
        {"segments": [{}], "shown": [{}], "bursts": [{}]},
        {
            "segments": [
                {"conditions": [{}], "rate_before": "x", "rate_after": 10**400, "codes": [1], "money_lost": [{}]}
            ]
        },
        {"shown": [{"trouble": "values", "newest": {"score": 9}, "score": 9, "consumers": "x"}]},
    ],
)
@pytest.mark.parametrize("tool", ["outcomes.explain", "outcomes.segments", "models.health", "features.health"])
def test_a_summary_that_was_cut_or_is_odd_does_not_break_the_report(tool: str, summary: Any) -> None:
    findings([evidence(tool, summary)])


def test_every_surface_shows_them(make_report: Make) -> None:
    report = make_report()
    more = (*report.evidence, evidence("outcomes.segments", PAYMENTS))
    page = outline(report.model_copy(update={"evidence": more}))
    for text in (render_html(page), render_markdown(page), render_terminal(page, width=100)):
        assert "4,096 payments lost" in text
        assert "till-x" in text


def test_names_of_outsiders_are_escaped(make_report: Make) -> None:
    hostile: Mapping[str, Any] = SEGMENT | {"conditions": [{"name": "issuer", "value": "<script>x</script>"}]}
    report = make_report()
    more = (*report.evidence, evidence("outcomes.segments", PAYMENTS | {"segments": [hostile]}))
    page = outline(report.model_copy(update={"evidence": more}))
    assert "<script>x" not in render_html(page)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (12_345, "EUR", "123.45 EUR"),
        (12_345, "JPY", "12,345 JPY"),
        (12_345, "KWD", "12.345 KWD"),
        (5e8, "BRL", "5,000,000 BRL"),
    ],
)
def test_amounts_know_their_smallest_unit(minor: float, currency: str, text: str) -> None:
    assert amount(minor, currency) == text
