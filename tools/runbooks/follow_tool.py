"""`runbooks.follow`: the plan of a runbook, step by step; it takes no step itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...core.clock import to_iso
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import one_line
from .follow_types import FollowArgs, FollowBlock, FollowResult, FollowStep
from .library import RunbookLibrary
from .page import Page, Step, read_page
from .page_form import Block, Call, Command, Decide, Query, Rollback, blanks_in, filled
from .selectors import simple

MOST_STEPS = 40
_TIMES = ("start", "end", "baseline_start", "baseline_end")


def runbook_follow_tool(library: RunbookLibrary) -> AnyTool:
    """The tool over the runbooks of an installation."""
    environment = library.backend.environment

    def plan(args: FollowArgs, context: ToolContext) -> Output[FollowResult]:
        scope = Scope(environment=environment, start=args.start, end=args.end, filters={"name": args.name})
        found = library.index(context.deadline).page(args.name)
        if found is None:
            return Output("no_data", scope, note="no runbook of this name; names match exactly, see runbooks.search")
        page = read_page(found.runbook.name, found.runbook.text)
        steps = planned(page, given_by(args))
        if not steps:
            return Output("no_data", scope, note="this page has no checked steps; read it with runbooks.read")
        result = FollowResult(
            name=one_line(page.runbook.name), title=one_line(page.runbook.title), steps=steps[:MOST_STEPS]
        )
        rest = len(steps) - len(result.steps)
        return Output("truncated" if rest else "ok", scope, result, note=f"{rest} more steps" if rest else "")

    return Tool(
        name="runbooks.follow",
        effect="read",
        description="The checked steps of a runbook with their blanks filled in: what to call, what it should give.",
        args=FollowArgs,
        result=FollowResult,
        run=plan,
        environment=environment,
        summary_tokens=4_000,
        resource=lambda args: args.name,
    )


def given_by(args: FollowArgs) -> dict[str, Any]:
    """What stands for the blanks."""
    given: dict[str, Any] = {name: to_iso(moment) for name in _TIMES if (moment := getattr(args, name)) is not None}
    return given | {name: text for name in ("entity", "alert", "metric") if (text := getattr(args, name)) is not None}


def planned(page: Page, given: Mapping[str, Any]) -> tuple[FollowStep, ...]:
    """The steps of a page that have blocks."""
    return tuple(_step(step, given) for step in page.steps if step.blocks)


def call_of(block: Query | Call | Rollback, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The tool and the arguments of a block; a simple selector is asked of `metrics.query`, which every source has."""
    if isinstance(block, Call):
        return block.call, filled(block.args, dict(given))
    if isinstance(block, Rollback):
        return block.rollback, filled(block.args or {}, dict(given))
    window = {"start": given.get("start", "$start"), "end": given.get("end", "$end")}
    selector = simple(block.query)
    entity = next((each.value for each in selector.conditions if each.label == "entity"), "") if selector else ""
    if selector is None or not entity:
        return "metrics.promql", {**window, "query": block.query}
    labels = {each.label: each.value for each in selector.conditions if each.label != "entity"}
    asked = {**window, "entity": entity, "metric": selector.metric, **({"labels": labels} if labels else {})}
    return "metrics.query", filled(asked, dict(given))


def _step(step: Step, given: Mapping[str, Any]) -> FollowStep:
    blocks = tuple(_block(placed.block, given) for placed in step.blocks)
    return FollowStep(number=step.number, section=one_line(step.section), text=one_line(step.text), blocks=blocks)


def _block(block: Block, given: Mapping[str, Any]) -> FollowBlock:
    if isinstance(block, Decide):
        answers = block.when
        return FollowBlock(
            kind="decide",
            tool="",
            arguments="",
            effect="read",
            text=one_line(block.decide),
            held=answers.get("held"),
            not_held=answers.get("not held"),
        )
    if isinstance(block, Command) or (isinstance(block, Rollback) and block.args is None):
        kind = "command" if isinstance(block, Command) else "rollback"
        return FollowBlock(kind=kind, tool="", arguments="", effect=block.effect, text=one_line(block.expect.text))
    tool, arguments = call_of(block, given)
    missing = blanks_in(arguments)
    expect = block.expect
    return FollowBlock(
        kind="query" if isinstance(block, Query) else "call" if isinstance(block, Call) else "rollback",
        tool=tool,
        arguments=json.dumps(arguments, ensure_ascii=False, default=str),
        effect=block.effect,
        text=one_line(expect.text),
        status=expect.status,
        path=expect.path,
        comparison=expect.is_,
        value=expect.value,
        problem=f"not known here: {', '.join(sorted(missing))}" if missing else "",
    )
