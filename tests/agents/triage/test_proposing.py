"""What code proposes: giving back a promotion that leads the ranking and is the last move; nothing otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from opswarden.agents.triage.proposing import HISTORY, history_call, proposed
from opswarden.agents.triage.types import Action, RankedCause
from opswarden.apps.reports.proposals import rollback_command

OFFERED = frozenset({"models.history", "models.rollback"})
RECENT = {"newest": [{"id": "bread/7", "kind": "model_promotion"}, {"id": "bread/8", "kind": "config"}]}


def move(number: int, kind: str, before: int | None, after: int | None) -> dict[str, Any]:
    return {"move": number, "kind": kind, "state": "done", "version_before": before, "version_after": after}


def history(**changed: Any) -> dict[str, Any]:
    moves = [move(7, "promote", 3, 4), move(6, "promote", None, 3)]
    return {"version": 4, "is_elsewhere": False, "approved": [4, 3], "moves": moves, **changed}


def actions(summary: Any, change: str | None = "bread/7") -> list[Action]:
    leading = RankedCause(entity="oven", indicator="heat", change=change, score=0.5, evidence=("E1",))
    return list(proposed([leading], {HISTORY: {"summary": summary}}))


def test_the_history_is_asked_for_where_a_promotion_leads_and_policy_could_allow_to_take_it_back() -> None:
    call = history_call([{"change": "bread/7"}], RECENT, OFFERED)
    assert call is not None
    assert call.args == {"model": "bread"}
    assert history_call([{"change": "bread/7"}], RECENT, OFFERED - {"models.rollback"}) is None
    for change in ("bread/8", "bread/9", "bread/x", "chg-1", "/7", None):
        assert history_call([{"change": change}], RECENT, OFFERED) is None
    assert history_call([], None, OFFERED) is None


def test_the_last_promotion_is_proposed_to_be_given_back() -> None:
    (found,) = actions(history())
    assert (found.tool, found.args, found.status) == ("models.rollback", {"model": "bread"}, "proposed")
    command = "opswarden platform rollback bread --environment live --triage run_1"
    assert rollback_command(found, "live", "run_1") == command
    assert rollback_command(found.model_copy(update={"args": {"model": "$(reboot)"}}), "live", "run_1") == ""
    assert rollback_command(found, "live; reboot", "run_1") == ""


@pytest.mark.parametrize(
    "summary",
    [
        None,
        "no",
        {},
        history(is_elsewhere=True),
        history(version=5),
        history(approved=[4]),
        history(approved=[4, 2, 3]),
        history(moves=[move(9, "rollback", 4, 3), move(7, "promote", 3, 4)], version=3),
        history(moves=[move(7, "promote", None, 4)], approved=[4]),
        history(moves=["x", {"state": "open"}]),
    ],
)
def test_nothing_is_proposed_where_it_is_not_the_last_move_or_there_is_no_way_back(summary: Any) -> None:
    assert actions(summary) == []


def test_a_change_of_another_kind_is_no_move() -> None:
    assert actions(history(), "bread/6") == actions(history(), "bread/七") == actions(history(), None) == []
