"""A step of a runbook that changes something, taken by the triage agent because a person says so; on record as that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...agents.triage import pages
from ...agents.triage.following import PREFIX, outcome, plan_call
from ...agents.triage.types import Incident, TriageReport
from ...core.canonical import JsonValue
from ...core.errors import InputError
from ...policies.ledger.read import rows as ledger_rows
from ...policies.types import CallResult
from ..documents.of_run import where_of
from ..installation import Installation, current_person
from ..keeping.reports import KeptReports
from .opened import OpenRunbooks, opened

_ROLE, _TRIGGER = "triage", "runbook"
_MOST_ATTEMPTS = 20
_OVER = frozenset({"denied", "expired", "void"})


@dataclass(frozen=True)
class TakenBlock:
    """What came of a block.

    Args:
        call_id: `runbook.STEP.BLOCK`, as the ledger has it.
        what: the tool, or what a person has to do.
        status: of the call; `waits`, `for a person` or `skipped` where none was made.
        held: whether it gave what the page says it should.
        seq: the entry of the ledger; -1 without one.
    """

    call_id: str
    what: str
    status: str
    held: str = ""
    seq: int = -1
    message: str = ""


@dataclass(frozen=True)
class Taken:
    """What came of a step; `approval_id` where a person has to agree first."""

    run_id: str
    page: str
    number: int
    text: str
    blocks: tuple[TakenBlock, ...]
    approval_id: str = ""
    is_denied: bool = False

    @property
    def is_well(self) -> bool:
        """Whether every call was made and what could be judged held."""
        return all(each.status in ("ok", "truncated", "for a person", "skipped") for each in self.blocks) and not any(
            each.held == "not held" for each in self.blocks
        )


def take_step(installation: Installation, run_id: str, number: int) -> Taken:
    """Take a step of the page that a triage followed: its calls in their order, each through the gate.

    Args:
        installation: whose runbooks, gate and tools.
        run_id: of a triage that has ended.
        number: of the step on its page.

    Raises:
        InputError: no such triage, page or step is there, or the step was refused too often.
    """
    report = _report(installation, run_id)
    match = followed_page(report)
    attempt = _attempt(installation, run_id, number)
    where = where_of(installation, run_id)
    by = f"person:{current_person()}"
    with opened(installation, where, by=by, trigger=_TRIGGER, role=_ROLE, run_id=attempt) as runbooks:
        step = _step(runbooks, report.incident, match, number)
        taken = _take(runbooks, step, number, attempt, str(match["name"]))
        if not taken.approval_id:
            runbooks.gate.end("reported" if taken.is_well else "failed")
    return taken


def steps_of(installation: Installation, run_id: str) -> list[dict[str, Any]]:
    """What was done for the steps of a runbook, in a triage and since: one row per call, as the ledger has it.

    Raises:
        InputError: no report of this run is kept.
    """
    _report(installation, run_id)
    found = []
    for each in (run_id, *step_runs(installation, run_id)):
        for row in ledger_rows(installation.ledger.of_run(each)):
            if row.call_id.startswith(PREFIX) and row.call_id != f"{PREFIX}plan" and row.kind == "call.outcome":
                step = row.call_id.removeprefix(PREFIX)
                found.append(
                    {
                        "step": step,
                        "tool": row.subject,
                        "outcome": row.finding,
                        "at": row.ts,
                        "seq": row.seq,
                        "run_id": each,
                    }
                )
    return found


def step_runs(installation: Installation, run_id: str) -> Iterator[str]:
    """The runs in which steps of a triage's runbook were taken."""
    sql = "SELECT DISTINCT run_id FROM approval WHERE substr(run_id, 1, ?) = ? ORDER BY run_id LIMIT 200"
    prefix = f"{run_id}-step-"
    installation.approvals.records(run_id=run_id)  # makes the table where nobody has asked for anything yet
    for row in installation.database.connection().execute(sql, (len(prefix), prefix)):
        yield str(row["run_id"])


def _take(runbooks: OpenRunbooks, step: Mapping[str, Any], number: int, run_id: str, page: str) -> Taken:
    blocks: list[TakenBlock] = []
    approval, is_denied = "", False
    for place, block in enumerate(step["blocks"], start=1):
        call_id = f"{PREFIX}{number}.{place}"
        if approval or is_denied:
            blocks.append(TakenBlock(call_id, str(block.get("tool") or block["text"]), "waits"))
            continue
        if block["kind"] not in ("query", "call"):
            blocks.append(_beside(call_id, block))
            continue
        result = _call(runbooks, block, call_id)
        approval, is_denied = result.approval_id or "", result.status == "denied" and not result.approval_id
        status = "waits" if approval else result.status
        held = outcome(block, {"status": result.status, "summary": result.summary}) if not approval else ""
        blocks.append(TakenBlock(call_id, result.tool, status, str(held), result.seq, result.message))
    return Taken(run_id, page, number, str(step["text"]), tuple(blocks), approval, is_denied)


def _beside(call_id: str, block: Mapping[str, Any]) -> TakenBlock:
    """A block that no code takes: a command is a person's to type, a way back is taken with `opswarden undo`."""
    status = "for a person" if block["kind"] == "command" else "skipped"
    return TakenBlock(call_id, str(block["text"]), status)


def _call(runbooks: OpenRunbooks, block: Mapping[str, Any], call_id: str) -> CallResult:
    tool = str(block["tool"])
    if block.get("problem"):
        return CallResult(call_id, tool, "error", "blank", message=str(block["problem"]))
    try:
        args: Mapping[str, JsonValue] = json.loads(str(block["arguments"]))
    except (ValueError, RecursionError):
        return CallResult(call_id, tool, "error", "arguments", message="its arguments cannot be read")
    if tool not in {each.name for each in runbooks.tools}:
        return CallResult(call_id, tool, "error", "tool", message="there is no such tool here")
    return runbooks.gate.call(tool, args, call_id=call_id)


def _step(runbooks: OpenRunbooks, incident: Incident, match: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    planned = plan_call(incident, match)
    if planned is None:
        raise InputError("its runbook has no checked steps", remedy="see `opswarden runbook list`")
    plan = runbooks.call(planned.tool, planned.args, planned.call_id).summary
    listed = plan.get("steps") if isinstance(plan, Mapping) else None
    steps = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list | tuple) else []
    for step in steps:
        if step.get("number") == number:
            found: Mapping[str, Any] = step
            return found
    have = ", ".join(str(step.get("number")) for step in steps)
    raise InputError("the runbook has no such step with checked blocks", remedy=f"steps with blocks: {have or 'none'}")


def _report(installation: Installation, run_id: str) -> TriageReport:
    report = KeptReports(installation.database).report_of(run_id)
    if report is None:
        raise InputError("no report of this run is kept", remedy="name the run of a triage that has ended")
    return report


def followed_page(report: TriageReport) -> Mapping[str, Any]:
    """The page that the triage followed, as `runbooks.match` gave it; where it followed none, the one to begin with.

    Raises:
        InputError: it had no runbook.
    """
    found = [item.summary for item in report.evidence if item.tool == pages.TOOL and item.status == "ok"]
    matched = [summary for summary in found if isinstance(summary, Mapping)]
    plans = [item.summary for item in report.evidence if item.tool == "runbooks.follow"]
    followed = next((plan.get("name") for plan in plans if isinstance(plan, Mapping)), None)
    if ordered := pages.in_order(matched):
        return next((page for page in ordered if page.get("name") == followed), ordered[0])
    raise InputError("that triage had no runbook", remedy="see `opswarden runbook search`")


def _attempt(installation: Installation, run_id: str, number: int) -> str:
    """The id of the run that takes the step: the one that waits or has done it, or else a new one."""
    for place in range(1, _MOST_ATTEMPTS + 1):
        attempt = f"{run_id}-step-{number}-{place}"
        states = {record.state for record in installation.approvals.records(run_id=attempt)}
        if not states & _OVER:
            return attempt
    raise InputError("this step was refused too often", remedy="talk to whoever refused it")
