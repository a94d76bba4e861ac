"""The suite `fraud`: payments in which one thing goes on, explained.

Beside it, the usual dashboard: if approvals fell by two points in all, the kind of decline that grew most is blamed.
"""

from __future__ import annotations

from ...tools.outcomes.backends.types import Outcomes
from ...tools.outcomes.explain_types import ExplainArgs, Verdict
from ...tools.outcomes.explaining import Beside, explain
from ...tools.outcomes.types import CodeGroup
from ...tools.outcomes.vocabulary import class_of, group_of
from ..scoring.fraud import SUITE
from ..suite import CaseScore, SuiteResult
from ..summary import summarise
from .chargeback_worlds import KINDS as MONTHS
from .chargebacks import chargeback_case
from .fraud_worlds import KINDS, QUIET, START, WINDOW, FraudWorld, fraud_world
from .invented import Progress, in_turn, scored

_SEED = 80_000
"""Far from the seeds with which the rules were written."""
_FALL = 0.02
_BY_GROUP: dict[CodeGroup, Verdict] = {
    "technical": "provider_down",
    "authentication": "provider_down",
    "rules": "model_broke",
    "business": "world_changed",
    "other": "world_changed",
}
_ARGS = ExplainArgs(start=START, end=START + WINDOW, baseline_start=START - QUIET, baseline_end=START)


def run_fraud(count: int, *, seed: int = 0, limit: int | None = None, progress: Progress | None = None) -> SuiteResult:
    """Explain the same number of worlds of each kind, and as many quiet ones as there are kinds; months as well.

    Args:
        count: of worlds of each kind.
        seed: of the worlds and the intervals.
        limit: at most so many of each kind.
        progress: called with (worlds done, worlds).

    Raises:
        NothingScored: every world broke.
    """
    days, months = in_turn(tuple(KINDS), count, limit), in_turn(MONTHS, count, limit)
    first = _SEED + 10_000 * seed

    def score(place: int, kind: str, number: int) -> CaseScore:
        if place < len(days):
            return _score(f"{kind or 'quiet'}-{number:03d}-{place:04d}", fraud_world(first + place, kind))
        name = f"{kind or 'quiet-months'}-{number:03d}-{place - len(days):04d}"
        return chargeback_case(name, first + place - len(days), kind)

    scores = scored([*days, *months], score, progress)
    return summarise(SUITE, scores, seed=seed)


def _score(name: str, world: FraudWorld) -> CaseScore:
    found = explain(world.outcomes, _ARGS, Beside())
    blamed = by_dashboard(world.outcomes)
    shown = [(each.name, {one.name: one.value for one in each.conditions}, each.payments) for each in found.situations]
    if not world.kind:
        figures, beside = {"false_alarm": float(bool(shown))}, {"false_alarm": float(blamed != "nothing")}
    else:
        truth = KINDS[world.kind]
        first = shown[0] if shown else None
        figures = {
            "verdict": float(found.verdict == truth.verdict),
            "situation": float(first is not None and first[0] == truth.situation),
        }
        beside = {"verdict": float(blamed == truth.verdict)}
        if world.where:
            figures["segment"] = float(first is not None and first[1] == dict(world.where))
    return CaseScore(
        id=name,
        set_name="invented",
        group=world.kind or "quiet",
        metrics=figures,
        baseline={"largest_growth": beside},
        details={"verdict": found.verdict, "situations": shown[:3]},
    )


def by_dashboard(found: Outcomes) -> Verdict:
    """The verdict of whoever looks at shares of all payments."""
    sums: dict[CodeGroup | str, list[float]] = {}
    whole = [0.0, 0.0]
    for outcome, code, is_after, payments in zip(
        *(found.codes[name].to_pylist() for name in ("outcome", "response_code", "is_after", "payments")), strict=True
    ):
        kind = class_of(outcome)
        group = "good" if kind == "approved" else group_of(kind, code)
        sums.setdefault(group, [0.0, 0.0])[int(is_after)] += payments
        whole[int(is_after)] += payments
    shares = {group: (both[0] / max(whole[0], 1), both[1] / max(whole[1], 1)) for group, both in sums.items()}
    before, after = shares.pop("good", (0.0, 0.0))
    if before - after < _FALL or not shares:
        return "nothing"
    grown = max(shares, key=lambda group: shares[group][1] - shares[group][0])
    return _BY_GROUP[grown]  # type: ignore[index]  # what is no approval has a group
