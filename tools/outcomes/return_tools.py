"""`outcomes.chargebacks` and `outcomes.programmes`."""

from __future__ import annotations

from datetime import timedelta

from ...core.errors import ToolRetry
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from .backends.returns import ReturnsBackend
from .cohort_types import ChargebacksArgs, ChargebacksResult, ProgrammesArgs, ProgrammesResult
from .cohorts import chargebacks
from .programme_book import Programme
from .programmes import foretell

_TIMEOUT_S = 90.0
_TOO_SHORT = "there are not two weeks of approved payments"


def return_tools(backend: ReturnsBackend, programmes: tuple[Programme, ...] = ()) -> tuple[AnyTool, ...]:
    """The tools about what comes back of payments.

    Args:
        backend: where payments of months are.
        programmes: of schemes, as people keep them.
    """

    def cohorts(args: ChargebacksArgs, context: ToolContext) -> Output[ChargebacksResult]:
        scope = Scope(
            environment=backend.environment,
            start=args.until - timedelta(weeks=args.weeks),
            end=args.until,
            filters={"counts": args.counts},
        )
        found = chargebacks(backend, args, context.deadline)
        if found is None:
            return Output("no_data", scope, note=_TOO_SHORT)
        return Output("ok", scope, found.result(), artifact=found.table())

    def breaches(args: ProgrammesArgs, context: ToolContext) -> Output[ProgrammesResult]:
        scope = Scope(environment=backend.environment, end=args.until)
        known = {each.name: each for each in programmes}
        if unknown := [name for name in args.programmes if name not in known]:
            raise ToolRetry(f"there is no programme {unknown[0]!r}; there are: {', '.join(sorted(known)) or 'none'}")
        chosen = tuple(known[name] for name in args.programmes) or programmes
        if not chosen:
            return Output("no_data", scope, note="no programme of a scheme is configured")
        found = foretell(backend, chosen, args, context.deadline)
        if found is None:
            return Output("no_data", scope, note=_TOO_SHORT)
        return Output("ok", scope, found)

    return (
        Tool(
            name="outcomes.chargebacks",
            effect="read",
            description=(
                "Chargebacks (or fraud reports) by the week of the payment and their delay: how many will still come "
                "of each week, and which weeks and which segments of them are worse than earlier ones at equal age."
            ),
            args=ChargebacksArgs,
            result=ChargebacksResult,
            run=cohorts,
            environment=backend.environment,
            timeout_s=_TIMEOUT_S,
            summary_tokens=1_300,
        ),
        Tool(
            name="outcomes.programmes",
            effect="read",
            description=(
                "Whether this month or the next closes over a line of a card scheme's monitoring programme: "
                "probability, count so far and expected, and how many more may come."
            ),
            args=ProgrammesArgs,
            result=ProgrammesResult,
            run=breaches,
            environment=backend.environment,
            timeout_s=_TIMEOUT_S,
            summary_tokens=1_300,
        ),
    )
