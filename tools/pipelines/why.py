"""`pipelines.why`: from a failed run to the task that failed first, what it says, and what that comes down to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ...core.clock import Deadline
from ...core.errors import BackendError, ToolRetry
from ..spec import Output, Scope, ToolContext
from ..summary import first_that_fit, one_line
from .backends.jobs import MOST_RUNS, JobRun, JobSystem, TaskLog
from .blame import Blamed, blamed
from .causes import cause_of
from .log_errors import SaidError, said_error
from .place import PipelinePlace
from .types import Altered, RootFailure, Tried, UpstreamState, WhyArgs, WhyResult

_PAST = 60
_MOST_ATTEMPTS = 4
_MOST_CHAIN = 6
_MOST_CHANGES = 6
_TOKENS = 300
_CHANGE_KINDS = ("deploy", "commit", "config", "schema", "flag", "data", "pipeline_run")


def why(place: PipelinePlace, args: WhyArgs, context: ToolContext) -> Output[WhyResult]:
    """Why a run failed; no data if none did."""
    system, deadline = place.system(), context.deadline
    named = args.pipeline or _failed_last(system, deadline)
    if named is None:
        return Output("no_data", Scope(environment=place.environment), note="no run failed of late")
    scope = Scope(environment=place.environment, filters={"pipeline": named})
    runs = system.runs(named, _PAST, deadline)
    if not runs:
        raise ToolRetry("there is no run of this pipeline", remedy="`pipelines.status` lists pipelines")
    run = _chosen(runs, args.run)
    if run is None:
        return Output("no_data", scope, note=f"none of its last {len(runs)} runs failed")
    tasks = system.tasks(run, deadline)
    found = blamed(tasks)
    if found is None:
        return Output("no_data", scope, note="no task of this run failed")
    return Output("ok", scope, _Inquiry(place, system, run, runs, found, deadline).result())


def _failed_last(system: JobSystem, deadline: Deadline) -> str | None:
    """The pipeline whose newest run failed last; of a chain of them the one that others wait for is found by asking."""
    seen: set[str] = set()
    for run in system.runs(None, MOST_RUNS, deadline):
        if run.state == "failed" and run.pipeline not in seen:
            return run.pipeline
        if run.state in ("success", "failed"):
            seen.add(run.pipeline)
    return None


def _chosen(runs: Sequence[JobRun], named: str | None) -> JobRun | None:
    """The run that is named, or the newest that failed or has a failed task under way."""
    if named is None:
        return next((each for each in runs if each.state == "failed"), None)
    run = next((each for each in runs if each.id == named), None)
    if run is None:
        raise ToolRetry(f"this run is not among the last {len(runs)}", remedy="name a newer one, or none")
    return run


class _Inquiry:
    """One failed run, and everything that it is held against."""

    def __init__(
        self,
        place: PipelinePlace,
        system: JobSystem,
        run: JobRun,
        runs: Sequence[JobRun],
        found: Blamed,
        deadline: Deadline,
    ) -> None:
        self._place, self._system, self._run, self._deadline = place, system, run, deadline
        self._blamed, self._task = found, found.first
        self._unseen: list[str] = []
        self._root: RootFailure | None = None
        older = [each for each in runs if each.due < run.due or (each.due == run.due and each.id != run.id)]
        self._good = next((each for each in older if each.state == "success"), None)

    def result(self) -> WhyResult:
        run, task, good = self._run, self._task, self._good
        good_log = self._good_log()
        error = self._error(task.attempt, good_log.text if good_log else None)
        chain, upstream = self._upstream()
        changes = self._changes()
        is_changed = _is_changed(run, good)
        if is_changed is None and changes:
            # Nobody keeps versions, so a change to the pipeline itself stands for one.
            is_changed = any(each.entity == run.pipeline for each in changes) or None
        decided = cause_of(task, error, upstream, is_changed=is_changed)
        attempts = self._attempts(error)
        return WhyResult(
            pipeline=run.pipeline,
            run=run.id,
            cause=decided.cause,
            why=decided.why,
            task=task.name if task.part < 0 else f"{task.name}[{task.part}]",
            failed_at=task.ended,
            line=one_line(error.line) if error else None,
            said=one_line(task.said) or None,
            family=error.family if error else None,
            thrown=_thrown(error),
            is_new=error.is_new if error else None,
            attempts=attempts,
            is_intermittent=any(each.is_same is False for each in attempts),
            also_failed=tuple(each.name for each in self._blamed.others[:20]),
            consequences=len(self._blamed.consequences),
            chain=chain,
            root=self._root,
            good_run=good.id if good else None,
            good_at=(good.ended or good.due) if good else None,
            version=run.version,
            version_before=good.version if good else None,
            changes=first_that_fit(changes, _TOKENS) if changes else (),
            not_looked_at=tuple(self._unseen),
        )

    def _good_log(self) -> TaskLog | None:
        """What the same task wrote in the last good run."""
        if self._good is None:
            self._unseen.append("no earlier run that succeeded is known")
            return None
        try:
            then = next(
                (each for each in self._system.tasks(self._good, self._deadline) if each.name == self._task.name), None
            )
            return self._system.log(self._good, then, max(then.attempt, 1), self._deadline) if then else None
        except BackendError as error:
            self._unseen.append(f"the log of the last good run: {error.message}")
            return None

    def _error(self, attempt: int, good: str | None) -> SaidError | None:
        try:
            log = self._system.log(self._run, self._task, max(attempt, 1), self._deadline)
        except BackendError as error:
            self._unseen.append(f"the log of attempt {attempt}: {error.message}")
            return None
        if log is None:
            self._unseen.append(f"no log of attempt {attempt} is kept")
            return None
        return said_error(log.text, good)

    def _attempts(self, newest: SaidError | None) -> tuple[Tried, ...]:
        found = [_tried(self._task.attempt, newest, newest)]
        oldest = max(self._task.attempt - _MOST_ATTEMPTS, 0)
        found += [
            _tried(number, self._error(number, None), newest) for number in range(self._task.attempt - 1, oldest, -1)
        ]
        return tuple(found)

    def _upstream(self) -> tuple[tuple[str, ...], UpstreamState | None]:
        """The pipelines that are waited for, and how the first of them is."""
        chain: list[str] = []
        state: UpstreamState | None = None
        waits_for = self._task.waits_for
        while waits_for and waits_for not in (*chain, self._run.pipeline) and len(chain) < _MOST_CHAIN:
            try:
                runs = self._system.runs(waits_for, _PAST, self._deadline)
                last = self._before_failure(runs)
                mine: UpstreamState = "late" if last is None or last.state in ("queued", "running") else "well"
                mine = "failed" if last is not None and last.state == "failed" else mine
                chain.append(waits_for)
                state = state or mine
                if last is None or mine != "failed":
                    break
                cause = blamed(self._system.tasks(last, self._deadline))
                waits_for = cause.first.waits_for if cause is not None else ""
                if cause is not None and not waits_for:
                    self._root = self._rooted(last, runs, cause)
            except BackendError as error:
                self._unseen.append(f"the pipeline that it waits for: {error.message}")
                break
        return tuple(chain), state

    def _rooted(self, run: JobRun, runs: Sequence[JobRun], found: Blamed) -> RootFailure:
        """The failure with which a chain began, looked into like ours."""
        there = _Inquiry(self._place, self._system, run, runs, found, self._deadline).result()
        return RootFailure(pipeline=run.pipeline, run=run.id, task=there.task, cause=there.cause, line=there.line)

    def _before_failure(self, runs: Sequence[JobRun]) -> JobRun | None:
        """The run that was waited for: the newest that was due before ours failed, and not one before our last good."""
        end = self._task.ended or self._run.ended
        since = self._good.due if self._good is not None else self._run.due - timedelta(days=7)
        due = [each for each in runs if (end is None or each.due <= end) and each.due > since]
        return due[0] if due else None

    def _changes(self) -> list[Altered]:
        """What was altered between the last good run and this failure, what concerns the pipeline itself first."""
        if self._place.changes is None:
            self._unseen.append("changes: nobody keeps a record of them here")
            return []
        end = self._task.ended or self._run.ended or self._run.due
        start = (self._good.began or self._good.due) if self._good is not None else end - timedelta(days=1)
        try:
            rows = self._place.changes.between(start, end, self._deadline).rows.to_pylist()
        except BackendError as error:
            self._unseen.append(f"changes: {error.message}")
            return []
        rows = [each for each in rows if str(each["kind"]).lower() in _CHANGE_KINDS]
        rows.sort(key=lambda each: (each["entity"] != self._run.pipeline, -each["ts"].timestamp()))
        return [
            Altered(
                ts=each["ts"],
                entity=one_line(each["entity"]),
                kind=one_line(each["kind"]),
                summary=one_line(each["summary"]),
            )
            for each in rows[:_MOST_CHANGES]
        ]


def _is_changed(run: JobRun, good: JobRun | None) -> bool | None:
    if good is None or not run.version or not good.version:
        return None
    return run.version != good.version


def _tried(number: int, error: SaidError | None, newest: SaidError | None) -> Tried:
    is_same = None if error is None or newest is None else error.template == newest.template
    return Tried(
        attempt=number,
        line=one_line(error.line) if error else None,
        family=error.family if error else None,
        is_same=is_same,
    )


def _thrown(error: SaidError | None) -> str | None:
    if error is None or error.exception is None:
        return None
    return one_line(f"{error.exception} at {error.frame}" if error.frame else error.exception)
