"""The weekly plan: joined, thresholded, nothing counted twice, and silent where people have said no."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from opswarden.core.errors import ToolRetry
from opswarden.tools.recommendations.amounts import total, total_saving
from opswarden.tools.recommendations.backtests import KindBacktest
from opswarden.tools.recommendations.lifecycle import FROM, PersonalMove, Standing, State, check_move, weight_of
from opswarden.tools.recommendations.plan import Kept, Plan, make_plan
from opswarden.tools.recommendations.thresholds import Thresholds
from opswarden.tools.recommendations.types import Considered, Recommendation

from .made import NOW, considered, money, recommendation

LOOSE = Thresholds(least_saving=0, least_change=0, most_cut=1)


def plan(
    *parts: Considered,
    kept: tuple[Kept, ...] = (),
    backtests: tuple[KindBacktest, ...] = (),
    thresholds: Thresholds = LOOSE,
    costs: dict[str, float] | None = None,
) -> Plan:
    return make_plan(parts, kept, backtests, thresholds, costs or {}, NOW)


def stood(each: Recommendation, state: State, **more: object) -> Kept:
    ago = NOW - timedelta(days=30)
    standing = Standing(
        id=each.id, state=state, by="person:ann", at=ago, reason="needed in June", first_seen=ago, last_seen=ago,
        weight=weight_of(each),
    ).model_copy(update=more)  # fmt: skip
    return Kept(standing, each)


def reasons(made: Plan) -> list[tuple[str, str]]:
    return sorted((each.subject, each.reason) for each in made.held)


def test_what_goes_away_is_neither_scheduled_nor_sized() -> None:
    options = [
        recommendation("old", "decommission", "", saves=1_000),
        recommendation("old", "schedule", "", saves=600),
        recommendation("old", saves=300),
    ]
    made = plan(considered(*options), costs={"old": 1_000.0})
    assert [each.kind for each in made.offered] == ["decommission"]
    assert reasons(made) == [("old", "another_option")] * 2


def test_a_size_saves_its_share_of_what_a_schedule_leaves() -> None:
    night, cpu = recommendation("dev", "schedule", "", saves=600), recommendation("dev", saves=300)
    memory = recommendation("dev", resource="memory", saves=200)
    made = plan(considered(cpu, memory, night), costs={"dev": 1_000.0})
    # 40 % of the cost is left; CPU and memory are different money and keep their shares of it.
    assert {each.resource: each.saving.effective.expected for each in made.offered} == {
        "": 600.0, "cpu": pytest.approx(120.0), "memory": pytest.approx(80.0),
    }  # fmt: skip
    assert total((each.saving.effective for each in made.offered), "EUR").expected <= 1_000


def test_a_thing_and_the_workload_that_it_runs_as_are_one_subject() -> None:
    endpoint, cpu = recommendation("ep/old", "decommission", "", saves=900), recommendation("old", saves=300)
    made = make_plan([considered(cpu, endpoint)], [], [], LOOSE, {"old": 1_000.0}, NOW, {"ep/old": "old"})
    assert [each.subject for each in made.offered] == ["ep/old"]


def test_a_request_is_a_size_of_its_resource() -> None:
    found = recommendation(current={"request": 4.0}, proposed={"request": 2.5, "limit": 3.0})
    (step,) = plan(considered(found)).offered
    assert (step.current, step.proposed) == ({"cpu": 4.0}, {"cpu": 2.5, "cpu_limit": 3.0})


def test_without_the_cost_the_second_kind_is_held_and_not_counted_in_full() -> None:
    made = plan(considered(recommendation("dev", "schedule", "", saves=600), recommendation("dev", saves=300)))
    assert [each.kind for each in made.offered] == ["schedule"]
    assert reasons(made) == [("dev", "another_option")]


def test_options_that_exclude_each_other_are_never_both_offered() -> None:
    smaller = recommendation("gpu", resource="instance_type", saves=500)
    slice_of_it = recommendation("gpu", resource="gpu", saves=700, excludes=(smaller.id,))
    made = plan(considered(smaller, slice_of_it))
    assert [each.id for each in made.offered] == [slice_of_it.id]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (recommendation(saves=9.0), "too_small"),
        (recommendation(current={"cpu": 4.0}, proposed={"cpu": 3.8}), "too_small"),
    ],
    ids=["little money", "a small change"],
)
def test_what_is_not_worth_it_is_held(found: Recommendation, reason: str) -> None:
    made = plan(considered(found), thresholds=Thresholds())
    assert (made.offered, [each.reason for each in made.held]) == ((), [reason])


def test_a_deep_cut_is_taken_in_steps_and_saves_what_the_step_saves() -> None:
    deep = recommendation(current={"cpu": 8.0}, proposed={"cpu": 1.0}, saves=700)
    (step,) = plan(considered(deep), thresholds=Thresholds()).offered
    assert step.proposed == {"cpu": 4.0}
    assert step.saving.effective.expected == pytest.approx(400.0)  # 4 of 7 cores
    assert "then go to cpu 1" in step.steps[-1]


def test_another_card_is_no_small_change() -> None:
    card = recommendation(
        "llm", resource="gpu", current={"gpu_type": "H100", "gpu": 1.0}, proposed={"gpu_type": "L4", "gpu": 1.0}
    )
    assert len(plan(considered(card), thresholds=Thresholds()).offered) == 1


def test_replicas_are_cut_to_whole_ones() -> None:
    deep = recommendation("api", "replicas", "replicas", current={"replicas": 7}, proposed={"replicas": 2}, saves=500)
    (step,) = plan(considered(deep), thresholds=Thresholds()).offered
    assert step.proposed == {"replicas": 4.0}
    assert step.saving.effective.expected == pytest.approx(300.0)
    one = recommendation("one", "rightsize", "gpu", current={"gpu": 1}, proposed={"gpu": 0.5}, saves=500)
    assert plan(considered(one), thresholds=Thresholds()).offered[0].proposed == {"gpu": 0.5}


def test_a_kind_that_fails_its_backtest_is_withheld_and_says_why() -> None:
    failed = KindBacktest(
        kind="rightsize", resource="memory", subjects=40, weeks=280, saved=0.4, violated=0.12, low=0.09, high=0.16,
        most=0.06, is_passed=False,
    )  # fmt: skip
    memory, cpu = recommendation(resource="memory"), recommendation()
    made = plan(considered(memory, cpu), backtests=(failed,))
    assert [each.resource for each in made.offered] == ["cpu"]
    (held,) = made.held
    assert (held.reason, held.detail) == (
        "backtest_failed",
        "went wrong in 12.0% of 280 past weeks here; 6.0% is allowed",
    )


@pytest.mark.parametrize("state", ["dismissed", "snoozed"])
@pytest.mark.parametrize(("saves", "move"), [(400.0, None), (495.0, None), (505.0, "raised"), (290.0, "raised")])
def test_a_no_is_asked_about_again_only_when_it_has_changed_by_a_quarter(
    state: State, saves: float, move: str | None
) -> None:
    before = stood(recommendation(saves=400), state, until=NOW + timedelta(days=9) if state == "snoozed" else None)
    made = plan(considered(recommendation(saves=saves)), kept=(before,))
    assert len(made.offered) == (1 if move else 0)
    assert made.moves == ({before.standing.id: move} if move else {})
    assert [each.reason for each in made.held] == ([] if move else [state])


def test_a_changed_size_is_a_changed_recommendation() -> None:
    before = stood(recommendation(proposed={"cpu": 2.5}), "dismissed")
    made = plan(considered(recommendation(proposed={"cpu": 1.8})), kept=(before,))
    assert made.moves == {before.standing.id: "raised"}


def test_a_snooze_ends_and_a_dismissal_does_not() -> None:
    over = {"until": NOW - timedelta(days=1)}
    asleep = stood(recommendation("a"), "snoozed", **over)
    gone = stood(recommendation("b"), "dismissed")
    made = plan(considered(asleep.recommendation, gone.recommendation), kept=(asleep, gone))
    assert made.moves == {asleep.standing.id: "woken"}
    assert [each.subject for each in made.offered] == ["a"]


def test_what_somebody_works_on_stays_as_they_agreed_to_it() -> None:
    mine = stood(recommendation(saves=400), "claimed")
    made = plan(considered(recommendation(saves=900, proposed={"cpu": 1.0})), kept=(mine,))
    assert made.offered == (mine.recommendation,)
    assert made.moves == {}


def test_what_is_applied_is_projected_no_more() -> None:
    done = stood(recommendation(), "applied")
    made = plan(considered(recommendation()), kept=(done,))
    assert (made.offered, made.moves) == ((), {})
    assert [each.standing.id for each in made.under_way] == [done.standing.id]


def test_what_the_analysis_no_longer_says_is_withdrawn_and_may_come_back() -> None:
    there = stood(recommendation("a"), "open")
    claimed = stood(recommendation("b"), "claimed")
    back = stood(recommendation("c"), "withdrawn")
    made = plan(considered(recommendation("c")), kept=(there, claimed, back))
    assert made.moves == {there.standing.id: "withdrawn", back.standing.id: "found"}


def test_sizes_too_small_now_are_withdrawn_from_the_open_ones() -> None:
    there = stood(recommendation(saves=400), "open")
    made = plan(considered(recommendation(saves=3)), kept=(there,), thresholds=Thresholds())
    assert made.moves == {there.standing.id: "withdrawn"}


def test_a_total_allows_for_what_has_to_be_taken_back() -> None:
    sure, doubtful = recommendation("a", saves=1_000), recommendation("b", saves=1_000)
    risk = doubtful.risk.model_copy(update={"probability": 0.2, "high": 0.3})
    both = total_saving([sure, doubtful.model_copy(update={"risk": risk})], "EUR").effective
    alone = total([sure.saving.effective, doubtful.saving.effective], "EUR")
    assert (both.expected, both.high) == (2_000, alone.high)
    lost = (1.6449 * 1_000) ** 2 * (0.2 * 0.8 + 0.01 * 0.99)
    assert both.low == pytest.approx(2_000 - math.sqrt((2_000 - alone.low) ** 2 + lost), rel=1e-4)


def test_amounts_of_two_currencies_are_not_added() -> None:
    with pytest.raises(ValueError, match="currencies"):
        total([money(1), money(1, "USD")], "EUR")


MOVES: list[tuple[State, PersonalMove]] = [(state, move) for move, states in FROM.items() for state in states]


@pytest.mark.parametrize(("state", "move"), MOVES)
def test_moves_lead_where_the_table_says(state: State, move: PersonalMove) -> None:
    until = NOW + timedelta(days=3) if move == "snooze" else None
    assert check_move(state, move, "because", until, NOW) != state


@pytest.mark.parametrize(
    ("state", "move", "reason", "days", "said"),
    [
        ("open", "dismiss", " ", None, "needs a reason"),
        ("open", "snooze", "later", None, "within a year"),
        ("open", "snooze", "later", -1, "within a year"),
        ("open", "snooze", "later", 400, "within a year"),
        ("open", "claim", "", 3, "only a snooze"),
        ("dismissed", "applied", "", None, "possible now: reopen"),
        ("applied", "dismiss", "no", None, "possible now: regress, verify"),
    ],
)
def test_moves_that_cannot_be_made(state: State, move: PersonalMove, reason: str, days: int | None, said: str) -> None:
    until = NOW + timedelta(days=days) if days is not None else None
    with pytest.raises(ToolRetry) as found:
        check_move(state, move, reason, until, NOW)
    assert said in f"{found.value.message} {found.value.remedy}"
