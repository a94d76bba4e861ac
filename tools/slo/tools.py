"""`slo.burn`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import pyarrow as pa

from ...core.clock import Deadline
from ..metrics.backends.types import MetricsBackend
from ..metrics.series import SeriesSet
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter, to_us
from .backends.types import Slo, SloBackend
from .burn import Burn, burn
from .events import Events, NoShareError, count, matching, measures_of
from .query import Indicator, Ratio, UnreadableQueryError, parse
from .types import BurnArgs, BurnResult, SloBurn, SloState, WindowRate

BURN_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("name", pa.string()),
        ("objective", pa.float64()),
        ("window_s", pa.int64()),
        ("state", pa.string()),
        ("basis", pa.string()),
        ("budget_spent", pa.float64()),
        ("seen", pa.float64()),
        ("left_s", pa.float64()),
        ("rate_before", pa.float64()),
        ("problem", pa.string()),
        ("rates", pa.list_(pa.struct([("window_s", pa.int64()), ("rate", pa.float64()), ("covered", pa.float64())]))),
    ]
)
"""Columns of the artifact of `slo.burn`: a row per objective, the most urgent first."""

_TOKENS = 800
_LONGEST_S = 90 * 86_400
_LONGEST_READ = timedelta(days=31)
_ORDER: dict[SloState, int] = {"page": 0, "ticket": 1, "error": 2, "within": 3, "no_data": 4}


def slo_tools(backend: SloBackend, metrics: MetricsBackend) -> tuple[AnyTool, ...]:
    """The tools over declared objectives, and the metrics that they are read from."""

    def rates(args: BurnArgs, context: ToolContext) -> Output[BurnResult]:
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        burns = burns_of(backend, metrics, args, context.deadline)
        if not burns:
            return Output("no_data", scope, note="no service level objective is declared")
        burns.sort(key=lambda one: (_ORDER[one.state], -_fastest(one), one.entity, one.name))
        shown = first_that_fit(burns, _TOKENS)
        states = Counter(one.state for one in burns)
        result = BurnResult(
            slos=len(burns),
            paging=states["page"],
            ticketing=states["ticket"],
            within=states["within"],
            without_data=states["no_data"],
            unreadable=states["error"],
            objectives=shown,
        )
        rest = len(burns) - len(shown)
        note = f"{rest} objectives that burn less are left out; ask for some entities" if rest else ""
        return Output("truncated" if rest else "ok", scope, result, artifact=_table(burns), note=note)

    return (
        Tool(
            name="slo.burn",
            effect="read",
            description="How fast the error budgets of service level objectives burn, and what is left of them.",
            args=BurnArgs,
            result=BurnResult,
            run=rates,
            environment=backend.environment,
            data_classes=frozenset({"operational"}),
            summary_tokens=1_000,
        ),
    )


def burns_of(backend: SloBackend, metrics: MetricsBackend, args: BurnArgs, deadline: Deadline) -> list[SloBurn]:
    """Every declared objective of some entities and how its budget burns.

    Raises:
        BackendError: a system did not answer.
    """
    found = [_checked(slo) for slo in backend.slos(deadline, entities=args.entities)]
    series = _Reading(metrics, args.end, deadline, [item for _, item in found if not isinstance(item, str)])
    return [_burn_of(slo, item, series, args) for slo, item in found]


class _Reading:
    """The series of all indicators, each metric read once."""

    def __init__(
        self, metrics: MetricsBackend, end: datetime, deadline: Deadline, wanted: Iterable[tuple[str, Indicator]]
    ) -> None:
        self._metrics = metrics
        self._end = end
        self._deadline = deadline
        self._entities: dict[str, set[str]] = {}
        for entity, indicator in wanted:
            for measure in measures_of(indicator):
                self._entities.setdefault(measure.metric, set()).add(entity)
        self._read: dict[str, SeriesSet] = {}

    def events(self, entity: str, indicator: Indicator) -> Events | None:
        """What the indicator counts; nothing if one of its measures has no sample."""
        sides = []
        for measure in measures_of(indicator):
            if measure.metric not in self._read:
                self._read[measure.metric] = self._metrics.series(
                    self._end - _LONGEST_READ,
                    self._end,
                    self._deadline,
                    entities=sorted(self._entities[measure.metric]),
                    metric=measure.metric,
                )
            own = [one for one in matching(self._read[measure.metric], measure) if one[0].entity == entity]
            sides.append([one for one in own if len(one[1])])
        if not all(sides):
            return None
        return count(indicator, sides[0], sides[1] if isinstance(indicator, Ratio) else [])


def _checked(slo: Slo) -> tuple[Slo, tuple[str, Indicator] | str]:
    """The objective with its indicator, or with what is wrong with it."""
    if slo.objective is None or not 0 < slo.objective < 1:
        return slo, "the objective is no share between 0 and 1"
    if slo.window_s is None or not 0 < slo.window_s <= _LONGEST_S:
        return slo, f"the window is not between 1 second and {_LONGEST_S // 86_400} days"
    try:
        return slo, (slo.entity, parse(slo.query))
    except UnreadableQueryError as error:
        return slo, f"the query cannot be read: {error}"


def _burn_of(slo: Slo, item: tuple[str, Indicator] | str, series: _Reading, args: BurnArgs) -> SloBurn:
    if isinstance(item, str) or slo.objective is None or slo.window_s is None:
        return _entry(slo, "error", problem=item if isinstance(item, str) else "")
    try:
        events = series.events(*item)
    except NoShareError as error:
        return _entry(slo, "error", problem=str(error))
    if events is None:
        return _entry(slo, "no_data", problem="its metrics hold no sample of this entity")
    found = burn(events, slo.objective, slo.window_s, to_us(args.end), to_us(args.start))
    if found is None:
        return _entry(slo, "no_data", problem="nothing was counted in the objective's window")
    return _entry(slo, "within" if found.urgency == "none" else found.urgency, found, events.basis)


def _entry(
    slo: Slo, state: SloState, found: Burn | None = None, basis: str | None = None, *, problem: str = ""
) -> SloBurn:
    about = {"entity": one_line(slo.entity), "name": one_line(slo.name), "objective": slo.objective}
    if found is None:
        return SloBurn.model_validate({**about, "window_s": slo.window_s, "state": state, "problem": problem})
    return SloBurn.model_validate(
        {
            **about,
            "window_s": slo.window_s,
            "state": state,
            "basis": basis,
            "rates": tuple(
                WindowRate(window_s=rate.window_s, rate=_short(rate.rate), covered=round(rate.covered, 3))
                for rate in found.rates
            ),
            "rate_before": _short(found.before),
            "budget_spent": _short(found.spent),
            "seen": round(found.covered, 4),
            "left_s": None if found.left_s is None else round(found.left_s),
        }
    )


def _fastest(one: SloBurn) -> float:
    return max((rate.rate or 0.0 for rate in one.rates), default=0.0)


def _short(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.3g}")


def _table(burns: Sequence[SloBurn]) -> pa.Table:
    rows = [one.model_dump(mode="json") for one in burns]
    return pa.Table.from_pylist(rows, schema=BURN_COLUMNS)
