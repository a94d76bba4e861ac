"""Whether a move is seen in the traffic: which version answers since, and whether requests still come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Confirmed = Literal["confirmed", "not yet", "unknown"]

_NEARLY_ALL = 0.95
"""Of the predictions since the move: the rest are requests that were under way, or a canary."""
_FEWEST = 20
_STILL = 0.5
"""Of the predictions a minute before: below that, the model hardly answers any more."""


@dataclass(frozen=True)
class Confirmation:
    """What the predictions since a move say.

    Args:
        result: `unknown` if there are too few of them, which is no confirmation.
        why: one sentence.
    """

    result: Confirmed
    why: str


def confirmation(shown: Sequence[Mapping[str, Any]], model: str, version: int) -> Confirmation:
    """Whether a version answers.

    Args:
        shown: the models in the summary of `models.health`, over the time since the move and one before it.
        model: that was moved.
        version: it was moved to.
    """
    found = [one for one in shown if one.get("model") == model]
    after = sum(int(one.get("predictions_after") or 0) for one in found)
    if after < _FEWEST:
        return Confirmation("unknown", f"only {after} predictions of it are recorded since the move")
    share = sum(int(one["predictions_after"]) * _share(one, str(version)) for one in found) / after
    if share < _NEARLY_ALL:
        return Confirmation("not yet", f"version {version} gives {share:.0%} of the predictions since the move")
    before = sum(float(one.get("per_minute_before") or 0.0) for one in found)
    now = sum(float(one.get("per_minute_after") or 0.0) for one in found)
    if before > 0 and now < _STILL * before:
        return Confirmation("not yet", f"it answers {now:.1f} requests a minute, {before:.1f} before")
    return Confirmation("confirmed", f"version {version} gives {share:.0%} of {after} predictions since the move")


def _share(one: Mapping[str, Any], version: str) -> float:
    return sum(float(row["share_after"]) for row in one.get("versions", ()) if row["version"] == version)
