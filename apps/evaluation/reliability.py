"""What a score is worth in this installation, for the reports of its triages."""

from __future__ import annotations

from ...core.errors import LedgerError
from ...evals.scoring.reliability import Bin, Point, bin_of, reliability_curve
from ..installation import Installation


class LocalReliability:
    """Implements `agents.triage.parts.Reliability` over this installation's labelled incidents."""

    def __init__(self, curve: tuple[Bin, ...]) -> None:
        self._curve = curve

    def such_scores(self, score: float) -> tuple[int, int, float, float] | None:
        """How many of how many leading suspects with such a score were right, and Wilson's 95 % interval of the share.

        `None` where nothing can be said.
        """
        found = bin_of(self._curve, score)
        return None if found is None else (found.right, found.n, *found.interval)


def local_reliability(installation: Installation) -> LocalReliability | None:
    """The curve of this installation; `None` while too few incidents are labelled and measured.

    Also `None` while the database cannot be read: a triage goes on without it.
    """
    try:
        scores = installation.incident_labels.scores()
    except LedgerError:
        return None
    curve = reliability_curve(Point(one.score, one.is_right) for one in scores)
    return LocalReliability(curve) if curve else None
