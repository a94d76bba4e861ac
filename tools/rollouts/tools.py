"""`rollouts.judge` and `rollouts.abort`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...core.errors import BackendError, ToolFailed, ToolRetry
from ..models.promotion import Promoter
from ..preview import Change, Preview
from ..slo.conditions import Budgets, budgets_hold
from ..spec import AnyTool, Output, Scope, Tool, ToolContext, Trust
from .aborts import AbortBook
from .backends.series_file import NumbersReader
from .backends.traffic import Split, Traffic
from .judging import judge
from .types import AbortArgs, Aborted, JudgeArgs, Judged, RolloutRule

_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class RolloutPlace:
    """Where rollouts run.

    Args:
        environment: of the credentials.
        rule: gives how a model's rollout is judged; raises `ConfigError` if nobody has said.
        numbers: what both sides answered.
        traffic: what shifts the requests.
        promoter: knows which champions were approved, and what they want to be fed.
        aborts: counts them.
        budgets: error budgets of entities; `None` where nothing here holds metrics.
    """

    environment: str
    rule: Callable[[str], RolloutRule] | None = None
    numbers: NumbersReader | None = None
    traffic: Traffic | None = None
    promoter: Callable[[], Promoter] | None = None
    aborts: AbortBook | None = None
    budgets: Budgets | None = None


def rollout_tools(place: RolloutPlace) -> tuple[AnyTool, ...]:
    """The tools of one environment; policies know them everywhere, agents where there is something behind them."""
    return (_judge(place), _abort(place))


def _judge(place: RolloutPlace) -> AnyTool:
    def run(args: JudgeArgs, context: ToolContext) -> Output[Judged]:
        if place.rule is None or place.numbers is None:
            raise ToolRetry("nothing here counts what both sides of a rollout answer")
        rule = place.rule(args.model)
        scope = Scope(environment=place.environment, start=args.start, end=args.end, filters={"model": args.model})
        found = place.numbers.numbers(args.model, args.start, args.end, context.deadline)
        if found is None:
            return Output("no_data", scope, note="there is no number of this rollout in this time")
        judged = judge(rule, found.requests, found.series)
        return Output("ok", scope, _held(place, rule, args, judged, context))

    return Tool(
        name="rollouts.judge",
        effect="read",
        description=(
            "What a canary has come to: pass, fail or inconclusive, metric by metric, with intervals that hold however "
            "often it is asked, and the traffic that is still needed."
        ),
        args=JudgeArgs,
        result=Judged,
        run=run,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        summary_tokens=1_200,
        resource=lambda args: args.model,
        message_trust=Trust.DERIVED,
        is_offered=place.numbers is not None,
    )


def _held(place: RolloutPlace, rule: RolloutRule, args: JudgeArgs, judged: Judged, context: ToolContext) -> Judged:
    """What was judged; a pass only if no error budget that the rule names burns fast, and all of them can be read."""
    if not rule.slo_entities or judged.result != "pass":
        return judged
    why = "nothing here tells of the error budgets that the rule names"
    if place.budgets is not None:
        try:
            result, why, _ = budgets_hold(place.budgets(rule.slo_entities, args.end, context.deadline), 0.0)
        except BackendError as error:
            result, why = "inconclusive", f"error budgets: {error.message}"
        if result == "pass":
            return judged
    return judged.model_copy(update={"result": "inconclusive", "reasons": (why, *judged.reasons)})


def _abort(place: RolloutPlace) -> AnyTool:
    def run(args: AbortArgs, context: ToolContext) -> Output[Aborted]:
        split, champion = _checked(place, args, context)
        assert place.traffic is not None, "looked at above"  # noqa: S101 - for the type checker
        assert place.aborts is not None, "the same"  # noqa: S101 - the same
        scope = Scope(environment=place.environment, filters={"model": args.model})
        count = place.aborts.begin(place.environment, args.model, context.idempotency_key)
        if split.share > 0:
            place.traffic.give_back(split, context.deadline)
        after = place.traffic.split(args.model, context.deadline)
        if after is None or after.share > 0:
            raise ToolFailed("the traffic did not go back to the champion", remedy="a person has to look at it")
        return Output("ok", scope, _aborted(split, champion, after.share, count))

    def reconcile(args: AbortArgs, context: ToolContext) -> Output[Aborted] | None:
        if place.traffic is None:
            return None
        after = place.traffic.split(args.model, context.deadline)
        scope = Scope(environment=place.environment, filters={"model": args.model})
        if after is None or after.champion is None:
            return None
        if after.share > 0:
            return Output("no_data", scope, note="the traffic was not given back")
        return Output("ok", scope, _aborted(after, after.champion, 0.0, 1))

    def preview(args: AbortArgs, context: ToolContext) -> Preview:
        split, champion = _checked(place, args, context)
        where = f"{place.traffic.place if place.traffic else ''} ({place.environment})"
        return Preview(
            what=f"send every request of {args.model} to its champion, version {champion}",
            where=where,
            changes=(Change("share of the canary", round(split.share, 4), 0.0),),
        )

    return Tool(
        name="rollouts.abort",
        effect="write",
        description="Sends every request of a model back to its last approved champion; can do nothing else.",
        args=AbortArgs,
        result=Aborted,
        run=run,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        resource=lambda args: args.model,
        reconcile=reconcile,
        preview=preview,
        asked_by=("abort", "abortar"),
        message_trust=Trust.DERIVED,
        is_offered=place.traffic is not None,
    )


def _checked(place: RolloutPlace, args: AbortArgs, context: ToolContext) -> tuple[Split, int]:
    """The split as it is, and the champion that all traffic may go to.

    Raises:
        ToolFailed: it does not serve the last approved champion, or that one cannot be fed any more.
    """
    if place.traffic is None or place.promoter is None or place.aborts is None:
        raise ToolRetry("nothing here shifts the traffic of models")
    split = place.traffic.split(args.model, context.deadline)
    if split is None:
        raise ToolFailed("there is no traffic object of this model", remedy="correct its name, or `[traffic.NAME]`")
    promoter = place.promoter()
    seen = promoter.mover.look(args.model, context.deadline)
    if not seen.approved or split.champion is None:
        raise ToolFailed("nobody can tell whether the champion that serves was approved", remedy="a person has to look")
    if split.champion != seen.approved[0] or seen.at != split.champion:
        raise ToolFailed("what serves as champion is not the last approved one", remedy="a person has to look at it")
    _check_feed(promoter, args.model, split, context)
    return split, split.champion


def _check_feed(promoter: Promoter, model: str, split: Split, context: ToolContext) -> None:
    """Refuse if the champion could not take the canary's requests: both are fed from the same place."""
    if split.share == 0:
        return
    if split.canary is None:
        raise ToolFailed("nobody has noted which version the canary is", remedy="see docs/rollouts.md")
    registry, name = promoter.mover.registry, promoter.mover.names.of(model)
    champion = registry.version(name, split.champion or 0, context.deadline)
    if champion is None:
        raise ToolFailed("the registry does not have the champion any more", remedy="a person has to look at it")
    wrong = promoter.fit(model, champion, split.canary, context.deadline)
    if wrong is None:
        raise ToolFailed("nobody can tell whether the champion can be fed: a signature is missing")
    if not wrong.is_none:
        raise ToolFailed("what feeds the canary does not do for the champion", remedy="a person has to look at it")


def _aborted(split: Split, champion: int, after: float, count: int) -> Aborted:
    return Aborted(
        champion=champion,
        canary=split.canary,
        share_before=round(split.share, 6),
        share_after=round(after, 6),
        aborts_today=count,
    )
