"""`pipelines.impact`: the features and models that rest on a pipeline, through the views that it writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ...core.errors import BackendError
from ..spec import Output, Scope, ToolContext
from .backends.jobs import JobRun
from .place import FedModel, FedView, PipelinePlace
from .types import ImpactArgs, ImpactResult, ModelHit, PipelineRule, ViewHit

_PAST = 60
_MOST = 50
_MOST_CALLERS = 20


def impact(place: PipelinePlace, args: ImpactArgs, context: ToolContext) -> Output[ImpactResult]:
    """What rests on a pipeline, and until when it is good."""
    system, deadline = place.system(), context.deadline
    now = (place.now or context.clock.now)()
    rule, unseen = place.rule(args.pipeline), list[str]()
    scope = Scope(environment=place.environment, end=now, filters={"pipeline": args.pipeline})
    if not rule.writes and not rule.trains:
        return Output("no_data", scope, note="nobody has said what it writes or trains: see `writes` and `trains`")
    good = next((each for each in system.runs(args.pipeline, _PAST, deadline) if each.state == "success"), None)
    views: Sequence[FedView] = ()
    models: Sequence[FedModel] = ()
    for name, ask in (("feature stores", place.feeding.views), ("model registries", place.feeding.models)):
        if ask is None:
            unseen.append(f"{name}: none is configured in this environment")
    try:
        views = place.feeding.views(deadline) if place.feeding.views else ()
        models = place.feeding.models(deadline) if place.feeding.models else ()
    except BackendError as error:
        unseen.append(error.message)
    hit = reached_views(rule, views)
    callers: dict[str, Sequence[str]] = {}
    found = reached_models(rule, hit, views, models)
    if place.feeding.callers is None:
        unseen.append("callers of models: nothing here knows who calls whom")
    else:
        try:
            callers = {each.entity: place.feeding.callers(each.entity, deadline) for each in found if each.entity}
        except BackendError as error:
            unseen.append(error.message)
    return Output(
        "ok",
        scope,
        ImpactResult(
            pipeline=args.pipeline,
            last_good=(good.ended or good.due) if good else None,
            views=tuple(_view(each, hit[each.name], good, now) for each in views if each.name in hit)[:_MOST],
            models=tuple(
                each.model_copy(update={"callers": tuple(callers.get(each.entity or "", ()))[:_MOST_CALLERS]})
                for each in found
            )[:_MOST],
            not_looked_at=tuple(unseen),
        ),
    )


def reached_views(rule: PipelineRule, views: Sequence[FedView]) -> Mapping[str, str | None]:
    """By view that rests on what is written: the view that it is made from, `None` if it is written itself."""
    wanted = set(rule.writes)
    hit: dict[str, str | None] = {
        each.name: None for each in views if each.name in wanted or wanted & set(each.sources)
    }
    waiting = list(hit)
    while waiting:
        above = waiting.pop(0)
        for each in views:
            if above in each.depends_on and each.name not in hit:
                hit[each.name] = above
                waiting.append(each.name)
    return hit


def reached_models(
    rule: PipelineRule, hit: Mapping[str, str | None], views: Sequence[FedView], models: Sequence[FedModel]
) -> tuple[ModelHit, ...]:
    """Models that are fed from these views, then those that the pipeline trains."""
    found: list[ModelHit] = []
    for model in models:
        # Signatures name a feature as itself, or with its view before it.
        fed = {
            view.name: {
                name for name in view.features if {name, f"{view.name}__{name}", f"{view.name}:{name}"} & model.inputs
            }
            for view in views
            if view.name in hit
        }
        by = tuple(name for name, names in fed.items() if names)
        if by:
            inputs = sum(len(names) for names in fed.values())
            found.append(
                ModelHit(model=model.name, by="features", views=by, inputs=inputs, entity=model.entity, callers=())
            )
    known = {each.name: each for each in models}
    for name in rule.trains:
        entity = known[name].entity if name in known else None
        found.append(ModelHit(model=name, by="training", views=(), inputs=0, entity=entity, callers=()))
    return tuple(found)


def _view(view: FedView, through: str | None, good: JobRun | None, now: datetime) -> ViewHit:
    until = good.due if good else None
    expires = until + timedelta(seconds=view.ttl_s) if until is not None and view.ttl_s is not None else None
    return ViewHit(
        view=view.name,
        through=through,
        features=len(view.features),
        data_until=until,
        expires_at=expires,
        is_expired=expires is not None and expires <= now,
    )
