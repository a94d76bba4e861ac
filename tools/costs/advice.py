"""How capacity is bought: commitments for what always runs, spot capacity for what can be taken away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ...core.clock import Deadline
from ..recommendations.types import Basis, Considered, Held, Holding, Recommendation, Risk, recommendation_id
from .backends.types import CostsBackend
from .commitments import Offer, purchase_advice, spot_fit
from .savings import Priced, SavingBook


def commitment_advice(backend: CostsBackend, start: date, end: date, deadline: Deadline | None = None) -> Considered:
    """What of each offer in `costs.yaml` would have been in use in every hour of some days.

    Nothing without an offer: what a provider sells, and for how much, is in no bill. Offers for the same machines
    exclude each other.

    Raises:
        BackendError: the bill did not answer.
    """
    bill, offers = backend.bill(), backend.rules.offers
    if bill is None or not offers:
        return Considered(recommendations=(), held=())
    hours = bill.hourly(start, end, backend.currency, deadline)
    found: dict[str, list[Recommendation]] = {}
    held: list[Held] = []
    for terms in offers:
        offer = Offer(terms.name, terms.discount, terms.term_months)
        considered = purchase_advice(hours, start, end, offer, backend.environment, backend.currency)
        for each in considered.recommendations:
            found.setdefault(each.subject, []).append(each)
        held = list(considered.held)  # the same for every offer
    return Considered(recommendations=tuple(_excluding(found.values())), held=tuple(held))


def _excluding(offered: Iterable[list[Recommendation]]) -> Iterable[Recommendation]:
    for same in offered:
        for each in same:
            others = tuple(other.id for other in same if other.id != each.id)
            yield each.model_copy(update={"excludes": others})


@dataclass(frozen=True)
class SpotCandidate:
    """A workload as far as spot capacity goes.

    Args:
        size: of one replica, and `replicas`.
        starts: how often one of its replicas started in the history.
        start_s: the longest that a start took; `None` if no start says.
        has_checkpoints: whether work that is cut off goes on where it was.
    """

    workload: str
    kind: str
    team: str
    owner: str | None
    criticality: str
    region: str
    gpu_type: str
    capacity: str
    size: dict[str, float]
    starts: int
    start_s: float | None
    has_checkpoints: bool


def spot_advice(
    candidates: Iterable[SpotCandidate], book: SavingBook, environment: str, span: tuple[datetime, datetime]
) -> Considered:
    """Workloads that could live on capacity that is taken away, at the list price of spot capacity.

    How often it is taken away is in no data that we have, so the risk is not calibrated, and says so.

    Args:
        candidates: the workloads of a fleet.
        book: its prices and what is paid.
        environment: of the fleet.
        span: the history.
    """
    found: list[Recommendation] = []
    held: list[Held] = []
    weeks = max((span[1] - span[0]) / timedelta(weeks=1), 1e-9)
    for one in candidates:
        reason, detail = _hindered(one, weeks)
        priced = Priced(one.workload, one.region, one.gpu_type, one.capacity)
        saving = None if reason else book.saving_as_spot(priced, one.size)
        if reason is None and saving is None:
            reason, detail = "no_price", "the price list has no spot price for a part of it"
        elif saving is not None and saving.effective.expected <= 0:
            reason, detail = "too_small", "spot capacity costs no less"
        if reason is not None or saving is None:
            held.append(
                Held(kind="spot", subject=one.workload, resource="capacity", reason=reason or "unknown", detail=detail)
            )
            continue
        found.append(
            Recommendation(
                id=recommendation_id("spot", environment, one.workload, "capacity"),
                kind="spot",
                subject=one.workload,
                resource="capacity",
                team=one.team,
                owner=one.owner,
                environment=environment,
                criticality=one.criticality,
                current={"capacity_type": one.capacity},
                proposed={"capacity_type": "spot"},
                unit="",
                saving=saving,
                risk=Risk(
                    probability=None,
                    low=0.0,
                    high=1.0,
                    of="a replica is taken away at short notice: how often is not measured here",
                    weeks=0,
                ),
                why=detail,
                basis=(
                    Basis(what="starts", value=one.starts / weeks, unit="per week"),
                    *(() if one.start_s is None else (Basis(what="longest start", value=one.start_s, unit="s"),)),
                ),
                history_start=span[0],
                history_end=span[1],
                coverage=1.0,
                effort_hours=4.0,
                reversal="with_a_restart",
            )
        )
    return Considered(recommendations=tuple(found), held=tuple(held))


def _hindered(one: SpotCandidate, weeks: float) -> tuple[Holding | None, str]:
    if one.capacity == "committed":
        return "already_paid", "a commitment pays for it whatever runs"
    if one.capacity == "spot":
        return "fits", "it is on spot capacity already"
    verdict, why = spot_fit(
        one.kind,
        one.criticality,
        starts_per_week=one.starts / weeks,
        start_s=one.start_s,
        has_checkpoints=one.has_checkpoints,
    )
    reasons: dict[str, Holding] = {"unfit": "needed", "unknown": "unknown"}
    return reasons.get(verdict), why


def whole_days(start: datetime, end: datetime) -> tuple[date, date]:
    """The whole days in UTC inside a time, as first day and the day after the last."""
    first = start.astimezone(UTC)
    day = first.date() if first.time() == time() else first.date() + timedelta(days=1)
    return day, end.astimezone(UTC).date()
