"""`features.skew`."""

from __future__ import annotations

from ...core.errors import InputError, ToolFailed, ToolRetry
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from .backends.logged import served_rows, training_rows
from .backends.store import Share
from .sampling import fraction_for
from .skew import AT, Skew, by_distribution, by_request, by_time
from .store_tools import StorePlace
from .store_types import SkewArgs, SkewResult, SkewShown

_TIMEOUT_S = 300.0
_TOKENS = 900


def skew_tool(place: StorePlace) -> AnyTool:
    """The tool over one store and the logs of its views."""

    def run(args: SkewArgs, context: ToolContext) -> Output[SkewResult]:
        scope = Scope(environment=place.environment, filters={"view": args.view})
        try:
            found = _skew(place, args, context)
        except InputError as error:
            raise ToolFailed(error.message, remedy=error.remedy) from error
        if found is None:
            return Output("no_data", scope, note="no row of this view was logged")
        shown = [
            SkewShown(
                fault=each.fault,
                feature=one_line(each.feature) if each.feature is not None else None,
                rows=each.count,
                share=float(f"{each.share:.5g}"),
                matters=each.share >= args.share,
                cause=each.cause,
            )
            for each in found.found
        ]
        result = SkewResult(
            view=args.view,
            way=found.way,
            rows=found.rows,
            matched=found.matched,
            differing=found.differing,
            found=len(shown),
            agrees=not any(each.matters for each in shown),
            differences=first_that_fit(shown, _TOKENS) if shown else (),
        )
        return Output("ok", scope, result)

    return Tool(
        name="features.skew",
        effect="read",
        description=(
            "Whether a view served what models are trained on: by request, recomputed as of each request, or by "
            "distribution; values, defaults, rows that were stale or not written yet."
        ),
        args=SkewArgs,
        result=SkewResult,
        run=run,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        summary_tokens=1_500,
        resource=lambda args: args.view,
        data_classes=frozenset({"operational"}),
        is_offered=place.open is not None and bool(place.logs),
    )


def _skew(place: StorePlace, args: SkewArgs, context: ToolContext) -> Skew | None:
    store = place.store()
    view = place.view(store, args.view, context.deadline)
    files = place.logs.get(args.view)
    if files is None:
        raise ToolRetry(
            "nobody says where served rows of this view are logged", remedy="name them under `feature_stores.NAME.logs`"
        )
    keys = max(store.count(view, context.deadline), 1)
    share = Share(fraction_for(keys, args.share, args.confidence), args.seed)
    logged = served_rows(files, view, share, context.deadline)
    if not logged.num_rows:
        return None
    if not files.training:
        upto = max(logged[AT].to_pylist())
        history = store.offline(view, share, upto, context.deadline)
        return by_time(view.features, logged, history, view.ttl_s)
    training = training_rows(files, view, share, context.deadline)
    if files.request is not None:
        return by_request(view.features, logged, training)
    return by_distribution(view.features, logged, training)
