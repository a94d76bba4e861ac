"""`features.health`."""

from __future__ import annotations

import math

import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter, to_us
from .backends.types import MOST_ROWS, FeaturesBackend, bucket_us
from .health import Clock, Feature, features_of
from .types import FeatureHealth, HealthArgs, HealthResult

FEATURE_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("feature", pa.string()),
        ("view", pa.string()),
        ("writer", pa.string()),
        ("trouble", pa.string()),
        ("score", pa.float64()),
        ("null_rate_before", pa.float64()),
        ("null_rate_after", pa.float64()),
        ("age_before_s", pa.float64()),
        ("age_after_s", pa.float64()),
        ("mean_before", pa.float64()),
        ("mean_after", pa.float64()),
        ("top_value", pa.float64()),
        ("top_share_before", pa.float64()),
        ("top_share_after", pa.float64()),
        ("silent_s", pa.float64()),
        ("psi", pa.float64()),
        ("skew_after", pa.float64()),
        ("onset_us", pa.int64()),
    ]
)
"""Columns of the artifact of `features.health`: a row per feature and view; `trouble` is null if nothing stands out.

`writer` is the entity that a label of the values names: what writes the view.
"""

_STANDS_OUT = 3.0
_MOST_CONSUMERS = 8
_TOKENS = 900


def features_tools(backend: FeaturesBackend) -> tuple[AnyTool, ...]:
    """The feature tools over one backend."""

    def health(args: HealthArgs, context: ToolContext) -> Output[HealthResult]:
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        found = backend.served(args, context.deadline)
        if found is None or not found.bins.num_rows:
            return Output("no_data", scope, note="no feature value is recorded in the window or its baseline")
        step = bucket_us(args)
        clock = Clock(
            start_us=to_us(args.start),
            end_us=to_us(args.end),
            bucket_us=step,
            quiet_buckets=max(int(args.baseline_s * 1e6) // step, 1),
            window_buckets=max(math.ceil(args.length_s * 1e6 / step), 1),
        )
        every = features_of(found, clock)
        result = HealthResult(
            features=len(every),
            features_changed=sum(one.trouble is not None for one in every),
            shown=first_that_fit([_shown(one, found.consumers) for one in every[: args.limit]], _TOKENS),
        )
        notes = [] if found.complete else [f"only {MOST_ROWS} rows of counts were read"]
        if every and not any(one.before for one in every):
            notes.append("the baseline holds no value, so nothing is compared")
        return Output("truncated" if notes else "ok", scope, result, artifact=_table(every), note="; ".join(notes))

    return (
        Tool(
            name="features.health",
            effect="read",
            description=(
                "Which served features changed compared with a quiet time and with the training: nulls, one value "
                "for all, age of the events behind them, silence, values out of range, drift, skew; and who uses them."
            ),
            args=HealthArgs,
            result=HealthResult,
            run=health,
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=1_100,
        ),
    )


def _table(every: list[Feature]) -> pa.Table:
    rows = [
        {
            "entity": one.entity,
            "feature": one.feature,
            "view": one.view,
            "writer": one.writer,
            "trouble": one.trouble,
            "score": one.score,
            "null_rate_before": one.nulls[0],
            "null_rate_after": one.nulls[1],
            "age_before_s": one.age_s[0],
            "age_after_s": one.age_s[1],
            "mean_before": one.means[0],
            "mean_after": one.means[1],
            "top_value": one.top.value,
            "top_share_before": one.top.before,
            "top_share_after": one.top.after,
            "silent_s": one.silent_s,
            "psi": one.drift.psi if one.drift else None,
            "skew_after": one.skew[1],
            "onset_us": one.onset_us,
        }
        for one in every
    ]
    return pa.Table.from_pylist(rows, schema=FEATURE_COLUMNS)


def _shown(one: Feature, consumers: dict[str, tuple[str, ...]]) -> FeatureHealth:
    users = consumers.get(one.entity, ())[:_MOST_CONSUMERS]
    return FeatureHealth(
        entity=one_line(one.entity),
        feature=one_line(one.feature),
        view=one_line(one.view) if one.view else None,
        trouble=one.trouble,
        score=round(one.score, 1),
        values_before=round(one.before),
        values_after=round(one.after),
        null_rate_before=_rounded(one.nulls[0]),
        null_rate_after=_rounded(one.nulls[1]),
        null_score=round(one.scores["nulls"], 1),
        top_value=_short(one.top.value),
        top_share_before=round(one.top.before, 4),
        top_share_after=round(one.top.after, 4),
        top_score=round(one.top.score, 1),
        age_before_s=_short(one.age_s[0]),
        age_after_s=_short(one.age_s[1]),
        age_score=round(one.scores.get("stale", 0.0), 1),
        silent_s=round(one.silent_s, 1),
        mean_before=_short(one.means[0]),
        mean_after=_short(one.means[1]),
        psi=_rounded(one.drift.psi if one.drift else None),
        value_score=round(one.scores["values"], 1),
        out_of_range=round(one.beyond, 4),
        skew_before=_rounded(one.skew[0]),
        skew_after=_rounded(one.skew[1]),
        consumers=tuple(one_line(name) for name in users),
    )


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
