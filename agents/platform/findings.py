"""What the results of the checks say is wrong, each by its name, with its cause and its reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ...tools.drift.types import CompareResult, MovedFeature
from ...tools.models.promotion_types import History
from ...tools.outcomes.cohort_types import ChargebacksResult, Cohort, Forecast, ProgrammesResult, WorseSegment
from ...tools.pipelines.types import TROUBLE, LateResult, PipelineTiming
from ...tools.quality.types import CheckResult
from ...tools.slo.types import BurnResult, SloBurn
from .types import CheckKind, PlatformCheck, PlatformFault


@dataclass(frozen=True)
class Seen:
    """What a result says.

    Args:
        faults: what is wrong.
        looked_at: what the check saw.
        unknown: what it could not see although it ran; empty where it saw everything.
    """

    faults: tuple[PlatformFault, ...]
    looked_at: str
    unknown: str = ""


# Of both checks of a view only what is told; their own types bring the reading of stores along.


class _Sampled(BaseModel):
    keys: int
    looked_at: int


class _Stale(BaseModel):
    trouble: str
    feature: str | None
    share: float
    matters: bool
    cause: str


class _FreshnessResult(BaseModel):
    sampled: _Sampled
    is_fresh: bool
    troubles: tuple[_Stale, ...]


class _Difference(BaseModel):
    fault: str
    feature: str | None
    share: float
    reach: int
    matters: bool
    cause: str


class _ParityResult(BaseModel):
    sampled: _Sampled
    agrees: bool
    differences: tuple[_Difference, ...]


def seen_in(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    """Read the result of a check.

    Raises:
        ValidationError: it lost its form, as when redaction takes a number out of it.
    """
    return _READERS[check.kind](check, summary)


def _quality(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = CheckResult.model_validate(summary)
    faults = [
        PlatformFault(
            check=check.name,
            subject=check.subject,
            fault=each.fault,
            cause="; ".join(filter(None, (_of(each.columns, each.what), each.words, _against(each.value, each.usual)))),
            reach=f"{each.reach:.1%} of {found.rows} rows of {found.day}",
            share=_share(each.reach),
        )
        for each in found.faults
    ]
    return Seen(
        _with_rest(check, faults, found.found),
        f"{found.day}: {found.rows} rows, {found.rules} rules from {found.past_days} days",
    )


def _drift(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = CompareResult.model_validate(summary)
    reach = f"{found.rows} rows that it scored"
    faults: list[PlatformFault] = []
    alarms = [each for each in found.features if each.is_alarm]
    if found.falls:
        area, how = (
            (found.realised, "as labels say")
            if found.realised is not None
            else (found.expected, "as expected without labels")
        )
        fell = (
            f"AUC {found.before:.4f} → {area.value:.4f} {how}" if area is not None and found.before is not None else ""
        )
        blamed = f"most by {alarms[0].feature}" if alarms else ""
        faults.append(_fault(check, "performance_fell", "; ".join(filter(None, (fell, blamed))), reach, 1.0))
    faults += [_alarm(check, each, reach) for each in alarms]
    shown = len(faults)
    for part in found.segments:
        if part.is_alarm:
            cause = f"AUC {part.before:.4f} → {part.expected.value:.4f} expected"
            faults.append(
                _fault(
                    check,
                    "segment_falls",
                    cause,
                    f"{part.segment} {part.value}",
                    _share(part.expected.rows / found.rows),
                )
            )
    missing = found.alarms + int(found.falls) - shown
    blind = "" if found.expected is not None or found.realised is not None else "neither labels nor an expected AUC"
    return Seen(
        _with_rest(check, faults, len(faults) + max(missing, 0)),
        f"{found.rows} rows against {found.reference_rows}, {found.labelled:.0%} with a label",
        blind,
    )


def _alarm(check: PlatformCheck, each: MovedFeature, reach: str) -> PlatformFault:
    """A feature that harms the model, or one of whose values the model knows nothing."""
    margin = float(check.args.get("margin", 0.0))
    if each.harm is None or each.harm > -margin:
        unseen = each.unseen or 0.0
        cause = f"{each.feature} has values that the reference never had"
        return _fault(check, "unseen_values", cause, f"{unseen:.1%} of {reach}", _share(unseen))
    parts = [
        f"{each.feature} changes the AUC by {each.harm:+.4f}",
        *([f"most by {each.values}"] if each.values else []),
    ]
    if each.nulls_after != each.nulls_before:
        parts.append(f"nulls {each.nulls_before:.1%} → {each.nulls_after:.1%}")
    return _fault(check, "feature_harms", "; ".join(parts), reach, None)


def _slo(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = BurnResult.model_validate(summary)
    burning = [each for each in found.objectives if each.state in ("page", "ticket")]
    faults = [_burns(check, each) for each in burning]
    unread = found.without_data + found.unreadable
    return Seen(
        _with_rest(check, faults, found.paging + found.ticketing),
        f"{found.slos} objectives",
        f"{unread} of {found.slos} objectives have no data or cannot be read" if unread else "",
    )


def _burns(check: PlatformCheck, each: SloBurn) -> PlatformFault:
    rates = ", ".join(f"{rate.rate:.3g} over {_span(rate.window_s)}" for rate in each.rates if rate.rate is not None)
    spent = f"; {each.budget_spent:.0%} of the budget is spent" if each.budget_spent is not None else ""
    left = f"; the rest lasts {_span(each.left_s)}" if each.left_s is not None else ""
    return PlatformFault(
        check=check.name,
        subject=each.entity,
        fault="budget_burns_fast" if each.state == "page" else "budget_burns",
        cause=f"burn rate {rates}" if rates else "burn rate above what the objective allows",
        reach=f"{each.name} of {each.entity}{spent}{left}",
        share=1.0 if each.state == "page" else None,
    )


def _freshness(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = _FreshnessResult.model_validate(summary)
    blamed = [(each, each.trouble, f"{each.share:.2%} of its rows") for each in found.troubles if each.matters]
    return _of_view(check, blamed, "" if found.is_fresh else "stale", found.sampled)


def _parity(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = _ParityResult.model_validate(summary)
    keys = f"of {found.sampled.keys} keys"
    blamed = [(each, each.fault, f"about {each.reach} {keys}") for each in found.differences if each.matters]
    return _of_view(check, blamed, "" if found.agrees else "differs", found.sampled)


def _of_view(
    check: PlatformCheck, blamed: Sequence[tuple[_Stale | _Difference, str, str]], otherwise: str, sampled: _Sampled
) -> Seen:
    """What is wrong with a view: fault by fault, or in one word where the result says no and blames nothing."""
    faults = [
        _fault(check, fault, _of(each.feature or "", each.cause), reach, _share(each.share))
        for each, fault, reach in blamed
    ]
    if not faults and otherwise:
        faults = [_fault(check, otherwise, "see the check itself", "the view", None)]
    return Seen(tuple(faults), f"{sampled.looked_at} of {sampled.keys} keys")


def _registry(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = History.model_validate(summary)
    where = f"version {found.version}" if found.version is not None else "no version"
    looked = f"{found.alias} at {where}"
    if not found.is_elsewhere:
        return Seen((), looked)
    last = next((each for each in found.moves if each.state == "done" and each.kind != "seen"), None)
    ours = f"our last move was to version {last.version_after}" if last is not None else "we never moved it"
    cause = f"{found.alias} is at {where}, and {ours}: somebody moved it outside, past the checks"
    return Seen((_fault(check, "alias_moved_outside", cause, "every request to the model", 1.0),), looked)


def _pipelines(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = LateResult.model_validate(summary)
    faults = [_off_time(check, each) for each in found.shown if each.state in TROUBLE]
    known = found.pipelines - found.without_history
    return Seen(
        _with_rest(check, faults, found.in_trouble),
        f"{found.pipelines} pipelines, {known} with a history",
        "" if known or not found.pipelines else "no pipeline has a run that succeeded",
    )


def _off_time(check: PlatformCheck, each: PipelineTiming) -> PlatformFault:
    parts = [
        *([f"{_span(each.late_s)} over"] if each.late_s else []),
        *([f"expected {each.expected:%Y-%m-%d %H:%M} UTC"] if each.expected else []),
        *([f"due {each.deadline:%Y-%m-%d %H:%M} UTC"] if each.deadline else []),
    ]
    return PlatformFault(
        check=check.name,
        subject=each.pipeline,
        fault=f"pipeline_{each.state}",
        cause="; ".join(parts) or "see `opswarden platform pipelines why`",
        reach=f"{each.pipeline}, run {each.run or 'that did not begin'}",
        share=None,
    )


def _chargebacks(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = ChargebacksResult.model_validate(summary)
    whole = [each for each in found.cohorts if each.is_worse]
    named = {each.week: [_condition(one) for one in found.worse if one.week == each.week][:3] for each in whole}
    faults = [_worse(check, each, "all payments", named[each.week]) for each in whole]
    faults += [_worse(check, each, _condition(each)) for each in found.worse if each.week not in named]
    blind = "no week has four weeks before it to be compared with" if not found.judged_weeks else ""
    if found.judged_weeks and not any(each.returned or each.expected for each in found.cohorts):
        blind = "nothing ever came back, or nobody wrote it down"
    return Seen(tuple(faults), f"{found.judged_weeks} weeks of payments up to {found.until}", blind)


def _worse(check: PlatformCheck, each: Cohort | WorseSegment, where: str, most: Sequence[str] = ()) -> PlatformFault:
    usual = f"{each.expected:.1f}" if each.expected is not None else "fewer"
    told = f"of the week from {each.week} came back {each.returned}, of earlier ones {usual} at this age"
    cause = "; ".join((told, *([f"most in {', '.join(most)}"] if most else [])))
    return _fault(check, "week_worse", cause, f"{each.payments} payments of {where}", None)


def _condition(each: WorseSegment) -> str:
    return f"{each.condition.name} {each.condition.value}"


def _programmes(check: PlatformCheck, summary: Mapping[str, Any]) -> Seen:
    found = ProgrammesResult.model_validate(summary)
    faults = [_breach(check, each) for each in found.forecasts if each.state in ("over", "likely", "at_risk")]
    unseen = [each for each in found.forecasts if each.state == "unknown"]
    blind = f"{unseen[0].programme}: {unseen[0].why}" if unseen else ""
    return Seen(
        _with_rest(check, faults, found.in_trouble),
        f"{len(found.forecasts)} months of programmes, as of {found.until}",
        blind if found.forecasts else "no line holds in this month or the next",
    )


def _breach(check: PlatformCheck, each: Forecast) -> PlatformFault:
    ratio = f"; {each.ratio:.2%} expected, {each.limit_ratio:.2%} is the line" if each.ratio is not None else ""
    allowed = f"; {each.allowed} more may come" if each.allowed is not None and each.allowed >= 0 else ""
    return _fault(
        check,
        "programme_over" if each.state == "over" else "programme_at_risk",
        f"{each.month:%B %Y} closes over {each.tier} with {each.probability:.0%}: {each.counted} now{ratio}{allowed}",
        f"{each.programme}, {each.counted_low:.0f} to {each.counted_high:.0f} by the end of the month",
        None,
    )


_READERS: Mapping[CheckKind, Callable[[PlatformCheck, Mapping[str, Any]], Seen]] = {
    "quality": _quality,
    "drift": _drift,
    "slo": _slo,
    "freshness": _freshness,
    "parity": _parity,
    "registry": _registry,
    "pipelines": _pipelines,
    "chargebacks": _chargebacks,
    "programmes": _programmes,
}


def _fault(check: PlatformCheck, fault: str, cause: str, reach: str, share: float | None) -> PlatformFault:
    return PlatformFault(check=check.name, subject=check.subject, fault=fault, cause=cause, reach=reach, share=share)


def _with_rest(check: PlatformCheck, faults: list[PlatformFault], count: int) -> tuple[PlatformFault, ...]:
    """The faults, and one that stands for those that a result had no room for."""
    rest = count - len(faults)
    if rest <= 0:
        return tuple(faults)
    return (*faults, _fault(check, "more", f"{rest} more faults, left out for their number", check.subject, None))


def _of(name: str, text: str) -> str:
    return f"{name}: {text}" if name else text


def _against(value: float | None, usual: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.5g}" if usual is None else f"{value:.5g}, usually {usual:.5g}"


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _span(seconds: float) -> str:
    if seconds < 3_600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.3g} h" if seconds < 48 * 3_600 else f"{seconds / 86_400:.3g} d"
