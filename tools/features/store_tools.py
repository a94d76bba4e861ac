"""`features.freshness` and `features.parity`: both sides of a feature store, by a sample of keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

from ...core.clock import Deadline, to_iso
from ...core.errors import ConfigError, InputError, ToolFailed, ToolRetry
from ...core.intervals import wilson
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import to_us
from .backends.settings import LogSettings
from .backends.store import KEY, SEPARATOR, FeatureStore, Online, Share, View
from .freshness import Ages, Stale, ages
from .parity import Compared, Difference, compare
from .sampling import confidence_of, fraction_for, most_bad_share
from .store_types import (
    DifferenceShown,
    FeatureAged,
    FreshnessArgs,
    FreshnessResult,
    ParityArgs,
    ParityResult,
    Sampled,
    SampledArgs,
    StaleShown,
    ViewsArgs,
    ViewsResult,
)

PARITY_COLUMNS = pa.schema(
    [
        ("fault", pa.string()),
        ("feature", pa.string()),
        ("keys", pa.int64()),
        ("share", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("reach", pa.int64()),
        ("cause", pa.string()),
    ]
)
"""Columns of the artifact of `features.parity`: a row per difference, the farthest reaching first."""

_TIMEOUT_S = 300.0
_TOKENS = 900
_MOST_FEATURES = 12


@dataclass(frozen=True)
class StorePlace:
    """Where a feature store is.

    Args:
        environment: that it serves.
        open: gives the store; `None` where none is configured.
        logs: by view, what was served and trained on.
    """

    environment: str
    open: Callable[[], FeatureStore] | None = None
    logs: Mapping[str, LogSettings] = field(default_factory=dict)

    def store(self) -> FeatureStore:
        """The store.

        Raises:
            ToolRetry: none is configured here.
        """
        if self.open is None:
            raise ToolRetry("no feature store is configured here", remedy="list one under `[feature_stores.NAME]`")
        return self.open()

    def view(self, store: FeatureStore, name: str, deadline: Deadline) -> View:
        """A view by its name.

        Raises:
            ToolFailed: the files of the store are not as configured.
            ToolRetry: there is no such view.
        """
        try:
            views = store.views(deadline)
        except (ConfigError, InputError) as error:
            raise ToolFailed(error.message, remedy=error.remedy) from error
        found = next((each for each in views if each.name == name), None)
        if found is None:
            raise ToolRetry(
                "the store has no view of this name", remedy=f"views: {', '.join(each.name for each in views[:20])}"
            )
        return found


@dataclass(frozen=True)
class Sample:
    """Rows of both sides of the same keys."""

    view: View
    keys: int
    share: Share
    history: pa.Table
    online: Online

    def said(self, args: SampledArgs, looked_at: int) -> Sampled:
        """How much was looked at."""
        # Keys that only online has may be more than offline has keys.
        keys = max(self.keys, looked_at)
        is_whole = self.share.fraction >= 1
        return Sampled(
            keys=looked_at if is_whole else keys,
            looked_at=looked_at,
            is_whole=is_whole,
            share=args.share,
            confidence=1.0 if is_whole else round(confidence_of(keys, args.share, looked_at), 6),
        )


def sample(place: StorePlace, args: SampledArgs, upto_us: int | None, now_us: int, deadline: Deadline) -> Sample:
    """Draw keys of a view, and read both sides of them: offline rows up to a moment, or to the last materialization."""
    store = place.store()
    view = place.view(store, args.view, deadline)
    if upto_us is None:
        upto_us = view.intervals[-1][1] if view.intervals else now_us
    keys = max(store.count(view, deadline), 1)
    share = Share(fraction_for(keys, args.share, args.confidence), args.seed)
    history = store.offline(view, share, upto_us, deadline)
    names = history[KEY].unique().to_pylist()
    return Sample(view, keys, share, history, store.online(view, share, names, deadline))


VIEW_COLUMNS = pa.schema([("view", pa.string())])
"""Columns of the artifact of `features.views`."""


def store_tools(place: StorePlace) -> tuple[AnyTool, ...]:
    """The tools over one feature store; policies know them everywhere, agents where a store is configured."""

    def parity(args: ParityArgs, context: ToolContext) -> Output[ParityResult]:
        now_us = to_us(context.clock.now())
        drawn = sample(place, args, None, now_us, context.deadline)
        at_us = drawn.view.intervals[-1][1] if drawn.view.intervals else now_us
        scope = Scope(environment=place.environment, filters={"view": args.view})
        if not drawn.history.num_rows and not drawn.online.rows.num_rows:
            return Output("no_data", scope, note="neither side has a row of this view")
        found = compare(drawn.view, drawn.history, drawn.online, at_us)
        result = _parity(args, drawn, found, at_us)
        return Output("ok", scope, result, artifact=_rows(args, drawn, found), note=_left_out(result))

    def freshness(args: FreshnessArgs, context: ToolContext) -> Output[FreshnessResult]:
        now_us = to_us(context.clock.now())
        drawn = sample(place, args, now_us, now_us, context.deadline)
        scope = Scope(environment=place.environment, filters={"view": args.view})
        if not drawn.history.num_rows and not drawn.online.rows.num_rows:
            return Output("no_data", scope, note="neither side has a row of this view")
        found = ages(drawn.view, drawn.history, drawn.online, now_us)
        return Output("ok", scope, _freshness(args, drawn, found))

    return (
        _tool(
            place,
            "features.parity",
            "Whether a view serves online what its offline side says: missing, stale, late, wrong values; by a sample.",
            ParityArgs,
            ParityResult,
            parity,
        ),
        _tool(
            place,
            "features.freshness",
            "How old the rows are that a view serves, by event time: past their time to live, never written, behind.",
            FreshnessArgs,
            FreshnessResult,
            freshness,
        ),
    )


def views_tool(place: StorePlace) -> AnyTool:
    """The tool that tells the views of a store."""

    def views(_args: ViewsArgs, context: ToolContext) -> Output[ViewsResult]:
        names = [each.name for each in place.store().views(context.deadline)]
        table = pa.table({"view": names}, schema=VIEW_COLUMNS)
        return Output("ok", Scope(environment=place.environment), ViewsResult(views=len(names)), artifact=table)

    return _tool(
        place,
        "features.views",
        "How many views a feature store has; their names are in the full result.",
        ViewsArgs,
        ViewsResult,
        views,
    )


def _tool(
    place: StorePlace, name: str, description: str, args: type, result: type, run: Callable[..., object]
) -> AnyTool:
    return Tool(
        name=name,
        effect="read",
        description=description,
        args=args,
        result=result,
        run=run,  # type: ignore[arg-type]  # each belongs to its args and result
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        summary_tokens=1_500,
        resource=lambda asked: str(getattr(asked, "view", "views")),
        data_classes=frozenset({"operational"}),
        is_offered=place.open is not None,
    )


def _parity(args: ParityArgs, drawn: Sample, found: Compared, at_us: int) -> ParityResult:
    sampled = drawn.said(args, found.keys)
    every = [_difference(args, drawn, found, each, sampled) for each in found.differences]
    shown = first_that_fit(every, _TOKENS)
    if found.differing:
        possible = wilson(found.differing, found.keys, confidence=args.confidence).high
    else:
        possible = 0.0 if sampled.is_whole else most_bad_share(sampled.keys, found.keys, args.confidence)
    return ParityResult(
        view=drawn.view.name,
        sampled=sampled,
        as_of=to_iso(datetime.fromtimestamp(at_us / 1e6, UTC)),
        online=found.online,
        offline=found.offline,
        sees_online_only=drawn.online.is_whole,
        differing=found.differing,
        possible=_short(found.differing / found.keys if sampled.is_whole else possible),
        found=len(every),
        agrees=not any(each.matters for each in every),
        differences=shown,
    )


def _difference(
    args: ParityArgs, drawn: Sample, found: Compared, each: Difference, sampled: Sampled
) -> DifferenceShown:
    share = each.count / found.keys
    interval = wilson(each.count, found.keys, confidence=args.confidence)
    low, high = (share, share) if sampled.is_whole else interval
    return DifferenceShown(
        fault=each.fault,
        feature=one_line(each.feature) if each.feature is not None else None,
        keys=each.count,
        share=_short(share),
        low=_short(low),
        high=_short(high),
        reach=round(share * sampled.keys),
        matters=share >= args.share,
        cause=each.cause,
        examples=tuple(one_line(key.replace(SEPARATOR, " | ")) for key in each.examples),
    )


def _rows(args: ParityArgs, drawn: Sample, found: Compared) -> pa.Table:
    sampled = drawn.said(args, found.keys)
    every = [_difference(args, drawn, found, each, sampled).model_dump(mode="json") for each in found.differences]
    return pa.Table.from_pylist(
        [{name: row[name] for name in PARITY_COLUMNS.names} for row in every], schema=PARITY_COLUMNS
    )


def _left_out(result: ParityResult) -> str:
    rest = result.found - len(result.differences)
    notes = [f"{rest} differences that reach less far are left out"] if rest else []
    if not result.sees_online_only:
        notes.append("the store does not list its keys, so what only online has was not looked for")
    return "; ".join(notes)


def _freshness(args: FreshnessArgs, drawn: Sample, found: Ages) -> FreshnessResult:
    sampled = drawn.said(args, found.keys)
    troubles = [_stale(args, each, found, is_whole=sampled.is_whole) for each in found.found]
    median, p90, p99, most = found.ages_s or (None, None, None, None)
    return FreshnessResult(
        view=drawn.view.name,
        sampled=sampled,
        rows=found.rows,
        ttl_s=drawn.view.ttl_s,
        age_median_s=median,
        age_p90_s=p90,
        age_p99_s=p99,
        age_most_s=most,
        expired_share=_short(found.expired / found.rows) if found.rows else 0.0,
        never_written=found.never_written,
        usual_s=found.usual_s,
        behind_s=found.behind_s,
        features=tuple(
            FeatureAged(feature=one_line(each.feature), age_s=each.age_s, nulls=_short(each.nulls))
            for each in found.features[:_MOST_FEATURES]
        ),
        found=len(troubles),
        is_fresh=not any(each.matters for each in troubles),
        troubles=first_that_fit(troubles, _TOKENS) if troubles else (),
    )


def _stale(args: FreshnessArgs, each: Stale, found: Ages, *, is_whole: bool) -> StaleShown:
    of = max(round(each.count / each.share) if each.share else found.rows, each.count, 1)
    interval = wilson(each.count, of, confidence=args.confidence)
    low, high = (each.share, each.share) if is_whole else interval
    return StaleShown(
        trouble=each.trouble,
        feature=one_line(each.feature) if each.feature is not None else None,
        rows=each.count,
        share=_short(each.share),
        low=_short(low),
        high=_short(high),
        matters=each.share >= args.share,
        cause=each.cause,
    )


def _short(value: float) -> float:
    return float(f"{value:.5g}")
