"""What payments, models and features say about the incident, read out of the summaries of their tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...agents.triage.types import Evidence
from ...core.amounts import amount
from .cleaning import shown
from .numbers import finite

About = Literal["payments", "models", "features"]

_MOST = 6
_STANDS_OUT = 3.0
_MOST_CURRENCIES = 4
_WITH_CONTENT = ("ok", "truncated")


@dataclass(frozen=True)
class Finding:
    """One thing that differs from the quiet time.

    Args:
        about: what kind of thing.
        evidence_id: where it stands.
        subject: which payments, model or feature.
        measure: what of it.
        before: as text; empty if there is none.
        after: the same for the window.
        shares: both as shares from 0 to 1, if they are.
        note: what else is known, as one line.
    """

    about: About
    evidence_id: str
    subject: str
    measure: str
    before: str
    after: str
    shares: tuple[float, float] | None
    note: str


def findings(evidence: Iterable[Evidence]) -> tuple[Finding, ...]:
    """The findings in the order of the evidence, at most six of each kind."""
    readers = {
        "outcomes.segments": _payments,
        "outcomes.explain": _explained,
        "models.health": _models,
        "features.health": _features,
    }
    found: list[Finding] = []
    for item in evidence:
        read = readers.get(item.tool)
        if read is not None and item.status in _WITH_CONTENT and isinstance(item.summary, Mapping):
            found += list(read(item.id, item.summary))[:_MOST]
    return tuple(found)


def _payments(evidence_id: str, summary: Mapping[str, Any]) -> Iterator[Finding]:
    for burst in _maps(summary, "bursts"):
        extra = finite(burst.get("extra_attempts")) or 0.0
        note = f"{extra:,.0f} attempts more than usual, nearly all declined and small: cards are being tested"
        yield Finding("payments", evidence_id, _segment(burst), "attempts", "", "", None, note)
    for segment in _maps(summary, "segments"):
        measure = "approval rate" if segment.get("measure") == "approval" else "payments without a chargeback"
        yield _shares("payments", evidence_id, _segment(segment), measure, segment, "rate", _lost(segment))
    before, after, same = (finite(summary.get(f"rate_{name}")) for name in ("before", "after", "at_old_rates"))
    if summary.get("why") == "mix" and before is not None and after is not None and same is not None:
        mover = shown(str(summary.get("mix_dimension") or ""), 160)
        note = f"the mix of payments changed, not the rates within it{f' ({mover})' if mover else ''}"
        text = f"{before:.1%}", f"{after:.1%}"
        yield Finding("payments", evidence_id, "all payments", "approval rate", *text, (before, after), note)


_VERDICTS = {
    "model_broke": "the model broke",
    "own_rules": "our own rules decline more",
    "provider_down": "whoever stands behind us is down",
    "world_changed": "the world changed",
    "attack": "an attack",
}


def _explained(evidence_id: str, summary: Mapping[str, Any]) -> Iterator[Finding]:
    """What it comes down to, with what speaks for the situation that weighs most."""
    verdict, first = _VERDICTS.get(str(summary.get("verdict"))), next(iter(_maps(summary, "situations")), None)
    if verdict is None or first is None:
        return
    told = first.get("evidence")
    reasons = [shown(str(line), 120) for line in told[:2]] if isinstance(told, list | tuple) else []
    note = "; ".join((f"{verdict}: {shown(str(first.get('name')), 40).replace('_', ' ')}", *reasons))
    yield Finding("payments", evidence_id, _segment(first), "what it comes down to", "", "", None, note)


def _lost(segment: Mapping[str, Any]) -> str:
    if segment.get("is_attack"):
        return "the attempts of the burst above, so no honest payment was lost"
    lost, low, high = (finite(segment.get(f"payments_lost{end}")) for end in ("", "_low", "_high"))
    parts = []
    if lost is not None and low is not None and high is not None and lost > 0:
        parts.append(f"{lost:,.0f} payments lost ({low:,.0f} to {high:,.0f})")
    money = [
        amount(value, shown(str(one.get("currency")), 8))
        for one in _maps(segment, "money_lost")[:_MOST_CURRENCIES]
        if (value := finite(one.get("amount_minor"))) is not None and value > 0
    ]
    parts += [", ".join(money)] if money else []
    codes = [
        " ".join(shown(str(code.get(name)), 40) for name in ("outcome", "code", "group"))
        for code in _maps(segment, "codes")
    ]
    parts += [f"mostly {', '.join(codes)}"] if codes else []
    return "; ".join(parts)


def _models(evidence_id: str, summary: Mapping[str, Any]) -> Iterator[Finding]:
    for model in _maps(summary, "shown"):
        name = f"{shown(str(model.get('model')), 80)} at {shown(str(model.get('entity')), 80)}"
        score, newest = finite(model.get("score")) or 0.0, model.get("newest")
        if isinstance(newest, Mapping) and (finite(newest.get("score")) or 0.0) >= _STANDS_OUT:
            gap = finite(newest.get("gap")) or 0.0
            when = "in the same minutes" if newest.get("at_once") else "before and after it took over"
            note = f"version {shown(str(newest.get('newest')), 40)} differs by {gap:+.2f} standard deviations, {when}"
            before, after = _numbers(newest, "mean_older", "mean_newest")
            yield Finding("models", evidence_id, name, "mean score by version", before, after, None, note)
        if score >= _STANDS_OUT:
            psi = finite(model.get("psi"))
            note = f"PSI {psi:.2g}, {score:.1f} times the usual wobble" if psi is not None else ""
            before, after = _numbers(model, "mean_before", "mean_after")
            yield Finding("models", evidence_id, name, "mean score", before, after, None, note)


_FEATURE_MEASURES = {
    "nulls": ("null values", "null_rate"),
    "constant": ("share of one value", "top_share"),
    "stale": ("age in seconds", "age"),
    "silent": ("values served", "values"),
    "values": ("mean value", "mean"),
    "skew": ("PSI against the training", "skew"),
}


def _features(evidence_id: str, summary: Mapping[str, Any]) -> Iterator[Finding]:
    for feature in _maps(summary, "shown"):
        measure, member = _FEATURE_MEASURES.get(str(feature.get("trouble")), ("", ""))
        if not measure:
            continue
        view = f" of {shown(str(feature.get('view')), 60)}" if feature.get("view") else ""
        name = f"{shown(str(feature.get('feature')), 80)}{view}"
        users = [shown(str(user), 60) for user in _list(feature.get("consumers"))]
        note = f"used by {', '.join(users)}" if users else ""
        if member in ("null_rate", "top_share"):
            yield _shares("features", evidence_id, name, measure, feature, member, note)
            continue
        unit = "_s" if member == "age" else ""
        before, after = _numbers(feature, f"{member}_before{unit}", f"{member}_after{unit}")
        yield Finding("features", evidence_id, name, measure, before, after, None, note)


def _shares(
    about: About, evidence_id: str, subject: str, measure: str, row: Mapping[str, Any], member: str, note: str
) -> Finding:
    before, after = (finite(row.get(f"{member}_{side}")) for side in ("before", "after"))
    texts = tuple("" if share is None else f"{share:.1%}" for share in (before, after))
    shares = None if before is None or after is None else (min(max(before, 0.0), 1.0), min(max(after, 0.0), 1.0))
    return Finding(about, evidence_id, subject, measure, texts[0], texts[1], shares, note)


def _segment(row: Mapping[str, Any]) -> str:
    named = [
        f"{shown(str(one.get('name')), 40)} {shown(str(one.get('value')), 80)}" for one in _maps(row, "conditions")
    ]
    return ", ".join(named) or "all payments"


def _numbers(row: Mapping[str, Any], first: str, second: str) -> tuple[str, str]:
    before, after = finite(row.get(first)), finite(row.get(second))
    return "" if before is None else f"{before:.4g}", "" if after is None else f"{after:.4g}"


def _maps(row: Mapping[str, Any], member: str) -> list[Mapping[str, Any]]:
    return [one for one in _list(row.get(member)) if isinstance(one, Mapping)]


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
