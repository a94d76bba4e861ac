"""What is asked of the tools, in which order: the plan of a weekly run, and of a question about the bill."""

from __future__ import annotations

from typing import Any

from ..triage.plan import PlannedCall
from .parts import FinopsParts
from .state import FinopsState, artifact_of

BACKTEST, REALISED, PLAN, RECORD = "backtest", "realised", "plan", "record"
_BY = ("team", "model", "country")


def survey_calls(parts: FinopsParts) -> list[PlannedCall]:
    """Everything that stands on its own feet, to be asked side by side."""
    calls = [PlannedCall(f"analysis.{name}", name, {}) for name in parts.analyses]
    if parts.has_backtest:
        calls.append(PlannedCall(BACKTEST, "recommendations.backtest", {}))
    calls.append(PlannedCall(REALISED, "recommendations.realised", {}))
    spans = parts.spans
    if spans is None:
        return calls
    days = {"start": spans.start.isoformat(), "end": spans.end.isoformat()}
    calls += [
        PlannedCall("costs.describe", "costs.describe", {**days, "by": "team"}),
        PlannedCall("costs.unit", "costs.unit", {**days, "by": []}),
        PlannedCall("costs.unit.model", "costs.unit", {**days, "by": ["model"]}),
        PlannedCall("costs.decompose", "costs.decompose", _compared(parts, "team")),
    ]
    return calls


def question_calls(parts: FinopsParts) -> list[PlannedCall]:
    """Why the bill moved, by team, model and country; what the question is about goes into every one."""
    return [PlannedCall(f"decompose.{by}", "costs.decompose", _compared(parts, by)) for by in _BY]


def plan_call(parts: FinopsParts, state: FinopsState) -> PlannedCall | None:
    """Join the analyses that could run; `None` if none could."""
    artifacts = [artifact_of(state, f"analysis.{name}") for name in parts.analyses]
    found = [artifact for artifact in artifacts if artifact is not None]
    if not found:
        return None
    args: dict[str, Any] = {"analyses": found}
    if (backtests := artifact_of(state, BACKTEST)) is not None:
        args["backtests"] = backtests
    return PlannedCall(PLAN, "recommendations.plan", args)


def record_call(state: FinopsState) -> PlannedCall | None:
    """Write the week down; `None` if there is no plan."""
    plan = artifact_of(state, PLAN)
    if plan is None:
        return None
    args = {"plan": plan}
    if (realised := artifact_of(state, REALISED)) is not None:
        args["realised"] = realised
    return PlannedCall(RECORD, "recommendations.record", args)


def _compared(parts: FinopsParts, by: str) -> dict[str, Any]:
    spans = parts.spans
    if spans is None:
        raise ValueError("costs are compared over days")
    asked = dict(parts.question.args) if parts.question is not None else {}
    return {
        "before_start": spans.before.isoformat(),
        "before_end": spans.start.isoformat(),
        "start": spans.start.isoformat(),
        "end": spans.end.isoformat(),
        "by": by,
        **asked,
    }
