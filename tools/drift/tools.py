"""`drift.compare`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...core.errors import InputError, ToolFailed, ToolRetry
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from .backends.types import ScoredRowsBackend
from .comparing import Comparer, Comparison, FeatureDrift, Margins
from .performance import Performance
from .seasons import at_same_hours
from .types import Auc, CompareArgs, CompareResult, MovedFeature, MovedSegment

DRIFT_COLUMNS = pa.schema(
    [
        ("feature", pa.string()),
        ("is_alarm", pa.bool_()),
        ("has_moved", pa.bool_()),
        ("harm", pa.float64()),
        ("noise", pa.float64()),
        ("values", pa.string()),
        ("unseen", pa.float64()),
        ("psi", pa.float64()),
        ("distance", pa.float64()),
        ("p", pa.float64()),
        ("nulls_before", pa.float64()),
        ("nulls_after", pa.float64()),
    ]
)
"""Columns of the artifact of `drift.compare`: a row per feature, what harms first."""

_TOKENS = 800
_MOST_SEGMENTS = 10


def drift_tools(backend: ScoredRowsBackend) -> tuple[AnyTool, ...]:
    """The tools over the rows that models scored."""

    def compare(args: CompareArgs, context: ToolContext) -> Output[CompareResult]:
        scope = Scope(environment=backend.environment, start=args.start, end=args.end, filters={"model": args.model})
        try:
            window = backend.window(args.model, args.start, args.end, context.deadline)
            if window is None or not window.size:
                return Output("no_data", scope, note="the model scored nothing in the window")
            reference = backend.reference(args.model, context.deadline)
        except InputError as error:
            raise ToolFailed(error.message, remedy=error.remedy) from error
        if args.same_hours:
            reference = at_same_hours(reference, window)
        try:
            found = Comparer(reference, Margins(auc=args.margin)).compare(window)
        except ValueError as error:
            raise ToolRetry(str(error), remedy="ask for a longer window") from error
        features = [_feature(each) for each in found.features]
        shown = first_that_fit(features[: args.limit], _TOKENS)
        labelled = float(np.isfinite(window.labels).mean()) if window.labels is not None else 0.0
        result = _result(found, reference.size, labelled, shown)
        table = pa.Table.from_pylist([each.model_dump(mode="json") for each in features], schema=DRIFT_COLUMNS)
        rest = len(features) - len(shown)
        note = f"{rest} features that do less are left out" if rest else ""
        return Output("ok", scope, result, artifact=table, note=note)

    return (
        Tool(
            name="drift.compare",
            effect="read",
            description=(
                "What drift did to a model since its reference period: the performance to expect, that realised where "
                "labels came, and its features by what they did to it, not by how far they moved."
            ),
            args=CompareArgs,
            result=CompareResult,
            run=compare,
            environment=backend.environment,
            timeout_s=120,
            summary_tokens=1_300,
            data_classes=frozenset({"operational"}),
        ),
    )


def _result(found: Comparison, reference_rows: int, labelled: float, shown: tuple[MovedFeature, ...]) -> CompareResult:
    before, after = found.positives or (None, None)
    return CompareResult(
        reference_rows=reference_rows,
        rows=found.rows,
        falls=found.falls,
        before=_short(found.before),
        realised=_auc(found.realised),
        expected=_auc(found.expected),
        expectation_holds=found.holds,
        labelled=round(labelled, 4),
        mean_score_before=_short(before),
        mean_score_after=_short(after),
        score_psi=_short(found.scores.psi if found.scores is not None else None),
        domain=round(found.domain, 4),
        alarms=sum(each.is_alarm for each in found.features),
        moved=sum(each.has_moved for each in found.features),
        features=shown,
        segments=tuple(
            MovedSegment(
                segment=one_line(each.segment),
                value=one_line(each.value),
                before=round(each.before, 4),
                expected=_auc_of(each.expected),
                is_alarm=each.is_alarm,
            )
            for each in found.segments[:_MOST_SEGMENTS]
        ),
    )


def _feature(each: FeatureDrift) -> MovedFeature:
    harm = each.harm
    return MovedFeature(
        feature=one_line(each.name),
        is_alarm=each.is_alarm,
        has_moved=each.has_moved,
        harm=_short(harm.change if harm is not None else None),
        noise=_short(harm.noise if harm is not None else None),
        values=one_line(each.bin),
        unseen=_short(harm.unseen if harm is not None else None),
        psi=round(each.effect.psi, 4),
        distance=round(each.effect.distance, 4),
        p=float(f"{each.corrected_p:.3g}"),
        nulls_before=round(each.effect.nulls_before, 5),
        nulls_after=round(each.effect.nulls_after, 5),
    )


def _auc(found: Performance | None) -> Auc | None:
    return None if found is None else _auc_of(found)


def _auc_of(found: Performance) -> Auc:
    return Auc(value=round(found.auc, 4), low=round(found.low, 4), high=round(found.high, 4), rows=found.rows)


def _short(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.4g}")
