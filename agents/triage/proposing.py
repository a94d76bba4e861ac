"""What code proposes to do, from the ranking alone: nothing of it is done, and nobody is asked for leave yet.

The first suspect's change may be a promotion that our book of moves knows (`models.history`). While that promotion is
still where the alias is, giving the model back is proposed. A person asks for it; policy and another person decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .plan import PlannedCall
from .types import Action, RankedCause

HISTORY = "context.history"
ROLLBACK, PROPOSED = "models.rollback", "proposed"
_PROMOTION = "model_promotion"


def history_call(
    candidates: Sequence[Mapping[str, Any]], recent: object, offered: frozenset[str]
) -> PlannedCall | None:
    """The call that says whether the first suspect's change is a promotion of ours; `None` if it is of another kind.

    Args:
        candidates: of the ranking, best first.
        recent: summary of `changes.recent`.
        offered: names of the tools that policy could allow.
    """
    change = candidates[0].get("change") if candidates else None
    rows = recent.get("newest") if isinstance(recent, Mapping) else None
    is_promotion = any(
        isinstance(row, Mapping) and row.get("id") == change and row.get("kind") == _PROMOTION
        for row in (rows if isinstance(rows, list | tuple) else ())
    )
    model, number = _move_of(change)
    if not is_promotion or not model or number is None or not {"models.history", ROLLBACK} <= offered:
        return None
    return PlannedCall(HISTORY, "models.history", {"model": model})


def proposed(ranking: Sequence[RankedCause], results: Mapping[str, Mapping[str, Any]]) -> tuple[Action, ...]:
    """Giving the model back, where its promotion leads the ranking, is the last move, and left a champion behind."""
    model, number = _move_of(ranking[0].change if ranking else None)
    found = results.get(HISTORY, {}).get("summary")
    if number is None or not isinstance(found, Mapping) or found.get("is_elsewhere") is not False:
        return ()
    moves = [move for move in found.get("moves", ()) if isinstance(move, Mapping) and move.get("state") == "done"]
    last = moves[0] if moves else {}
    before, after = last.get("version_before"), last.get("version_after")
    is_last = last.get("move") == number and last.get("kind") == "promote" and after == found.get("version")
    # Where a rollback goes that names no version.
    target = next((version for version in found.get("approved", ()) if version != after), None)
    if not is_last or target is None or target != before:
        return ()
    return (Action(tool=ROLLBACK, args={"model": model}, decision="not asked yet", status=PROPOSED),)


def _move_of(change: object) -> tuple[str, int | None]:
    """Model and number of a move by the id of its change."""
    model, _, number = change.rpartition("/") if isinstance(change, str) else ("", "", "")
    return model, int(number) if number.isascii() and number.isdigit() and len(number) < 16 else None
