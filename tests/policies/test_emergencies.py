"""Emergency access: what it lifts, for how long, and who looks at it afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from worlds import ACT, MAIL, START, World

from opswarden.core.clock import FixedClock
from opswarden.core.errors import CallDenied, InputError, LedgerError
from opswarden.policies.emergencies import EmergencySettings, glimpsed
from opswarden.policies.freezes import Freeze, Freezes
from opswarden.policies.store import select
from opswarden.policies.surroundings import Surroundings

HOLDER, REVIEWER = frozenset({"emergency"}), frozenset({"emergency-review"})
ALL_DAY = Freeze(name="x", start=START, end=START + timedelta(days=1), environments=("prod",))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def world(make_world: Callable[..., World], clock: FixedClock) -> World:
    return make_world(stages=ACT, clock=clock, freezes=Freezes([ALL_DAY]))


def opened(world: World, **more: Any) -> Any:
    asked: dict[str, Any] = {"by": "person:eve", "roles": HOLDER, "reason": "down", "minutes": 30, **more}
    return world.emergencies.open(**asked)


def roll_back(world: World, call_id: str = "w", tool: str = "rollouts.rollback") -> Any:
    return world.open().call(tool, {"service": "checkout"}, call_id=call_id)


def approve(world: World, result: Any, who: str = "eve", roles: frozenset[str] = HOLDER) -> None:
    world.factory.approvals.answer(result.approval_id or "", "approve", approver=who, roles=roles)


class TestAtTheGate:
    def test_the_holders_leave_counts_while_it_is_open(self, world: World) -> None:
        opened(world)
        waiting = roll_back(world)
        (asked,) = world.records("approval.requested")
        assert asked.body["roles"] == ["emergency"]
        assert asked.body["preview"]["emergency"] is True  # type: ignore[index,call-overload]
        approve(world, waiting)
        assert roll_back(world).status == "ok"
        decided = world.records("call.decided")[-1].body
        assert decided["request"]["context"]["common"]["emergency"] is True  # type: ignore[index,call-overload]

    def test_without_one_it_does_not(self, world: World) -> None:
        waiting = roll_back(world)
        assert set(world.factory.approvals.get(waiting.approval_id).roles) == {"change-manager", "oncall"}
        with pytest.raises(CallDenied, match="another role"):
            approve(world, waiting)

    def test_a_waiting_question_is_asked_anew_when_one_opens(self, world: World) -> None:
        before = roll_back(world)
        opened(world)
        after = roll_back(world)
        assert before.approval_id != after.approval_id
        assert world.factory.approvals.get(before.approval_id).state == "void"
        approve(world, after)
        assert roll_back(world).status == "ok"

    def test_leave_given_by_it_ends_with_it(self, world: World, clock: FixedClock) -> None:
        opened(world, minutes=1)
        approve(world, roll_back(world))
        clock.advance(60)
        assert roll_back(world).status == "denied"
        assert world.effects.of("rollouts.rollback") == []

    def test_closed_it_counts_no_longer(self, world: World) -> None:
        made = opened(world)
        approve(world, roll_back(world))
        world.emergencies.close(made.id, by="person:ann")
        assert roll_back(world).status == "denied"

    @pytest.mark.parametrize("scope", [{"team": "search"}, {"environment": "staging"}])
    def test_only_whom_and_where_it_is_for(self, world: World, scope: dict[str, str]) -> None:
        opened(world, **scope)
        waiting = roll_back(world)
        assert "emergency" not in world.factory.approvals.get(waiting.approval_id).roles

    def test_two_people_stay_two(self, world: World) -> None:
        opened(world, by="person:ann")
        waiting = roll_back(world, tool="rollouts.freeze")
        with pytest.raises(CallDenied, match="other than whoever"):
            approve(world, waiting, who="ann")

    def test_it_lifts_no_stage(self, make_world: Callable[..., World], clock: FixedClock) -> None:
        world = make_world(clock=clock)
        opened(world)
        assert roll_back(world).code == "stages.observe"

    def test_a_report_begins_with_it(self, world: World) -> None:
        assert list(world.open().warnings()) == []
        opened(world, reason=f"call {MAIL}")
        (line,) = world.open().warnings()
        assert line.startswith("EMERGENCY ACCESS is open until 2026-11-23T14:30")
        assert "by person:eve: call <EMAIL_ADDRESS>" in line


class TestOpening:
    def test_it_is_recorded(self, world: World) -> None:
        made = opened(world, team="payments", reason=f"call {MAIL}")
        entry = world.ledger.read(made.seq)
        assert (entry.kind, entry.body["by"], entry.body["team"]) == ("emergency.opened", "person:eve", "payments")
        assert entry.body["reason"] == "call <EMAIL_ADDRESS>"

    @pytest.mark.parametrize(
        "asked", [{"minutes": 61}, {"minutes": 0}, {"reason": " "}, {"reason": "x" * 501}], ids=str
    )
    def test_short_and_with_a_reason(self, world: World, asked: dict[str, Any]) -> None:
        with pytest.raises(InputError):
            opened(world, **asked)
        assert world.records("emergency.opened") == []

    def test_only_with_the_role(self, world: World) -> None:
        with pytest.raises(CallDenied) as caught:
            opened(world, roles=frozenset({"oncall", "emergency-review"}))
        assert caught.value.code == "emergency-role"

    def test_one_at_a_time(self, world: World, clock: FixedClock) -> None:
        opened(world)
        with pytest.raises(InputError, match="open already"):
            opened(world, team="payments")
        clock.advance(30 * 60)
        opened(world)

    def test_it_stands_or_falls_with_its_record(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(world.emergencies, "_store", _full)
        with pytest.raises(LedgerError):
            opened(world)
        assert world.records("emergency.opened") == []


class TestReview:
    def _over(self, world: World, clock: FixedClock) -> Any:
        made = opened(world)
        clock.advance(30 * 60)
        return made

    def test_by_somebody_else_with_the_role(self, world: World, clock: FixedClock) -> None:
        made = self._over(world, clock)
        assert [one.id for one in world.emergencies.unreviewed()] == [made.id]
        with pytest.raises(CallDenied) as own:
            world.emergencies.review(made.id, by="person:eve", roles=REVIEWER, note="fine")
        assert own.value.code == "emergency-own"
        with pytest.raises(CallDenied):
            world.emergencies.review(made.id, by="person:bob", roles=HOLDER, note="fine")
        world.emergencies.review(made.id, by="person:bob", roles=REVIEWER, note=f"fine, says {MAIL}")
        assert world.emergencies.unreviewed() == []
        (entry,) = world.records("emergency.reviewed")
        assert (entry.body["by"], entry.body["note"]) == ("person:bob", "fine, says <EMAIL_ADDRESS>")
        with pytest.raises(InputError, match="reviewed already"):
            world.emergencies.review(made.id, by="person:cem", roles=REVIEWER, note="x")

    def test_not_while_it_is_open_and_not_without_a_note(self, world: World) -> None:
        made = opened(world)
        with pytest.raises(InputError, match="still open"):
            world.emergencies.review(made.id, by="person:bob", roles=REVIEWER, note="x")
        with pytest.raises(InputError, match="needs a note"):
            world.emergencies.review(made.id, by="person:bob", roles=REVIEWER, note="")

    def test_while_one_waits_too_long_none_opens(self, world: World, clock: FixedClock) -> None:
        made = self._over(world, clock)
        clock.advance(3 * 86_400 - 30 * 60 - 1)
        second = opened(world)
        world.emergencies.close(second.id, by="person:eve")
        clock.advance(1)
        with pytest.raises(CallDenied) as caught:
            opened(world)
        assert (caught.value.code, made.id in caught.value.remedy) == ("emergency-unreviewed", True)
        world.emergencies.review(made.id, by="person:bob", roles=REVIEWER, note="fine")
        opened(world)

    def test_nor_while_too_many_wait(self, world: World, clock: FixedClock) -> None:
        for _ in range(3):
            self._over(world, clock)
        with pytest.raises(CallDenied, match="3 wait, 0 too long"):
            opened(world)


class TestBehindTheGatesBack:
    def _sql(self, world: World, query: str) -> None:
        connection = sqlite3.connect(world.root / "gate.sqlite")
        connection.execute(query)
        connection.commit()
        connection.close()

    @pytest.mark.parametrize(
        "change", ["facts = replace(facts, '14:30', '23:30')", "seal = ''", "facts = '{}'", "id = 'emg_x'"]
    )
    def test_an_altered_row_is_no_leave_and_none_opens(self, world: World, change: str) -> None:
        opened(world)
        self._sql(world, f"UPDATE emergency SET {change}")
        assert world.emergencies.in_force(team="payments", environment="prod") is None
        assert "emergency" not in world.factory.approvals.get(roll_back(world).approval_id).roles
        with pytest.raises(InputError, match="altered"):
            opened(world, team="x")

    def test_a_row_that_is_gone_shows_against_the_ledger(self, world: World) -> None:
        made = opened(world)
        assert world.emergencies.unrecorded() == ()
        self._sql(world, "DELETE FROM emergency")
        assert world.emergencies.unrecorded() == (made.id,)

    def test_an_older_row_put_back_is_no_leave(self, world: World) -> None:
        made = opened(world)
        (row,) = select(world.database, "SELECT facts, seal FROM emergency")
        world.emergencies.close(made.id, by="person:bob")
        with world.database.transaction() as connection:
            connection.execute("UPDATE emergency SET facts = ?, seal = ?", (row["facts"], row["seal"]))
        assert world.emergencies.in_force(team="payments", environment="prod") is None

    def test_without_the_table_there_is_none(self, world: World) -> None:
        opened(world)
        self._sql(world, "DROP TABLE emergency")
        assert world.emergencies.in_force(team="payments", environment="prod") is None
        (line,) = Surroundings(emergencies=world.emergencies).warnings()
        assert "is not known" in line


def test_a_glimpse_needs_no_keys_and_makes_nothing(world: World, tmp_path: Any) -> None:
    path = world.root / "gate.sqlite"
    assert glimpsed(path, START) == []
    opened(world)
    (line,) = glimpsed(path, START)
    assert line.startswith("EMERGENCY ACCESS")
    assert glimpsed(path, START + timedelta(minutes=30)) == []
    assert glimpsed(tmp_path / "none", START) == []
    assert not (tmp_path / "none").exists()
    (tmp_path / "garbage").write_bytes(b"x" * 5_000)
    assert glimpsed(tmp_path / "garbage", START) == []


def test_settings_cannot_make_it_long() -> None:
    for wrong in ({"most_minutes": 241}, {"review_within_days": 31}, {"most_unreviewed": 0}):
        with pytest.raises(ValueError, match="Input should be"):
            EmergencySettings.model_validate(wrong)


def _full(*_: object) -> None:
    raise sqlite3.OperationalError("disk full")
