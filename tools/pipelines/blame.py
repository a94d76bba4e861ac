"""Which task of a run failed first, and which of the failures are only its consequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .backends.jobs import TaskRun

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Blamed:
    """The failures of a run.

    Args:
        first: the task that failed first of those that failed on their own.
        others: the others that failed on their own, in the order in which they did.
        consequences: names of tasks that never ran because of these, or failed behind one of them.
    """

    first: TaskRun
    others: tuple[TaskRun, ...]
    consequences: tuple[str, ...]


def blamed(tasks: Sequence[TaskRun]) -> Blamed | None:
    """Tell own failures from consequences; `None` if no task failed."""
    failed = {each.name: each for each in tasks if each.state in ("failed", "retrying")}
    if not failed:
        return None
    before = ancestors(tasks)
    own = sorted(
        (each for each in failed.values() if not before[each.name] & failed.keys()),
        key=lambda each: (each.ended or _NEVER, each.name),
    )
    if not own:  # a circle, which no system allows and a file may hold
        own = sorted(failed.values(), key=lambda each: (each.ended or _NEVER, each.name))[:1]
    named = {each.name for each in own}
    behind = [
        each.name
        for each in tasks
        if each.name not in named and (each.state == "upstream_failed" or each.name in failed)
    ]
    return Blamed(own[0], tuple(own[1:]), tuple(behind))


def ancestors(tasks: Sequence[TaskRun]) -> Mapping[str, frozenset[str]]:
    """By task: everything that comes before it."""
    direct = {each.name: each.upstream for each in tasks}
    found: dict[str, frozenset[str]] = {}
    for name in direct:
        seen: set[str] = set()
        waiting = list(direct[name])
        while waiting:
            above = waiting.pop()
            if above not in seen:
                seen.add(above)
                waiting += direct.get(above, ())
        found[name] = frozenset(seen - {name})
    return found


def descendants(tasks: Sequence[TaskRun], name: str) -> tuple[str, ...]:
    """Everything that comes behind a task, in the order of the tasks."""
    before = ancestors(tasks)
    return tuple(each.name for each in tasks if name in before[each.name])
