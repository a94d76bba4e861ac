"""When something can be off: hours in its own clocks, windows, and what a replay says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from opswarden.tests.fleet_views import flat, halves, subject, view
from opswarden.tools.fleets.half_hours import HALF_US
from opswarden.tools.fleets.subjects import Floats, Occasion, SizeChange, Subject
from opswarden.tools.recommendations.types import Held, Recommendation
from opswarden.tools.schedules.recommend import may_sleep, recommend_schedules
from opswarden.tools.schedules.windows import OnWindow, off_hours, on_windows, parse_windows, windows_text

DEV = {"attributes": {"stage": "development"}}


def used(zone: str, first: int, last: int, *, start: datetime, weeks: int = 8, days: int = 5) -> Floats:
    """Requests at some local hours of some weekdays."""
    found = np.zeros(halves(weeks))
    for half in range(found.size):
        local = (start + timedelta(minutes=30 * half)).astimezone(ZoneInfo(zone))
        found[half] = 5.0 if local.weekday() < days and first <= local.hour < last else 0.0
    return found


def one(worker: Subject, requests: Floats, **more: object) -> Recommendation | Held:
    found, _ = recommend_schedules(view([worker], {(worker.name, "requests"): requests}, **more))  # type: ignore[arg-type]
    (said,) = (*found.recommendations, *found.held)
    return said


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("UTC", datetime(2026, 6, 1, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 6, 1, tzinfo=UTC)),
        ("Europe/Lisbon", datetime(2026, 10, 5, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 9, 28, tzinfo=UTC)),
    ],
    ids=["UTC", "a zone of half an hour", "clocks change in October", "clocks change on the last Thursday"],
)
def test_office_hours_are_those_of_its_own_clocks(zone: str, start: datetime) -> None:
    said = one(subject(timezone=zone, **DEV), used(zone, 9, 18, start=start), start=start)
    assert isinstance(said, Recommendation)
    # An hour stays on before and after the hours of use.
    assert said.proposed["on"] == "Mon-Fri 08:00-19:00"
    assert said.proposed["timezone"] == zone
    assert said.current["replicas"] == 1.0
    off_share = (168 - 5 * 11) / 168
    assert said.saving.effective.expected == pytest.approx((0.03 + 2 * 0.004) * 730 * off_share, rel=0.03)
    assert said.risk.weeks >= 3
    assert said.risk.probability <= 0.25
    assert said.reversal == "at_once"


def without(requests: Floats, share: float) -> Floats:
    lost = np.random.default_rng(1).random(requests.size) < share
    return np.where(lost, np.nan, requests)


def now_and_then() -> Floats:
    """Quiet nights for four weeks, then some of them are worked in, each week at another hour."""
    found = used("UTC", 9, 18, start=datetime(2026, 6, 1, tzinfo=UTC))
    for week, hour in ((4, 0), (5, 4), (6, 22), (7, 2)):
        for day in (0, 1, 2):
            at = (week * 7 + day) * 48 + hour * 2
            found[at : at + 2] = 3.0
    return found


OFFICE = used("UTC", 9, 18, start=datetime(2026, 6, 1, tzinfo=UTC))
SILENCES = [
    ("nights that nobody saw are not idle", subject(**DEV), np.where(OFFICE > 0, OFFICE, np.nan), "gaps"),
    ("a third of the samples is missing", subject(**DEV), without(OFFICE, 0.33), "gaps"),
    ("three weeks are no habit", subject(**DEV), OFFICE[: halves(3)], "short_history"),
    ("committed capacity is paid", subject(capacity_type="committed", **DEV), OFFICE, "already_paid"),
    ("it scales to nothing already", subject(autoscaler="keda", replicas_least=0, **DEV), OFFICE, "autoscaler_owns_it"),
    ("what was idle was needed later", subject(**DEV), now_and_then(), "needed"),
    ("it is always in use", subject(**DEV), flat(3.0), "fits"),
    ("it is never in use", subject(**DEV), flat(0.0), "another_option"),
    ("nobody knows its clocks", subject(timezone="Mars/Base", **DEV), OFFICE, "unknown"),
    ("a path is no timezone", subject(timezone="../../etc/passwd", **DEV), OFFICE, "unknown"),
    ("it comes with the quarter", subject(attributes={"stage": "dev", "rhythm": "quarterly"}), OFFICE, "short_history"),
    ("its price is not known", subject(region="elsewhere", **DEV), OFFICE, "no_price"),
]


@pytest.mark.parametrize(
    ("worker", "requests", "reason"), [row[1:] for row in SILENCES], ids=[row[0] for row in SILENCES]
)
def test_silences(worker: Subject, requests: Floats, reason: str) -> None:
    said = one(worker, requests)
    assert isinstance(said, Held)
    assert said.reason == reason


def test_what_is_off_at_night_already_saves_nothing() -> None:
    start_us = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1e6)
    on = np.flatnonzero(np.diff((OFFICE > 0).astype(int), prepend=0))
    sizes = [SizeChange(0, "cpu", 1.0, None, None), SizeChange(0, "replicas", 0.0, None, None)]
    sizes += [SizeChange(start_us + int(at) * HALF_US, "replicas", float(OFFICE[at] > 0), None, "person") for at in on]
    said = one(replace(subject(**DEV), sizes=tuple(sizes)), np.where(OFFICE > 0, OFFICE, np.nan))
    assert isinstance(said, Held)
    assert said.reason == "fits"


def test_a_holiday_is_no_evidence() -> None:
    """Four Fridays, one of them a holiday: three working Fridays are too few to call its evenings idle."""
    start, weeks = datetime(2026, 6, 1, tzinfo=UTC), 4
    requests = used("UTC", 9, 18, start=start, weeks=weeks)
    holiday = Occasion(date(2020, 6, 12), date(2020, 6, 12), "bread day", "holiday", None, yearly=True)
    plain, careful = one(subject(**DEV), requests), one(subject(**DEV), requests, occasions=[holiday])
    assert isinstance(plain, Recommendation)
    assert isinstance(careful, Recommendation)
    assert float(plain.proposed["hours_off"]) - float(careful.proposed["hours_off"]) >= 8


def test_what_may_sleep() -> None:
    assert may_sleep(subject(kind="notebook"))
    assert not may_sleep(subject(kind="serving"))
    assert may_sleep(subject(kind="serving", attributes={"may_sleep": "true"}))
    assert not may_sleep(subject(kind="batch", criticality="payment_path"))
    assert not may_sleep(subject(kind="store", **DEV))


def test_a_service_keeps_what_its_nights_need() -> None:
    """Two of six stay on at night: one carries the nights, and one may fail."""
    load = np.where(OFFICE > 0, 50.0, 5.0)
    sizes = {"cpu": 1.0, "replicas": 6.0}
    worker = subject(sizes=sizes, spare_replicas=1, attributes={"replicas_off": "1"})
    said = one(worker, load)
    assert isinstance(said, Recommendation)
    assert (said.proposed["replicas"], said.proposed["replicas_on"]) == (2.0, 6.0)
    assert said.proposed["on"] == "Mon-Fri 08:00-19:00"
    assert said.saving.effective.expected == pytest.approx(4 * 0.03 * 730 * 113 / 168, rel=0.03)
    busy = one(worker, np.where(OFFICE > 0, 50.0, 30.0))
    assert isinstance(busy, Held)
    few = one(subject(sizes={"cpu": 1.0, "replicas": 2.0}, attributes={"replicas_off": "2"}), load)
    assert isinstance(few, Held)
    assert few.reason == "at_the_floor"


def test_off_hours_are_long_and_away_from_use() -> None:
    idle = np.ones(168, bool)
    idle[[10, 15, 30]] = False
    off = off_hours(idle)
    assert not off[9:17].any()  # 11 to 14 is too short for a window
    assert off[17:29].all()
    assert not off[29:32].any()
    windows = on_windows(off)
    assert [window.text for window in windows] == ["Mon 09:00-17:00", "Tue 05:00-08:00"]
    assert parse_windows(windows_text(windows)) == windows


@pytest.mark.parametrize(
    ("window", "text", "crons"),
    [
        (OnWindow((0, 1, 2, 3, 4), 8, 12), "Mon-Fri 08:00-20:00", ("0 8 * * 1,2,3,4,5", "0 20 * * 1,2,3,4,5")),
        (OnWindow((6,), 22, 4), "Sun 22:00-02:00+1d", ("0 22 * * 0", "0 2 * * 1")),
        (OnWindow((5,), 0, 24), "Sat 00:00-24:00", ("0 0 * * 6", "0 0 * * 0")),
        (OnWindow((4,), 8, 72), "Fri 08:00-08:00+3d", ("0 8 * * 5", "0 8 * * 1")),
    ],
)
def test_windows_as_text_and_cron(window: OnWindow, text: str, crons: tuple[str, str]) -> None:
    assert window.text == text
    assert window.crons == (crons,)
    assert parse_windows(text) == (window,)


@pytest.mark.parametrize(
    "text", ["", "always", "Mon 25:00-26:00", "Fri-Mon 08:00-09:00", "Mon 08:00-08:00", "Mon 08:00-09:00+9d"]
)
def test_texts_that_are_no_windows(text: str) -> None:
    with pytest.raises(ValueError, match="window"):
        parse_windows(text)
