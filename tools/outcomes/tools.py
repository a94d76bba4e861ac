"""`outcomes.segments` and `outcomes.explain`."""

from __future__ import annotations

from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..windows import entity_filter
from .analysis import Analysis
from .backends.types import MOST_CELLS, OutcomesBackend
from .explain_types import ExplainArgs, ExplainResult
from .explaining import Beside, explain
from .folded import folded
from .types import SegmentsArgs, SegmentsResult


def outcomes_tools(backend: OutcomesBackend) -> tuple[AnyTool, ...]:
    """The outcome tools over one backend."""

    def segments(args: SegmentsArgs, context: ToolContext) -> Output[SegmentsResult]:
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        found = backend.counted(args, context.deadline)
        if found is None or not found.cells.num_rows:
            return Output("no_data", scope, note="no payment is recorded in the window or its baseline")
        analysis = Analysis(folded(found)[0], args)
        if analysis.approvals.trials[:, 1].sum() == 0:
            return Output("no_data", scope, note="no payment was attempted in the window")
        notes = [] if found.complete else [f"only the {MOST_CELLS} busiest combinations are kept apart"]
        if not analysis.slices.complete:
            notes.append("the deepest combinations were not compared: there are too many")
        if analysis.approvals.trials[:, 0].sum() == 0:
            notes.append("the baseline holds no attempt, so nothing is compared")
        result, table = analysis.result(args.limit), analysis.table()
        return Output("truncated" if notes else "ok", scope, result, artifact=table, note="; ".join(notes))

    def explained(args: ExplainArgs, context: ToolContext) -> Output[ExplainResult]:
        scope = Scope(
            environment=backend.environment, start=args.start, end=args.end, filters=entity_filter(args.entities)
        )
        found = backend.counted(args, context.deadline)
        if found is None or not found.cells.num_rows:
            return Output("no_data", scope, note="no payment is recorded in the window or its baseline")
        sides = set(found.buckets["is_after"].to_pylist())
        if len(sides) < 2:
            return Output("no_data", scope, note="the window or its baseline holds no payment, so nothing is compared")
        handed = {name: getattr(args, name) for name in ("features", "models", "notices", "changes")}
        beside = Beside(**{name: context.artifacts.read(id_) for name, id_ in handed.items() if id_ is not None})
        note = "" if found.complete else f"only the {MOST_CELLS} busiest combinations are kept apart"
        return Output("truncated" if note else "ok", scope, explain(found, args, beside), note=note)

    return (
        Tool(
            name="outcomes.segments",
            effect="read",
            description=(
                "Where payments are approved less or charged back more than in a quiet time: the fewest segments "
                "(country, issuer, provider, …) that explain it, what that costs, which declines grew, and whether "
                "it is a change of rates, of the mix, or card testing."
            ),
            args=SegmentsArgs,
            result=SegmentsResult,
            run=segments,
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=1_100,
        ),
        Tool(
            name="outcomes.explain",
            effect="read",
            description=(
                "Why fewer payments are approved: a provider or issuer is down, the model or our rules decline more, "
                "3-D Secure fails, cards are tested, payments are repeated, or the world changed; with evidence, and "
                "what false declines cost."
            ),
            args=ExplainArgs,
            result=ExplainResult,
            run=explained,
            environment=backend.environment,
            timeout_s=60,
            summary_tokens=1_300,
        ),
    )
