"""What a failure comes down to, by rules of which the first that fits decides."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..logs.families import OF_OTHERS, Family
from .backends.jobs import TaskRun
from .log_errors import SaidError
from .types import Cause, UpstreamState

_KILLED = re.compile(
    r"(?i)SIG(?:KILL|TERM)\b|zombie|heartbeat (?:lost|timeout|timed out)|missed heartbeat|return code -(?:9|15)\b"
    r"|exit(?:ed with)? code[ :]+(?:137|143)\b|\bevicted\b|preempt\w*|worker (?:was )?lost|node (?:is )?(?:lost|down)"
    r"|executor reported .{0,60}failed|pod .{0,80}(?:deleted|not found)|DRIVER_UNREACHABLE|CLUSTER_ERROR"
)
_TOO_SLOW = re.compile(
    r"AirflowTaskTimeout|longer than (?:the )?specified deadline|exceeded its deadline|execution_timeout"
    r"|RUN_EXECUTION_TIMED_OUT|\bTIMEDOUT\b|MaxRuntimeExceeded|exceeded (?:the )?(?:maximum run ?time|max_?runtime)"
)
_RESOURCES: frozenset[Family] = frozenset(("out_of_memory", "disk_full", "exhausted"))
_CREDENTIAL: frozenset[Family] = frozenset(("authentication", "permission", "tls"))
_INPUT: frozenset[Family] = frozenset(("not_found", "invalid"))


@dataclass(frozen=True)
class Decided:
    """A cause, and why it is this one, in words of ours."""

    cause: Cause
    why: str


def cause_of(
    task: TaskRun, error: SaidError | None, upstream: UpstreamState | None, *, is_changed: bool | None
) -> Decided:
    """What made a task fail.

    Args:
        task: that failed first.
        error: what its newest attempt says; `None` if nothing.
        upstream: how the pipeline is that it waits for; `None` if it waits for none.
        is_changed: whether what runs is another version than in the last good run; `None` if nobody knows.
    """
    if upstream is not None and upstream != "well":
        if upstream == "failed":
            return Decided("upstream_failed", "the task waits for a pipeline that failed")
        return Decided("upstream_late", "the task waits for a pipeline that is not done")
    told = "\n".join(filter(None, (task.said, error.line if error else "", (error.exception or "") if error else "")))
    family = error.family if error else None
    if _TOO_SLOW.search(told):
        return Decided("too_slow", "its own time limit ended it")
    if family in _RESOURCES or re.search(r"(?i)OOM-?Killed|out of memory", told):
        return Decided("resources", f"it ran out of what it needs ({family or 'out_of_memory'})")
    if _KILLED.search(told):
        return Decided("killed", "the system that runs it ended it or lost it")
    if family in _CREDENTIAL:
        return Decided("credential", f"another system refused it ({family})")
    if family in OF_OTHERS:
        return Decided("dependency", f"another system did not answer as it should ({family})")
    if error is None and not task.said:
        return Decided("unknown", "it says nothing of why")
    if is_changed:
        return Decided("code_changed", "its version is another one than in the last good run, and the error is its own")
    if family in _INPUT:
        version = "its version is the same" if is_changed is False else "nobody keeps its version"
        return Decided("input_changed", f"what it read is not as it was ({family}), and {version}")
    return Decided("own_error", "the error is its own, and nothing else explains it")
