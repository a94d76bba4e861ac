"""`models.check`, `models.promote`, `models.rollback` and `models.history`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...core.errors import ToolFailed, ToolRetry
from ..preview import Change, Preview
from ..spec import AnyTool, Output, Scope, Tool, ToolContext, UndoCall
from .moves import Move
from .promotion import Promoter
from .promotion_types import (
    CheckArgs,
    CheckReport,
    History,
    HistoryArgs,
    Moved,
    MoveShown,
    PromoteArgs,
    RollbackArgs,
)

_TIMEOUT_S = 60.0
"""Less than the lease of the lock, so that a call that goes on has it."""


@dataclass(frozen=True)
class PromotionPlace:
    """Where models are promoted.

    Args:
        environment: of the registry's credential.
        is_production: whether a promotion needs a second person.
        open: gives the promoter; `None` where no registry is configured.
        credential_env: variable with the credential of the registry.
    """

    environment: str
    is_production: bool = True
    open: Callable[[], Promoter] | None = None
    credential_env: str | None = None


MOST_TOLD = 200
"""Versions that `models.history` names."""


def promotion_tools(place: PromotionPlace) -> tuple[AnyTool, ...]:
    """The tools of one environment; policies know them everywhere, agents where a registry is configured."""

    def promoter() -> Promoter:
        if place.open is None:
            raise ToolRetry("no model registry is configured here", remedy="list one under `[registries.NAME]`")
        return place.open()

    return (_check(place, promoter), _promote(place, promoter), _rollback(place, promoter), _history(place, promoter))


def _scope(place: PromotionPlace, model: str) -> Scope:
    return Scope(environment=place.environment, filters={"model": model})


def _check(place: PromotionPlace, promoter: Callable[[], Promoter]) -> AnyTool:
    def run(args: CheckArgs, context: ToolContext) -> Output[CheckReport]:
        there, deadline = promoter(), context.deadline
        version = args.version or there.newest(args.model, deadline)
        if version is None:
            return Output("no_data", _scope(place, args.model), note="the environment before has no version to go on")
        report = there.report(args.model, version, context.clock.now(), deadline)
        return Output("ok", _scope(place, args.model), report)

    return Tool(
        name="models.check",
        effect="read",
        description="Runs the checks of a model on a version of the environment before, against the champion here.",
        args=CheckArgs,
        result=CheckReport,
        run=run,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        summary_tokens=2_000,
        resource=lambda args: args.model,
        credential_env=place.credential_env,
        is_offered=place.open is not None,
    )


def _promote(place: PromotionPlace, promoter: Callable[[], Promoter]) -> AnyTool:
    def run(args: PromoteArgs, context: ToolContext) -> Output[Moved]:
        found = promoter().promote(
            args.model,
            args.version,
            args.reason,
            context.idempotency_key,
            context.run_id,
            context.clock.now(),
            context.deadline,
        )
        return Output("ok", _scope(place, args.model), _moved(found))

    def preview(args: PromoteArgs, context: ToolContext) -> Preview:
        there = promoter()
        seen = there.mover.look(args.model, context.deadline)
        report = there.report(args.model, args.version, context.clock.now(), context.deadline)
        came = there.origin.registry.environment
        doubted = [one for one in report.checks if one.result != "pass"]
        warnings = [": ".join((f"check {one.name}: {one.result}, {one.why}", *one.named)) for one in doubted]
        if seen.is_elsewhere:
            warnings.append("somebody moved the alias outside of opswarden since the last move")
        return Preview(
            what=f"make version {args.version} of {came} the champion of {args.model}",
            where=f"{there.mover.registry.place} ({place.environment})",
            changes=(
                Change("champion", seen.at, f"version {args.version} of {came}"),
                Change("checks", None, report.result),
            ),
            warnings=tuple(warnings),
        )

    return Tool(
        name="models.promote",
        effect="write",
        description="Makes a version of the environment before the champion here, if its checks pass at that moment.",
        args=PromoteArgs,
        result=Moved,
        run=run,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        resource=lambda args: args.model,
        two_person=place.is_production,
        reconcile=_reconciled(place, promoter),
        undo=_back,
        preview=preview,
        asked_by=("promote", "promover"),
        credential_env=place.credential_env,
        is_offered=place.open is not None,
    )


def _rollback(place: PromotionPlace, promoter: Callable[[], Promoter]) -> AnyTool:
    def run(args: RollbackArgs, context: ToolContext) -> Output[Moved]:
        found = promoter().rollback(
            args.model, args.to, args.reason, context.idempotency_key, context.run_id, context.deadline
        )
        return Output("ok", _scope(place, args.model), _moved(found))

    def preview(args: RollbackArgs, context: ToolContext) -> Preview:
        there = promoter()
        seen = there.mover.look(args.model, context.deadline)
        target = there.target(args.model, args.to, seen.at, seen.moves, context.deadline)
        warnings = ["somebody moved the alias outside of opswarden since the last move"] if seen.is_elsewhere else []
        return Preview(
            what=f"give {args.model} back to an earlier champion that the checks approved",
            where=f"{there.mover.registry.place} ({place.environment})",
            changes=(Change("champion", seen.at, target),),
            warnings=tuple(warnings),
        )

    return Tool(
        name="models.rollback",
        effect="write",
        description="Gives a model back to its last champion that the checks approved, if it can still be fed.",
        args=RollbackArgs,
        result=Moved,
        run=run,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        resource=lambda args: args.model,
        reconcile=_reconciled(place, promoter),
        undo=_back,
        preview=preview,
        asked_by=("roll back", "revertir", "reverter"),
        credential_env=place.credential_env,
        is_offered=place.open is not None,
    )


def _history(place: PromotionPlace, promoter: Callable[[], Promoter]) -> AnyTool:
    def run(args: HistoryArgs, context: ToolContext) -> Output[History]:
        there = promoter()
        mover = there.mover
        seen = mover.look(args.model, context.deadline)
        versions = mover.registry.versions(mover.names.of(args.model), context.deadline)
        scope = _scope(place, args.model)
        if not seen.moves and seen.at is None and not versions:
            return Output("no_data", scope, note="neither the book nor the registry knows this model")
        result = History(
            model=args.model,
            alias=mover.names.alias,
            version=seen.at,
            is_elsewhere=seen.is_elsewhere or (not seen.moves and seen.at is not None),
            approved=seen.approved[:20],
            versions=tuple(one.version for one in versions)[:MOST_TOLD],
            staged=tuple(one.version for one in versions if one.stage)[:20],
            moves=tuple(_shown(move) for move in reversed(seen.moves[-args.limit :])),
        )
        return Output("ok", scope, result)

    return Tool(
        name="models.history",
        effect="read",
        description="Who moved the alias of a model, when and why, from our book, beside what the registry shows now.",
        args=HistoryArgs,
        result=History,
        run=run,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        summary_tokens=2_000,
        resource=lambda args: args.model,
        credential_env=place.credential_env,
        is_offered=place.open is not None,
    )


def _reconciled(
    place: PromotionPlace, promoter: Callable[[], Promoter]
) -> Callable[[PromoteArgs | RollbackArgs, ToolContext], Output[Moved] | None]:
    def reconcile(args: PromoteArgs | RollbackArgs, context: ToolContext) -> Output[Moved] | None:
        mover = promoter().mover
        try:
            found = mover.outcome(args.model, context.idempotency_key, context.run_id, context.deadline)
        except ToolFailed:
            return None  # another call holds the model: nobody knows yet
        scope = _scope(place, args.model)
        if found is None or found.state == "void":
            return Output("no_data", scope, note="the alias was not moved")
        return Output("ok", scope, _moved(found)) if found.state == "done" else None

    return reconcile


def _back(args: PromoteArgs | RollbackArgs, moved: Moved) -> UndoCall | None:
    """The way back is a rollback to where the alias was, which goes only to what the checks approved."""
    if moved.version_before is None:
        return None
    return "models.rollback", {"model": args.model, "to": moved.version_before, "reason": f"undo of move {moved.move}"}


def _moved(move: Move) -> Moved:
    return Moved(
        move=move.id,
        model=move.model,
        alias=move.alias,
        version_before=move.version_before,
        version_after=move.version_after or 0,
        source_version=move.source_version,
        fence=move.fence,
        digest=move.seen_digest,
    )


def _shown(move: Move) -> MoveShown:
    return MoveShown(
        move=move.id,
        kind=move.kind,
        state=move.state,
        version_before=move.version_before,
        version_after=move.version_after,
        source_version=move.source_version,
        begun=move.begun_at,
        run_id=move.run_id,
        reason=move.reason,
        digest=move.seen_digest,
    )
