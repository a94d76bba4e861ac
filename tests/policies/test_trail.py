"""Loops and stalls: what counts as the same, what as new, and that a resumed run knows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from worlds import ACT, Line, World

from opswarden.policies.budgets import Limits
from opswarden.policies.facts import ProgressFacts
from opswarden.policies.trail import Step, progress
from opswarden.policies.types import Audience, ModelRequest, Notice


def ended(finding: str, *, idle: bool = False) -> Step:
    return Step("c", "h", "ended", finding, 7, is_idle=idle)


PENDING, REFUSED = Step("c", "h", "pending"), Step("c", "h", "refused", is_idle=True)

TABLE: list[tuple[str, Sequence[Step], Sequence[Step], tuple[int, int]]] = [
    # what, the same call before (newest first), all calls before (newest first), (repeats, idle calls)
    ("the first call", [], [], (0, 0)),
    ("asked once", [ended("a")], [], (1, 0)),
    ("three times the same", [ended("a"), ended("a"), ended("a")], [], (3, 0)),
    ("a changed result begins anew", [ended("b"), ended("a"), ended("a")], [], (1, 0)),
    ("a poll that changes each time", [ended("c"), ended("b"), ended("a")], [], (1, 0)),
    ("calls under way count", [PENDING, PENDING, ended("a"), ended("b")], [], (3, 0)),
    ("refusals say nothing of what it would bring", [REFUSED, ended("a"), REFUSED, ended("a")], [], (2, 0)),
    ("idle calls in a row", [], [ended("a", idle=True), REFUSED, ended("b", idle=True), ended("c")], (0, 3)),
    ("calls under way are passed over", [], [PENDING, REFUSED, PENDING, ended("a")], (0, 1)),
    ("something new ends it", [], [ended("a"), REFUSED, REFUSED], (0, 0)),
]


@pytest.mark.parametrize(("same", "lately", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_progress(same: Sequence[Step], lately: Sequence[Step], expected: tuple[int, int]) -> None:
    found = progress(same, lately, repeats=3, idle_calls=5)
    assert found.facts == ProgressFacts(expected[0], 3, expected[1], 5)


def search(world: World, call_id: str, query: str = "x") -> tuple[str, str]:
    result = world.open().call("logs.search", {"query": query}, call_id=call_id)
    return result.code, result.message


class TestLoop:
    def test_the_same_call_is_noted_and_then_denied_whatever_its_id(self, world: World) -> None:
        found = [search(world, f"c{n}") for n in range(6)]
        assert [code for code, _ in found] == ["reads.triage"] * 3 + ["loop"] * 3
        assert found[0][1] == ""
        first = world.records("call.outcome")[0].seq
        assert found[1][1] == f"you have asked this before (record {first}) and got the same; ask something else"
        assert len(world.effects.of("logs.search")) == 3

    def test_a_changed_result_is_no_loop(self, world: World) -> None:
        for n in range(12):
            world.shop.lines = [Line(text="rollout", count=n)]
            assert search(world, f"c{n}") == ("reads.triage", "")

    def test_a_result_that_changed_begins_a_new_count(self, world: World) -> None:
        codes = []
        for n, count in enumerate([1, 1, 2, 2, 2]):
            world.shop.lines = [Line(text="rollout", count=count)]
            codes.append(search(world, f"c{n}")[0])
        assert codes == ["reads.triage"] * 5
        assert search(world, "more")[0] == "loop"

    @pytest.mark.parametrize("period", [2, 3, 5])
    def test_a_cycle_of_several_calls_is_a_loop(self, world: World, period: int) -> None:
        codes = [search(world, f"c{n}", f"q{n % period}")[0] for n in range(4 * period)]
        assert codes == ["reads.triage"] * (3 * period) + ["loop"] * period

    def test_a_resumed_run_knows(self, make_world: Callable[..., World]) -> None:
        for n in range(3):
            assert search(make_world(), f"c{n}")[0] == "reads.triage"
        assert search(make_world(), "c3")[0] == "loop"
        assert search(make_world(), "c0")[0] == "reads.triage", "what it got under an old id it gets again"

    def test_another_run_is_another_matter(self, world: World) -> None:
        for n in range(4):
            search(world, f"c{n}")
        assert world.open("run_2").call("logs.search", {"query": "x"}, call_id="c").status == "ok"

    def test_many_at_once_are_no_way_around_it(self, world: World) -> None:
        codes: list[str] = []
        gate = world.open()

        def ask(n: int) -> None:
            codes.append(gate.call("logs.search", {"query": "x"}, call_id=f"c{n}").code)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == ["loop"] * 7 + ["reads.triage"] * 3

    def test_a_write_proposed_again_and_again_asks_three_times(self, world: World) -> None:
        gate = world.open()
        found = [gate.call("rollouts.rollback", {"service": "checkout"}, call_id=f"w{n}") for n in range(5)]
        assert [bool(result.approval_id) for result in found] == [True, True, True, False, False]
        assert [result.code for result in found[3:]] == ["loop", "loop"]
        assert gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w0").approval_id, (
            "the first still waits"
        )

    def test_the_limit_is_the_operator_s(self, make_world: Callable[..., World]) -> None:
        world = make_world(limits=Limits(repeats=1))
        assert [search(world, f"c{n}")[0] for n in range(2)] == ["reads.triage", "loop"]


class TestStall:
    def test_calls_that_bring_nothing_new_end_the_calls_and_not_the_report(
        self, make_world: Callable[..., World]
    ) -> None:
        world = make_world(limits=Limits(idle_calls=4), stages=ACT)
        gate = world.open()
        assert search(world, "c0", "q0")[0] == "reads.triage"
        # Another question with the same answer, a tool that does not exist, arguments that do not fit, a repetition:
        assert search(world, "c1", "q1")[0] == "reads.triage"
        assert gate.call("nothing.here", {}, call_id="c2").code == "unknown-tool"
        assert gate.call("logs.search", {"query": 3}, call_id="c3").code == "bad-arguments"
        assert search(world, "c4", "q0")[0] == "reads.triage"
        assert search(world, "c5", "q2") == (
            "stall",
            "the last calls of the run brought nothing new; report with the evidence at hand",
        )
        request = ModelRequest(({"role": "user", "content": "x"},))
        assert gate.prompt(request, endpoint="hosted", call_id="p").text == "fine"
        told = gate.tell(Audience("terminal", "me", "payments"), Notice("report", {"text": "x"}), call_id="t")
        assert told.status == "sent"

    def test_something_new_begins_a_new_count(self, make_world: Callable[..., World]) -> None:
        world = make_world(limits=Limits(idle_calls=3))
        for n in range(9):
            if n % 3 == 0:
                world.shop.lines = [Line(text="new", count=n)]
            assert search(world, f"c{n}", f"q{n}")[0] == "reads.triage"

    def test_a_resumed_run_knows(self, make_world: Callable[..., World]) -> None:
        limits = Limits(idle_calls=2)
        for n in range(3):
            assert search(make_world(limits=limits), f"c{n}", f"q{n}")[0] == "reads.triage"
        assert search(make_world(limits=limits), "c3", "q3")[0] == "stall"

    def test_a_write_that_went_through_is_never_nothing(self, make_world: Callable[..., World]) -> None:
        world = make_world(limits=Limits(idle_calls=2), stages=ACT)
        gate = world.open()
        for n in range(5):
            args = {"service": f"s{n}"}
            gate.call("rollouts.rollback", args, call_id=f"w{n}")
            for record in world.factory.approvals.records(state="pending"):
                world.factory.approvals.answer(record.id, "approve", approver="bob", roles=frozenset({"oncall"}))
            assert gate.call("rollouts.rollback", args, call_id=f"w{n}").status == "ok"


def test_while_the_database_is_down_the_process_remembers(make_world: Callable[..., World], tmp_path: Path) -> None:
    world = make_world()
    gate = world.open()
    codes = [gate.call("logs.search", {"query": "x"}, call_id=f"c{n}").code for n in range(2)]
    world.database.close()
    for name in ("gate.sqlite", "gate.sqlite-wal", "gate.sqlite-shm"):
        (world.root / name).unlink(missing_ok=True)
    (world.root / "gate.sqlite").write_bytes(b"no database " * 400)
    codes += [gate.call("logs.search", {"query": "x"}, call_id=f"d{n}").code for n in range(2)]
    assert codes == ["reads.triage"] * 3 + ["loop"]
