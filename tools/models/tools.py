"""`models.health`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import entity_filter, to_us
from .backends.types import MOST_ROWS, ModelsBackend, bucket_us
from .health import Clock, Health, healths
from .types import HealthArgs, HealthResult, ModelHealth, VersionGap, VersionShare

MODEL_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("model", pa.string()),
        ("predictions_before", pa.int64()),
        ("predictions_after", pa.int64()),
        ("mean_before", pa.float64()),
        ("mean_after", pa.float64()),
        ("psi", pa.float64()),
        ("drift_score", pa.float64()),
        ("onset_us", pa.int64()),
        ("newest", pa.string()),
        ("older", pa.string()),
        ("newest_since_us", pa.int64()),
        ("at_once", pa.bool_()),
        ("gap", pa.float64()),
        ("gap_score", pa.float64()),
    ]
)
"""Columns of the artifact of `models.health`: one row per model and entity; the version columns are null without one
that is new.
"""

_STANDS_OUT = 3.0
_MOST_VERSIONS = 5
_TOKENS = 900
_EPOCH = datetime.fromtimestamp(0, UTC)


def models_tools(backend: ModelsBackend) -> tuple[AnyTool, ...]:
    """The model tools over one backend."""

    def health(args: HealthArgs, context: ToolContext) -> Output[HealthResult]:
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        found = backend.binned(args, context.deadline)
        if found is None or not found.bins.num_rows:
            return Output("no_data", scope, note="no prediction is recorded in the window or its baseline")
        clock = Clock(to_us(args.baseline_start), to_us(args.start), bucket_us(args))
        every = healths(found.bins, clock)
        result = HealthResult(
            models=len(every),
            models_changed=sum(one.score >= _STANDS_OUT for one in every),
            shown=first_that_fit([_shown(one, args) for one in every[: args.limit]], _TOKENS),
        )
        notes = [] if found.complete else [f"only {MOST_ROWS} rows of counts were read"]
        if not any(one.before for one in every):
            notes.append("the baseline holds no prediction, so nothing is compared")
        return Output("truncated" if notes else "ok", scope, result, artifact=_table(every), note="; ".join(notes))

    return (
        Tool(
            name="models.health",
            effect="read",
            description=(
                "What models score compared with a quiet time, by version: share of the traffic, drift with effect "
                "sizes, since when a version answers, and the newest against the older ones in the same minutes."
            ),
            args=HealthArgs,
            result=HealthResult,
            run=health,
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=1_100,
        ),
    )


def _table(every: list[Health]) -> pa.Table:
    rows = [
        {
            "entity": one.entity,
            "model": one.model,
            "predictions_before": round(one.before),
            "predictions_after": round(one.after),
            "mean_before": one.mean_before,
            "mean_after": one.mean_after,
            "psi": one.drift.psi if one.drift else None,
            "drift_score": one.drift.score if one.drift else None,
            "onset_us": one.onset_us,
            "newest": one.gap.newest if one.gap else None,
            "older": one.gap.older if one.gap else None,
            "newest_since_us": one.gap.since_us if one.gap else None,
            "at_once": one.gap.at_once if one.gap else None,
            "gap": one.gap.gap if one.gap else None,
            "gap_score": one.gap.score if one.gap else None,
        }
        for one in every
    ]
    return pa.Table.from_pylist(rows, schema=MODEL_COLUMNS)


def _shown(one: Health, args: HealthArgs) -> ModelHealth:
    moved, gap = one.drift, one.gap
    versions = sorted(one.versions, key=lambda version: (-version.after, -version.before, version.name))
    return ModelHealth(
        entity=one_line(one.entity),
        model=one_line(one.model),
        predictions_before=round(one.before),
        predictions_after=round(one.after),
        per_minute_before=round(one.before / args.baseline_s * 60, 2),
        per_minute_after=round(one.after / args.length_s * 60, 2),
        mean_before=_rounded(one.mean_before),
        mean_after=_rounded(one.mean_after),
        psi=_rounded(moved.psi if moved else None),
        ks=_rounded(moved.ks if moved else None),
        wasserstein=_rounded(moved.wasserstein if moved else None),
        mean_move=_rounded(moved.mean_move if moved else None),
        score=_rounded(moved.score if moved else None, 1),
        unscored_before=round(one.unscored[0], 4),
        unscored_after=round(one.unscored[1], 4),
        decided_before=_rounded(one.decided[0]),
        decided_after=_rounded(one.decided[1]),
        versions=tuple(
            VersionShare(
                version=one_line(version.name),
                share_before=round(version.before / one.before, 4) if one.before else 0.0,
                share_after=round(version.after / one.after, 4) if one.after else 0.0,
                since=None if version.before and version is one.versions[0] else _moment(version.first_us),
                mean_score=_rounded(version.mean_after),
                decided=_rounded(version.decided),
            )
            for version in versions[:_MOST_VERSIONS]
        ),
        newest=VersionGap(
            newest=one_line(gap.newest),
            older=one_line(gap.older),
            at_once=gap.at_once,
            mean_newest=round(gap.mean_newest, 4),
            mean_older=round(gap.mean_older, 4),
            gap=round(gap.gap, 3),
            score=round(gap.score, 1),
        )
        if gap
        else None,
    )


def _moment(at_us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at_us)


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
