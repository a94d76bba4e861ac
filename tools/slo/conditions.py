"""Error budgets as a condition of something else: promoting a version, letting a rollout go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from ...core.clock import Deadline
from .types import SloBurn

Budgets: TypeAlias = Callable[[Sequence[str], datetime, Deadline], Sequence[SloBurn]]
"""The objectives of some entities and their budgets at a moment. Raises `BackendError`."""

Held = tuple[Literal["pass", "fail", "inconclusive"], str, dict[str, float]]


def budgets_hold(burns: Sequence[SloBurn], least_left: float) -> Held:
    """Whether every objective has so much of its budget left, and none burns so fast that a person would be woken.

    Args:
        burns: of the objectives that count.
        least_left: share of a budget, 0 to 1.

    Returns:
        The result, why in words of ours, and the numbers that it rests on. An objective that cannot be read never
        passes, and neither does nothing at all.
    """
    if not burns:
        return "inconclusive", "no objective of it is declared", {"objectives": 0.0}
    spent = [one.budget_spent for one in burns if one.budget_spent is not None]
    paging = sum(one.state == "page" for one in burns)
    unread = sum(one.state in ("no_data", "error") or one.budget_spent is None for one in burns)
    numbers = {"objectives": float(len(burns)), "paging": float(paging), "unread": float(unread)}
    if spent:
        numbers["least_left"] = 1 - max(spent)
    if paging:
        return "fail", f"{paging} of {len(burns)} error budgets burn so fast that a person is woken", numbers
    if spent and 1 - max(spent) < least_left:
        return "fail", f"an error budget has {max(1 - max(spent), 0):.0%} left, {least_left:.0%} are asked for", numbers
    if unread:
        return "inconclusive", f"{unread} of {len(burns)} error budgets cannot be read", numbers
    return "pass", f"every one of {len(burns)} error budgets has {least_left:.0%} left or more", numbers
