"""Change freezes: when they bind, whom, and what the gate does with a write then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from worlds import ACT, START, World

from opswarden.core.clock import FixedClock
from opswarden.policies.freezes import Freeze, Freezes


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _binds(freeze: dict[str, Any], moment: str, *, team: str = "payments", environment: str = "production") -> bool:
    made = Freeze.model_validate({"name": "x", **freeze})
    return made.binds(team=team, environment=environment, now=_at(moment))


ONCE = {"start": _at("2026-11-30T18:00:00+00:00"), "end": _at("2026-12-01T06:00:00+00:00")}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-30T17:59:59+00:00", False),
        ("2026-11-30T18:00:00+00:00", True),
        ("2026-12-01T00:30:00+01:00", True),
        ("2026-12-01T06:00:00+00:00", False),
    ],
)
def test_once_from_its_beginning_to_just_before_its_end(moment: str, expected: bool) -> None:
    assert _binds(ONCE, moment) is expected


@pytest.mark.parametrize(
    ("weekly", "zone", "moment", "expected"),
    [
        (("fri 16:00", "mon 08:00"), "UTC", "2026-11-27T15:59:00+00:00", False),
        (("fri 16:00", "mon 08:00"), "UTC", "2026-11-27T16:00:00+00:00", True),
        (("fri 16:00", "mon 08:00"), "UTC", "2026-11-29T12:00:00+00:00", True),
        (("fri 16:00", "mon 08:00"), "UTC", "2026-11-30T07:59:59+00:00", True),
        (("fri 16:00", "mon 08:00"), "UTC", "2026-11-30T08:00:00+00:00", False),
        (("tue 09:00", "tue 10:00"), "UTC", "2026-12-01T09:30:00+00:00", True),
        (("tue 10:00", "tue 09:00"), "UTC", "2026-12-01T09:30:00+00:00", False),
        (("tue 10:00", "tue 09:00"), "UTC", "2026-12-02T09:30:00+00:00", True),
        # 16:00 in Sao Paulo is 19:00 UTC.
        (("fri 16:00", "mon 08:00"), "America/Sao_Paulo", "2026-11-27T18:30:00+00:00", False),
        (("fri 16:00", "mon 08:00"), "America/Sao_Paulo", "2026-11-27T19:00:00+00:00", True),
        # New York leaves summer time in this night: 08:00 local is 13:00 UTC the next morning.
        (("sat 20:00", "sun 08:00"), "America/New_York", "2026-11-01T12:59:00+00:00", True),
        (("sat 20:00", "sun 08:00"), "America/New_York", "2026-11-01T13:00:00+00:00", False),
    ],
)
def test_weekly_by_the_local_clock(weekly: tuple[str, str], zone: str, moment: str, expected: bool) -> None:
    freeze = {"weekly": {"start": weekly[0], "end": weekly[1]}, "timezone": zone}
    assert _binds(freeze, moment) is expected


def test_only_where_and_whom_it_is_for() -> None:
    inside = "2026-11-30T19:00:00+00:00"
    assert _binds(ONCE, inside)
    assert not _binds(ONCE, inside, environment="staging")
    assert _binds({**ONCE, "environments": ["staging", "production"]}, inside, environment="staging")
    assert not _binds({**ONCE, "teams": ["search"]}, inside)
    assert _binds({**ONCE, "teams": ["search", "payments"]}, inside)


@pytest.mark.parametrize(
    ("freeze", "told"),
    [
        ({}, "`start` and `end`, or `weekly`"),
        ({"start": ONCE["start"]}, "`start` and `end`, or `weekly`"),
        ({**ONCE, "weekly": {"start": "fri 16:00", "end": "mon 08:00"}}, "`start` and `end`, or `weekly`"),
        ({"start": ONCE["end"], "end": ONCE["start"]}, "ends after it begins"),
        ({"weekly": {"start": "friday", "end": "mon 08:00"}}, "written like"),
        ({"weekly": {"start": "fri 24:00", "end": "mon 08:00"}}, "written like"),
        ({"weekly": {"start": "fri 16:00", "end": "fri 16:00"}}, "different moments"),
        ({"weekly": {"start": "fri 16:00", "end": "mon 08:00"}, "timezone": "Mars/Olympus"}, "no such time zone"),
        ({"weekly": {"start": "fri 16:00", "end": "mon 08:00"}, "timezone": "../../etc/passwd"}, "no such time zone"),
        ({"start": datetime(2026, 1, 1), "end": datetime(2026, 1, 2)}, "timezone"),  # noqa: DTZ001 - that is the mistake
        ({**ONCE, "until": "x"}, "Extra inputs"),
    ],
)
def test_a_mistake_is_told(freeze: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Freeze.model_validate({"name": "x", **freeze})


def test_every_freeze_that_binds_is_named() -> None:
    freezes = Freezes(
        [Freeze.model_validate({"name": name, **ONCE, **more}) for name, more in (("a", {}), ("b", {"teams": ["x"]}))]
    )
    assert freezes.binding(team="x", environment="production", now=ONCE["start"]) == ("a", "b")
    assert freezes.binding(team="y", environment="production", now=ONCE["start"]) == ("a",)
    assert freezes.binding(team="y", environment="production", now=ONCE["end"]) == ()


class TestAtTheGate:
    @pytest.fixture
    def clock(self) -> FixedClock:
        return FixedClock(START)

    @pytest.fixture
    def world(self, make_world: Callable[..., World], clock: FixedClock) -> World:
        """Frozen for an hour, from ten minutes on."""
        freeze = Freeze(
            name="payday",
            start=START + timedelta(minutes=10),
            end=START + timedelta(minutes=70),
            environments=("prod",),
        )
        return make_world(stages=ACT, clock=clock, freezes=Freezes([freeze]))

    def _roll_back(self, world: World, call_id: str = "w") -> Any:
        return world.open().call("rollouts.rollback", {"service": "checkout"}, call_id=call_id)

    def _approve(self, world: World, approval_id: str | None, *roles: str) -> None:
        assert approval_id is not None
        world.factory.approvals.answer(approval_id, "approve", approver="bob", roles=frozenset(roles))

    def test_a_write_in_a_freeze_asks_who_manages_changes(self, world: World, clock: FixedClock) -> None:
        clock.advance(20 * 60)
        result = self._roll_back(world)
        assert result.status == "denied"
        asked = world.records("call.decided")[0].body
        assert asked["decision"] == "ask"
        assert set(asked["roles"]) == {"change-manager", "oncall"}  # type: ignore[arg-type]
        assert asked["request"]["context"]["common"]["frozen"] is True  # type: ignore[index,call-overload]
        assert world.effects.of("rollouts.rollback") == []

    def test_leave_given_before_the_freeze_does_not_carry_into_it(self, world: World, clock: FixedClock) -> None:
        self._approve(world, self._roll_back(world).approval_id, "oncall")
        clock.advance(599)
        clock.advance(1)
        result = self._roll_back(world)
        assert result.status == "denied"
        assert world.effects.of("rollouts.rollback") == []

    def test_reads_go_on(self, world: World, clock: FixedClock) -> None:
        clock.advance(20 * 60)
        assert world.open().call("logs.search", {"query": "x"}, call_id="r").status == "ok"

    def test_after_it_a_write_goes_its_usual_way(self, world: World, clock: FixedClock) -> None:
        clock.advance(70 * 60)
        self._approve(world, self._roll_back(world).approval_id, "oncall")
        assert self._roll_back(world).status == "ok"
        assert len(world.effects.of("rollouts.rollback")) == 1
