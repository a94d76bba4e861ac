"""`pipelines.retry`: clears a failed task, if everything that would run again has been declared safe to run twice."""

from __future__ import annotations

from ...core.errors import ToolFailed, ToolRetry
from ..preview import Change, Preview
from ..spec import Output, Scope, ToolContext
from .backends.jobs import JobRun, TaskRun
from .place import PipelinePlace
from .types import PipelineRule, Retried, RetryArgs

_PAST = 200
_SHOWN = 40


def retry(place: PipelinePlace, args: RetryArgs, context: ToolContext) -> Output[Retried]:
    """Clear the task, and read back that it was."""
    run, _, again = _checked(place, args, context)
    assert place.retries is not None, "looked at"  # noqa: S101 - for the type checker
    cleared = place.retries().run_again(run, args.task, context.deadline)
    if not set(cleared) <= set(again):
        raise ToolFailed("more was cleared than was shown", remedy="a person has to look at this run")
    after = _task(place, run, args.task, context)
    if after.state == "failed" and after.attempt <= args.attempt:
        raise ToolFailed("the task was cleared, and still shows as failed", remedy="a person has to look at this run")
    return Output("ok", _scope(place, args), _retried(args, cleared, after))


def reconcile(place: PipelinePlace, args: RetryArgs, context: ToolContext) -> Output[Retried] | None:
    """Whether the task was cleared: it is no longer failed in the attempt that was to be retried."""
    if place.opened is None:
        return None
    run = _run(place, args, context)
    after = _task(place, run, args.task, context)
    if after.state == "failed" and after.attempt == args.attempt:
        return Output("no_data", _scope(place, args), note="the task was not cleared")
    return Output("ok", _scope(place, args), _retried(args, (), after))


def preview(place: PipelinePlace, args: RetryArgs, context: ToolContext) -> Preview:
    """What would run again."""
    run, tasks, again = _checked(place, args, context)
    states = {each.name: each.state for each in tasks}
    changes = [Change(name, states.get(name, "waiting"), "runs again") for name in again[:_SHOWN]]
    rest = len(again) - len(changes)
    return Preview(
        what=f"run {args.task} of {args.pipeline} again, and what failed or never ran behind it",
        where=f"{place.system().place} ({place.environment}), run {run.id}",
        changes=(*changes, *([Change(f"{rest} more tasks", None, "run again")] if rest else [])),
        warnings=("each of them was declared safe to run twice; nobody has tried that just now",),
    )


def _checked(
    place: PipelinePlace, args: RetryArgs, context: ToolContext
) -> tuple[JobRun, tuple[TaskRun, ...], tuple[str, ...]]:
    """The run, its tasks, and what would run again.

    Raises:
        ToolRetry: nothing here can retry.
        ToolFailed: it is not failed in this attempt, or something is not safe to run twice.
    """
    if place.opened is None or place.retries is None:
        raise ToolRetry(
            "nothing here can run a task again",
            remedy="`[pipelines.NAME]` of kind `airflow` or `sagemaker-pipelines` can",
        )
    run = _run(place, args, context)
    tasks = place.system().tasks(run, context.deadline)
    task = next((each for each in tasks if each.name == args.task), None)
    if task is None:
        raise ToolFailed("there is no such task in this run")
    if task.state != "failed" or task.attempt != args.attempt:
        raise ToolFailed("the task is not failed in this attempt", remedy="ask `pipelines.why` how it stands now")
    again = place.retries().would_run_again(run, args.task, context.deadline)
    if args.task not in again:
        raise ToolFailed("the system would not run this task again", remedy="a person has to look at this run")
    unsafe = not_safe(place.rule(args.pipeline), again)
    if unsafe:
        raise ToolFailed(
            f"{len(unsafe)} of {len(again)} tasks that would run again are not declared safe to run twice",
            remedy="a person runs them, or lists them under `safe_to_retry` if a second run changes nothing",
        )
    return run, tasks, again


def not_safe(rule: PipelineRule, tasks: tuple[str, ...]) -> tuple[str, ...]:
    """Tasks that nobody has declared safe to run twice."""
    return () if "*" in rule.safe_to_retry else tuple(name for name in tasks if name not in rule.safe_to_retry)


def _run(place: PipelinePlace, args: RetryArgs, context: ToolContext) -> JobRun:
    runs = place.system().runs(args.pipeline, _PAST, context.deadline)
    run = next((each for each in runs if each.id == args.run), None)
    if run is None:
        raise ToolFailed("there is no such run of this pipeline among its newest")
    return run


def _task(place: PipelinePlace, run: JobRun, name: str, context: ToolContext) -> TaskRun:
    task = next((each for each in place.system().tasks(run, context.deadline) if each.name == name), None)
    if task is None:
        raise ToolFailed("the task is not in this run any more", remedy="a person has to look at this run")
    return task


def _scope(place: PipelinePlace, args: RetryArgs) -> Scope:
    return Scope(environment=place.environment, filters={"pipeline": args.pipeline, "run": args.run})


def _retried(args: RetryArgs, cleared: tuple[str, ...], after: TaskRun) -> Retried:
    return Retried(
        pipeline=args.pipeline,
        run=args.run,
        tasks=cleared or (args.task,),
        attempt=after.attempt,
        state=after.state,
    )
