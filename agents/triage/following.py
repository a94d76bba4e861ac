"""Taking the steps of a runbook in a triage: the reads, one by one through the gate, as the page says to go on.

What a page says is outside text. So only tools that read are called, whatever a page says of their effect; what would
change something is left to a person or to a model that asks for it, and then needs leave like any other call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...tools.runbooks.expectations import Held, judged
from .plan import PlannedCall
from .types import Incident

PLAN = "runbook.plan"
PREFIX = "runbook."
"""Of the ids of these calls: `runbook.3.1` is the first block of step 3, and so it stands in the ledger."""
_MOST_CALLS = 20

Run = Callable[[PlannedCall], Mapping[str, Mapping[str, Any]]]


def step_of(call_id: str) -> str:
    """The step and the block that a call was made for, as `3.1`; empty if for none."""
    return call_id.removeprefix(PREFIX) if call_id.startswith(PREFIX) and call_id != PLAN else ""


def plan_call(incident: Incident, matched: Mapping[str, Any]) -> PlannedCall | None:
    """The call for the steps of the runbook that matched; `None` if it has none that can be taken."""
    if not matched.get("checked") or not isinstance(matched.get("name"), str):
        return None
    args = {
        "name": matched["name"],
        "start": incident.start,
        "end": incident.end,
        "baseline_start": incident.baseline_start,
        "baseline_end": incident.baseline_end,
        # A page on the cause asks about where the cause is.
        "entity": matched.get("entity") or incident.alert_entity,
        "alert": incident.alert_name,
        "metric": incident.alert_metric,
    }
    return PlannedCall(PLAN, "runbooks.follow", {name: value for name, value in args.items() if value})


def take_steps(plan: Mapping[str, Any], reading: frozenset[str], run: Run) -> dict[str, Mapping[str, Any]]:
    """Call what the steps read, in the page's order or as its decisions lead; each step at most once.

    Args:
        plan: summary of `runbooks.follow`.
        reading: names of the tools that read.
        run: makes a call.

    Returns:
        Results by call id.
    """
    steps = {step["number"]: step for step in _rows(plan, "steps") if isinstance(step.get("number"), int)}
    order = sorted(steps)
    results: dict[str, Mapping[str, Any]] = {}
    done: set[int] = set()
    current = order[0] if order else None
    while current is not None and current not in done and len(results) < _MOST_CALLS:
        done.add(current)
        goal = _take(steps[current], reading, run, results)
        if goal in ("stop", "escalate"):
            break
        later = [number for number in order if number > current]
        current = goal if isinstance(goal, int) and goal in steps else later[0] if later else None
    return results


def _take(step: Mapping[str, Any], reading: frozenset[str], run: Run, results: dict[str, Mapping[str, Any]]) -> Any:
    """One step; where a decision of it leads, `next` without one that code can answer."""
    last: Held = "not judged"
    goal: Any = "next"
    for place, block in enumerate(_rows(step, "blocks"), start=1):
        if block.get("kind") == "decide":
            goal = {"held": block.get("held"), "not held": block.get("not_held")}.get(last) or "next"
        elif (call := _call(block, f"{PREFIX}{step['number']}.{place}", reading)) and len(results) < _MOST_CALLS:
            results |= run(call)
            last = outcome(block, results[call.call_id])
    return goal


def outcome(block: Mapping[str, Any], result: Mapping[str, Any]) -> Held:
    """Whether a block gave what it should."""
    expected = {"status": block.get("status"), "path": block.get("path")}
    expected |= {"is": block.get("comparison"), "value": block.get("value")}
    return judged(expected, str(result.get("status")), result.get("summary"))


def told(plan: Mapping[str, Any], results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What came of the steps, a line each; what waits for a person is said."""
    for step in _rows(plan, "steps"):
        found = []
        for place, block in enumerate(_rows(step, "blocks"), start=1):
            result = results.get(f"{PREFIX}{step.get('number')}.{place}")
            if result is not None:
                held = outcome(block, result)
                found.append(held if held != "not judged" else _said(str(result.get("status"))))
            elif block.get("effect") in ("write", "send") and block.get("kind") in ("call", "command"):
                found.append("needs a person")
        if found:
            yield f"step {step.get('number')} {', '.join(found)}"


def _said(status: str) -> str:
    return {"ok": "read", "truncated": "read", "no_data": "found nothing"}.get(status, status)


def _call(block: Mapping[str, Any], call_id: str, reading: frozenset[str]) -> PlannedCall | None:
    tool = block.get("tool")
    if tool not in reading or block.get("problem") or block.get("kind") not in ("query", "call"):
        return None
    try:
        args = json.loads(str(block.get("arguments")))
    except (ValueError, RecursionError):
        return None
    return PlannedCall(call_id, str(tool), args) if isinstance(args, dict) else None


def _rows(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = value.get(name)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list | tuple) else []
