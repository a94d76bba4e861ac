"""What an on-call engineer needs in the first minute, one line each, every line with the evidence behind it.

Summaries have been redacted and cut on their way here, so nothing is taken for granted: what does not stand there as
expected gives no line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...core.amounts import amount
from . import pages
from .following import PREFIX, told
from .types import Evidence, FirstMinute, Incident, RankedCause

_WITH_CONTENT = ("ok", "truncated")
_MOST_NAMES = 3


@dataclass(frozen=True)
class _Found:
    """The result of one call with content."""

    id: str
    summary: Mapping[str, Any]

    def rows(self, member: str) -> list[Mapping[str, Any]]:
        value = self.summary.get(member)
        return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def first_minute(
    incident: Incident, ranking: Sequence[RankedCause], evidence: Sequence[Evidence]
) -> tuple[FirstMinute, ...]:
    """The lines, in the order in which they are needed; at most one of each kind."""
    found = {
        item.tool: _Found(item.id, item.summary)
        for item in reversed(evidence)
        if item.status in _WITH_CONTENT and isinstance(item.summary, Mapping)
    }
    makers = (
        (_impact, "outcomes.segments"),
        (_promises, "slo.burn"),
        (lambda one: _owner(one, incident, ranking), "owners.find"),
        (_blast_radius, "topology.blast_radius"),
        (lambda one: _change(one, incident, ranking), "changes.recent"),
        (_similar, "incidents.similar"),
    )
    lines = [line for make, tool in makers if tool in found and (line := make(found[tool])) is not None]
    return (*lines, *_runbook(ranking, found, evidence))


def _runbook(
    ranking: Sequence[RankedCause], found: Mapping[str, _Found], evidence: Sequence[Evidence]
) -> Iterator[FirstMinute]:
    """The step to start with, the page it stands in, what came of its steps, and the other page where there are two."""
    suspect = ranking[0].entity if ranking else ""
    matched = [
        (item.id, item.summary)
        for item in evidence
        if item.tool == pages.TOOL and item.status in _WITH_CONTENT and isinstance(item.summary, Mapping)
        # A model may have put another suspect first; then the page is for nothing that the report says.
        if item.summary.get("about") != "cause" or item.summary.get("entity") == suspect
    ]
    shown = pages.in_order([page for _, page in matched])
    if not shown:
        return
    cited = tuple(next(each for each, page in matched if page is one) for one in shown)
    line = FirstMinute(kind="runbook", text=pages.told(shown), evidence=cited)
    yield _with_steps(line, shown[0], found, evidence)


def _with_steps(
    line: FirstMinute, page: Mapping[str, Any], found: Mapping[str, _Found], evidence: Sequence[Evidence]
) -> FirstMinute:
    """The line with what came of the steps that were taken, if they are of the page that it begins with."""
    plan = found.get("runbooks.follow")
    if plan is None or _text(plan.summary, "name") != _text(page, "name"):
        return line
    results = {
        f"{PREFIX}{item.step}": {"status": item.status, "summary": item.summary} for item in evidence if item.step
    }
    taken = "; ".join(told(plan.summary, results))
    cited = tuple(item.id for item in evidence if item.step)
    return line.model_copy(
        update={"text": f"{line.text}; {taken}" if taken else line.text, "evidence": (*line.evidence, *cited)}
    )


def _impact(found: _Found) -> FirstMinute | None:
    """Payments and money that were lost, and the segment that lost most of them."""
    lost = _number(found.summary.get("payments_lost"))
    segments = [row for row in found.rows("segments") if row.get("is_attack") is not True]
    if lost is None or lost < 1 or not segments:
        return None
    parts = [f"about {_count(lost)} payments lost"]
    money = [
        amount(minor, _text(row, "currency"))
        for row in found.rows("money_lost")[:2]
        if (minor := _number(row.get("amount_minor"))) and minor > 0 and _text(row, "currency")
    ]
    if money:
        parts[0] += f", worth {' and '.join(money)}"
    first = segments[0]
    where = " ".join(_text(row, "value") for row in _maps(first.get("conditions"))) or "all payments"
    before, after = _number(first.get("rate_before")), _number(first.get("rate_after"))
    if before is not None and after is not None:
        parts.append(f"{where}: {_text(first, 'measure') or 'rate'} {_share(before)} → {_share(after)}")
    return FirstMinute(kind="impact", text="; ".join(parts), evidence=(found.id,))


def _promises(found: _Found) -> FirstMinute | None:
    """The objective that burns fastest, what is left of its budget and for how long; or that none does."""
    rows = [row for row in found.rows("objectives") if row.get("state") in ("page", "ticket", "within")]
    if not rows:
        return None
    first = rows[0]
    rates = [rate for row in _maps(first.get("rates")) if (rate := _number(row.get("rate"))) is not None]
    if not rates:
        return None
    name = " of ".join(part for part in (_text(first, "name"), _text(first, "entity")) if part)
    fast = _whole(found.summary.get("paging")) + _whole(found.summary.get("ticketing"))
    if first["state"] == "within":
        total = _whole(found.summary.get("slos"))
        text = f"none of {total} error budgets burns too fast; the fastest is {name} at {max(rates):.3g}"
        return FirstMinute(kind="slo", text=text, evidence=(found.id,))
    parts = [f"{name} burns {max(rates):.3g} × too fast"]
    spent, window = _number(first.get("budget_spent")), _number(first.get("window_s"))
    if spent is not None and window:
        parts.append(f"{_share(spent)} of {_length(window)} of budget is gone at least")
    left = _number(first.get("left_s"))
    if left is not None:
        parts.append(f"the rest lasts {_length(left)}" if left > 0 else "nothing is left")
    if fast > 1:
        parts.append(f"{fast - 1} more burn too fast")
    return FirstMinute(kind="slo", text="; ".join(parts), evidence=(found.id,))


def _owner(found: _Found, incident: Incident, ranking: Sequence[RankedCause]) -> FirstMinute | None:
    """Whose the first suspect is and how to reach them; where the alert fired, if that is somebody else's."""
    rows = {_text(row, "asked"): row for row in found.rows("owners") if _text(row, "owner")}
    wanted = [*(cause.entity for cause in ranking[:1]), *([incident.alert_entity] if incident.alert_entity else [])]
    known = [(entity, rows[entity]) for entity in dict.fromkeys(wanted) if entity in rows]
    if not known:
        return None
    entity, row = known[0]
    on_call, tier = _text(row, "on_call"), _number(row.get("tier"))
    parts = [
        f"{_text(row, 'owner')} ({entity}{'' if tier is None else f', tier {tier:.0f}'})",
        f"on call: {on_call}" if on_call else "",
        _text(row, "channel"),
        _text(row, "page"),
    ]
    text = " · ".join(part for part in parts if part)
    others = [f"{name}: {_text(other, 'owner')}" for name, other in known[1:] if other.get("owner") != row.get("owner")]
    return FirstMinute(kind="owner", text="; ".join([text, *others]), evidence=(found.id,))


def _blast_radius(found: _Found) -> FirstMinute | None:
    """How many depend on the first suspect, how many are hurt, which, and how much of the traffic that is."""
    total = _whole(found.summary.get("dependents"))
    if total == 0:
        return None
    harmed, unknown = _whole(found.summary.get("harmed")), _whole(found.summary.get("unknown"))
    names = [_text(row, "entity") for row in found.rows("affected") if row.get("state") == "harmed"]
    parts = [f"{harmed} of {total} that depend on it {'shows' if harmed == 1 else 'show'} harm"]
    if names:
        shown = ", ".join(names[:_MOST_NAMES])
        parts[0] += f": {shown}{f' and {harmed - _MOST_NAMES} more' if harmed > _MOST_NAMES else ''}"
    entries = found.summary.get("entries")
    if isinstance(entries, list | tuple) and entries:
        parts.append(f"it reaches the entry {', '.join(str(name) for name in entries[:_MOST_NAMES])}")
    traces, passing = _whole(found.summary.get("traces")), _whole(found.summary.get("traces_passing"))
    if traces > 0 and passing > 0:
        parts.append(f"{_share(passing / traces)} of traces pass it")
    if unknown:
        parts.append(f"{unknown} not measured")
    return FirstMinute(kind="blast_radius", text="; ".join(parts), evidence=(found.id,))


def _change(found: _Found, incident: Incident, ranking: Sequence[RankedCause]) -> FirstMinute | None:
    """The change of the first suspect: what, when, and what it says of itself."""
    first = ranking[0] if ranking else None
    if first is None or first.change is None:
        return None
    row = next((row for row in found.rows("newest") if _text(row, "id") == first.change), None)
    if row is None:
        return None
    kind = _text(row, "kind").replace("_", " ") or "change"
    parts = [f"{kind} {first.change} on {_text(row, 'entity') or first.entity}"]
    at, start = _moment(row.get("ts")), _moment(incident.start)
    if at is not None and start is not None:
        gap_s = (at - start).total_seconds()
        parts.append(f"at {at:%H:%M} UTC, {_length(abs(gap_s))} {'before' if gap_s < 0 else 'after'} the window opens")
    parts.append(_text(row, "summary"))
    cited = tuple(dict.fromkeys([found.id, *first.evidence[-1:]]))
    return FirstMinute(kind="change", text="; ".join(part for part in parts if part), evidence=cited)


def _similar(found: _Found) -> FirstMinute | None:
    """The past incident that is most alike: when, why it counts as alike, what it was, and what solved it.

    Before it, in few words, how often the alert came to nothing.
    """
    first, nothing = next(iter(found.rows("alike")), None), _came_to_nothing(found)
    if first is None:
        return FirstMinute(kind="similar", text=nothing, evidence=(found.id,)) if nothing else None
    at = _moment(first.get("at"))
    title = _text(first, "title") or _text(first, "id")
    parts = [*([nothing] if nothing else []), f"{title}{f' ({at:%Y-%m-%d})' if at else ''}"]
    resolution, cause = _text(first, "resolution"), _text(first, "cause")
    parts.append(f"solved by: {resolution}" if resolution else "what solved it is not known")
    if cause:
        parts.append(f"{'cause' if first.get('is_confirmed') is True else 'suspected then'}: {cause}")
    if report_was := _text(first, "report_was"):
        parts.append(f"people called the report {report_was}")
    shared = first.get("shared")
    if isinstance(shared, list | tuple) and shared:
        parts.append(f"in common: {', '.join(str(text) for text in shared[:_MOST_NAMES])}")
    parts.append(f"see {_text(first, 'id')}")
    return FirstMinute(kind="similar", text="; ".join(part.rstrip(".") for part in parts), evidence=(found.id,))


def _came_to_nothing(found: _Found) -> str:
    told = found.summary.get("false_alarms")
    if not isinstance(told, Mapping):
        return ""
    looked_at, nothing, by_people = (_whole(told.get(name)) for name in ("looked_at", "nothing_wrong", "by_people"))
    if not nothing:
        return ""
    said = f"people say so of {by_people}" if by_people else "nobody has confirmed it"
    at = _moment(told.get("last"))
    return (
        f"{nothing} of {looked_at} times this alert came to nothing ({said}{f', last on {at:%Y-%m-%d}' if at else ''})"
    )


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _maps(value: object) -> Iterator[Mapping[str, Any]]:
    return (row for row in value if isinstance(row, Mapping)) if isinstance(value, list | tuple) else iter(())


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) < 1e15 else None


def _whole(value: object) -> int:
    return int(_number(value) or 0)


def _count(value: float) -> str:
    return f"{round(value):,}"


def _share(value: float) -> str:
    return f"{value * 100:.3g} %" if value < 10 else f"{value:,.0f} times"


def _length(seconds: float) -> str:
    """`45 s`, `12 min`, `6 h`, `28 d`: in the largest unit of which there are two, or one exactly."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{round(seconds / size):,} {unit}"
    return f"{round(seconds)} s"
