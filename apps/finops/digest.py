"""The week in a few lines, for a channel: what can be saved, what changed, whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from ...agents.finops.types import FinopsReport
from ...tools.recommendations.types import Recommendation
from .wording import KINDS, change, interval, money, name

_MOST_NEW, _MOST_TOP, _MOST_HARM = 6, 6, 6


class DigestLine(BaseModel):
    """One recommendation, or one that was applied."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    what: str
    subject: str
    saves: str
    team: str
    owner: str
    note: str = ""


class WeeklyDigest(BaseModel):
    """What a channel is told once a week; every amount carries its currency, period and interval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    total: str
    split: str
    since: str
    new: tuple[DigestLine, ...]
    top: tuple[DigestLine, ...]
    harm: tuple[DigestLine, ...]
    realised: str
    rest: str
    unowned: int
    withheld: tuple[str, ...]
    gaps: int


def digest_of(report: FinopsReport) -> WeeklyDigest:
    """The digest of a report: new ones first, then the largest, then what did harm."""
    plan = report.plan
    fresh = set(plan.new)
    new = [each for each in plan.offered if each.id in fresh][:_MOST_NEW]
    named = {each.id for each in new}
    top = [each for each in plan.offered if each.id not in named][:_MOST_TOP]
    last, realised = plan.since_last, report.realised
    since = ""
    if last is not None:
        since = (
            f"Since {last.at:%Y-%m-%d}: then {last.offered} worth {money(last.saving)}; {last.found} new, "
            f"{last.raised} raised again, {last.withdrawn} withdrawn, {last.applied} applied, "
            f"{last.dismissed} dismissed."
        )
    shown = len(new) + len(top)
    return WeeklyDigest(
        title=f"What to save in {report.fleet.environment}: {name(report.fleet.title, 80)}",
        total=f"{plan.offered_count} changes save {money(plan.saving.effective)} ({interval(plan.saving.effective)}).",
        split=f"{money(plan.saving.bill)} on invoices, {money(plan.saving.freed)} of freed capacity.",
        since=since,
        new=tuple(_line(each) for each in new),
        top=tuple(_line(each) for each in top),
        harm=_harm(report),
        realised=""
        if realised is None
        else f"Applied changes save {money(realised.realised)} of {money(realised.projected)} projected.",
        rest=f"{plan.offered_count - shown} more" if plan.offered_count > shown else "",
        unowned=sum(1 for each in plan.offered if not each.owner),
        withheld=tuple(
            f"{KINDS[each.kind]}: {each.violated:.1%} of {each.weeks:,} weeks went wrong, {each.most:.1%} allowed"
            for each in report.backtests
            if not each.is_passed
        ),
        gaps=len(report.gaps),
    )


def _line(each: Recommendation) -> DigestLine:
    return DigestLine(
        id=each.id,
        what=f"{KINDS[each.kind]}: {change(each)}",
        subject=name(each.subject, 80),
        saves=money(each.saving.effective),
        team=name(each.team, 60),
        owner=each.owner or "",
    )


def _harm(report: FinopsReport) -> tuple[DigestLine, ...]:
    if report.realised is None:
        return ()
    found: Sequence[DigestLine] = [
        DigestLine(
            id=item.id,
            what=KINDS[item.kind],
            subject=name(item.subject, 80),
            saves=money(item.measured.projected),
            team=name(item.team, 60),
            owner="",
            note=item.measured.why,
        )
        for item in report.realised.items
        if item.measured.move == "regressed" or item.state == "regressed"
    ]
    return tuple(found[:_MOST_HARM])
