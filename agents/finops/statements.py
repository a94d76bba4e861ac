"""Sentences that code makes of the numbers, each with the evidence that it stands in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...tools.recommendations.amounts import said, said_estimate
from ...tools.recommendations.answers import PlanResult, RealisedResult
from ..triage.types import Claim
from .calls import PLAN, REALISED
from .parts import FinopsParts
from .state import FinopsState, id_of, summary_of

PART_NAMES: Mapping[str, str] = {
    "volume": "more or less of the same",
    "price": "another unit price",
    "mix_region": "other regions",
    "mix_size": "other instance types",
    "mix_capacity": "on-demand, spot and committed in other shares",
    "waste": "paid for and idle",
    "new": "what is new",
    "gone": "what is gone",
    "fees": "fees of commitments",
    "one_off": "one-off charges",
    "tax_and_credits": "tax and credits",
    "currency": "exchange rates",
    "unmeasured": "usage without a quantity",
}
"""What can move a bill, in the words of people who pay it."""
_MOST = 3
_WORTH_SAYING = 0.02
"""Share of the difference below which a part is not worth a sentence."""
_HARDLY = 0.005
"""Share of the cost before below which a bill has not moved."""
_NEARLY = 0.05
"""How far a change that somebody speaks of may be from the one in the bill, in shares of the cost before."""


def plan_claims(state: FinopsState, plan: PlanResult, realised: RealisedResult | None) -> tuple[Claim, ...]:
    """What the week comes to, in sentences."""
    found: list[Claim] = []
    place = id_of(state, PLAN)
    saving = plan.saving
    if plan.offered_count:
        found.append(
            _claim(f"{_count(plan.offered_count, 'recommendation')} save {said_estimate(saving.effective)}.", place)
        )
        found.append(
            _claim(
                f"Of that, {said(saving.bill.expected, plan.currency)} a month make the next invoices smaller, and "
                f"{said(saving.freed.expected, plan.currency)} a month free capacity that somebody still pays for.",
                place,
            )
        )
    else:
        found.append(_claim("Nothing is recommended this week.", place))
    if plan.effort is not None:
        found.append(
            _claim(f"The work for it is estimated at {said(plan.effort.expected, plan.currency)} once.", place)
        )
    if (last := plan.since_last) is not None:
        found.append(
            _claim(
                f"Since {last.at:%Y-%m-%d}: {last.found} new, {last.raised} raised again, {last.withdrawn} withdrawn, "
                f"{last.applied} applied, {last.dismissed} dismissed.",
                place,
            )
        )
    if realised is not None and realised.items:
        where = id_of(state, REALISED)
        broken = [item for item in realised.items if item.measured.move == "regressed" or item.state == "regressed"]
        found.append(
            _claim(
                f"What was applied was to save {said(realised.projected.expected, realised.currency)} a month and "
                f"saves {said_estimate(realised.realised)}.",
                where,
            )
        )
        if broken:
            found.append(_claim(f"{_count(len(broken), 'applied change')} did harm or saves too little.", where))
    return tuple(found)


def cost_claims(parts: FinopsParts, state: FinopsState, call_id: str, about: str = "The bill") -> tuple[Claim, ...]:
    """Why the cost of the later days is another than before."""
    found, place = summary_of(state, call_id), id_of(state, call_id)
    if not found or parts.spans is None:
        return ()
    currency, spans = str(found["currency"]), parts.spans
    before, after, difference = (float(found[name]) for name in ("before", "after", "difference"))
    change = found.get("change")
    share = f" ({abs(float(change)):.1%})" if change is not None else ""
    if change is not None and abs(float(change)) < _HARDLY:
        text = f"{about} hardly moved: {said(before, currency)} and {said(after, currency)}, {found['basis']} cost"
        span = f"{spans.start} to {spans.end}, compared with the {(spans.start - spans.before).days} days before"
        return (_claim(f"{text}, {span}.", place),)
    verb = "rose" if difference > 0 else "fell" if difference < 0 else "stayed"
    days = f"{spans.start} to {spans.end}, compared with the {(spans.start - spans.before).days} days before"
    claims = [
        _claim(
            f"{about} {verb} by {said(abs(difference), currency)}{share}, from {said(before, currency)} to "
            f"{said(after, currency)}, {found['basis']} cost, {days}.",
            place,
        )
    ]
    if line := _parts_line(found.get("parts", ()), difference, currency):
        claims.append(_claim(line, place))
    for mover in list(found.get("movers", ()))[:_MOST]:
        moved = float(mover["difference"])
        if abs(moved) < _WORTH_SAYING * max(abs(difference), 1.0):
            continue
        name = mover.get("workload") or mover.get("service") or "what nobody owns"
        team = f" (team {mover['team']})" if mover.get("team") else ""
        main = max(mover.get("parts", ()), key=lambda part: abs(float(part["amount"])), default=None)
        why = f", mostly {PART_NAMES.get(str(main['part']), str(main['part']))}" if main is not None else ""
        way = "up" if moved > 0 else "down"
        claims.append(_claim(f"{name}{team}: {way} {said(abs(moved), currency)}{why}.", place))
    return tuple(claims)


def group_claims(state: FinopsState, call_id: str, by: str) -> tuple[Claim, ...]:
    """Which teams, models or countries moved most."""
    found, place = summary_of(state, call_id), id_of(state, call_id)
    groups = sorted(found.get("groups", ()), key=lambda one: -abs(float(one["difference"])))[:_MOST]
    currency = str(found.get("currency", ""))
    named = [
        f"{one['name'] or 'nobody'} {'+' if float(one['difference']) > 0 else '-'}"
        f"{said(abs(float(one['difference'])), currency)}"
        for one in groups
        if float(one["difference"])
    ]
    return (_claim(f"By {by}: {', '.join(named)}.", place),) if named else ()


def stated_claim(parts: FinopsParts, state: FinopsState, call_id: str) -> tuple[Claim, ...]:
    """Whether the change that a person speaks of is the one in the bill."""
    question, found = parts.question, summary_of(state, call_id)
    change = found.get("change")
    if question is None or question.stated is None or change is None:
        return ()
    if abs(float(change) - question.stated) <= _NEARLY:
        return ()
    shown = f"{round(float(change), 3) + 0.0:+.1%}"
    text = f"The bill of these days shows a change of {shown}, which is not the one in the question."
    return (_claim(text, id_of(state, call_id)),)


def unit_claims(state: FinopsState) -> tuple[Claim, ...]:
    """What 1,000 scored payments and an approved one cost."""
    found, place = summary_of(state, "costs.unit"), id_of(state, "costs.unit")
    claims = []
    for unit in found.get("units", ()):
        if unit.get("unit_cost") is None or unit.get("model") or unit.get("country"):
            continue
        measure = str(unit["measure"]).replace("_", " ")
        per = measure.removesuffix("s") if unit["per"] == 1 else f"{unit['per']:,} {measure}"
        claims.append(_claim(f"Cost per {per}: {float(unit['unit_cost']):,.4g} {found['currency']}.", place))
    return tuple(claims[:_MOST])


def _parts_line(parts: Sequence[Mapping[str, Any]], difference: float, currency: str) -> str:
    told = sorted(parts, key=lambda one: -abs(float(one["amount"])))
    words = [
        f"{'+' if float(one['amount']) > 0 else '-'}{said(abs(float(one['amount'])), currency)} "
        f"{PART_NAMES.get(str(one['part']), str(one['part']))}"
        for one in told
        if abs(float(one["amount"])) > _WORTH_SAYING * max(abs(difference), 1.0)
    ]
    return f"Made of: {'; '.join(words)}." if words else ""


def _claim(text: str, evidence: str) -> Claim:
    return Claim(text=text, evidence=(evidence,) if evidence else (), status="supported")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
