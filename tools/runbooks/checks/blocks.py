"""What is wrong with the checked blocks of a page."""

from __future__ import annotations

import difflib
import json
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ..page import Page, Placed, Step
from ..page_form import BLANKS, Block, Call, Command, Decide, Query, Rollback, blanks_in, filled
from ..selectors import Selector, UnreadableExpression, selectors_of
from .commands import command_problems
from .findings import Code, Finding, Platform, ToolFacts
from .limits import limit_problem, matching, rule_findings
from .targets import call_targets, command_targets

_HELD = {"held", "not held"}
_HAPPENING = frozenset(("alerts", "changes", "incidents", "kubernetes", "logs", "pipelines"))
"""Domains of tools that tell of events; the others tell of what is always there, such as metrics."""
Told = Iterator[tuple[Code, str]]


def block_findings(page: Page, platform: Platform) -> Iterator[Finding]:
    """Findings on every block, in the order of the page."""
    for step in page.steps:
        before: Block | None = None
        for placed in step.blocks:
            for code, text in _told(page, step, placed, before, platform):
                yield Finding(page.runbook.name, placed.line, code, text, step.number)
            before = placed.block
    yield from rule_findings(page, platform)
    yield from _writes(page)
    yield from _loops(page)


def effect_of(block: Block) -> str:
    """What a block does, as it says itself; a decision only reads."""
    return "read" if isinstance(block, Decide) else block.effect


def _told(page: Page, step: Step, placed: Placed, before: Block | None, platform: Platform) -> Told:
    block = placed.block
    if isinstance(block, Query):
        yield from _query(block.query, platform)
        yield from limit_problem(block, platform)
    elif isinstance(block, Call):
        yield from _call(block.call, block.args, block, platform)
    elif isinstance(block, Rollback):
        yield from _rollback(page, step, block)
        if block.args is not None:
            yield from _call(block.rollback, block.args, block, platform)
        else:
            yield from command_problems(block.rollback, platform)
            yield from command_targets(block.rollback, platform)
    elif isinstance(block, Command):
        for line in block.command.splitlines():
            yield from command_problems(line, platform)
            yield from command_targets(line, platform)
    else:
        yield from _decide(page, block, before)


def _query(query: str, platform: Platform) -> Told:
    try:
        selectors = selectors_of(query)
    except UnreadableExpression as error:
        yield "query.invalid", f"the query cannot be read: {error}"
        return
    if not selectors:
        yield "query.invalid", "the query reads no metric"
    for selector in selectors:
        yield from _selector(selector, platform)


def _selector(selector: Selector, platform: Platform) -> Told:
    if platform.metrics is None or not selector.metric or selector.metric.startswith("$"):
        return
    series = platform.metrics.get(selector.metric)
    if series is None:
        near = difflib.get_close_matches(selector.metric, platform.metrics, n=1, cutoff=0.75)
        hint = f"; there is {near[0]}" if near else ""
        yield "query.metric", f"no series has the metric {_short(selector.metric)}{hint}"
        return
    for each in selector.conditions:
        values = series.entities if each.label == "entity" else series.labels.get(each.label)
        if values is None:
            yield "query.label", f"{_short(selector.metric)} has no label {_short(each.label)}"
            return
        if each.operator == "=" and each.value not in values and not each.value.startswith("$"):
            yield "query.empty", f"no series of {_short(selector.metric)} has this value of {_short(each.label)}"
            return
    if series.each and not matching(selector, series):
        yield "query.empty", f"no series of {_short(selector.metric)} has all of these labels together"


def _call(name: str, args: Mapping[str, Any], block: Call | Rollback, platform: Platform) -> Told:
    for blank in sorted(blanks_in(dict(args)) - set(BLANKS)):
        yield "call.blank", f"there is no blank ${_short(blank)}; there are {', '.join('$' + each for each in BLANKS)}"
    if platform.tools is None:
        return
    tool = platform.tools.get(name)
    if tool is None:
        near = difflib.get_close_matches(name, platform.tools, n=1)
        yield "call.tool", f"there is no tool {_short(name)}{f'; there is {near[0]}' if near else ''}"
        return
    if tool.effect != block.effect:
        yield "call.effect", f"it says {block.effect}, and {name} is a {tool.effect}"
    if block.expect.path is not None and not _has_path(tool.result, block.expect.path):
        yield "call.result", f"the result of {name} has nothing at the path it expects"
    if set(blanks_in(dict(args))) - set(BLANKS):
        return
    whole = filled(dict(args), dict(platform.given))
    problem = _unfit(tool, whole)
    if problem:
        yield "call.arguments", f"the arguments do not fit {name}: {problem}"
        return
    yield from call_targets(name, whole, platform)
    if platform.refused is not None and (why := platform.refused(name, whole)):
        yield "call.refused", f"a policy refuses it: {why}"
        return
    if tool.effect == "read" and platform.answered is not None and not blanks_in(whole):
        status, message = platform.answered(name, whole)
        if status in ("error", "denied"):
            yield ("call.failed" if status == "error" else "call.refused"), f"{name} gave {status}: {message[:200]}"
        elif status == "no_data" and block.expect.status != "no_data" and not _may_be_nothing(name, whole, platform):
            yield "call.empty", f"{name} gives nothing for these arguments"


def _may_be_nothing(name: str, args: Mapping[str, Any], platform: Platform) -> bool:
    """Whether nothing is an answer: of what happens at something that is there, nothing may have happened."""
    named = args.get("entities") or ([args["entity"]] if args.get("entity") else [])
    known = platform.services is None or all(str(each).casefold() in platform.services for each in named)
    return name.partition(".")[0] in _HAPPENING and known


def _unfit(tool: ToolFacts, args: Mapping[str, Any]) -> str:
    """Why arguments do not fit; empty if they do, or if a blank could not be filled in."""
    if blanks_in(dict(args)):
        return ""
    try:
        tool.args.model_validate_json(json.dumps(args, default=str))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"] if isinstance(part, str) and part in tool.args.model_fields)
        return f"{place + ': ' if place else ''}{first['msg']}"
    except (ValueError, TypeError, RecursionError):
        return "they cannot be written as JSON"
    return ""


def _has_path(model: type[BaseModel], path: str) -> bool:
    """Whether a result can have something at a path."""
    current: Any = model
    for part in path.split("."):
        name = part.partition("[")[0]
        models = [each for each in _models(current) if name in each.model_fields]
        if not models:
            return bool(_maps(current))
        current = models[0].model_fields[name].annotation
    return True


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _models(part)]


def _maps(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    return origin is dict or any(_maps(part) for part in typing.get_args(annotation))


def _decide(page: Page, block: Decide, before: Block | None) -> Told:
    for goal in block.when.values():
        if isinstance(goal, int) and page.step(goal) is None:
            yield "decide.step", f"it goes on with step {goal}, and there are {len(page.steps)}"
    answers = set(block.when)
    judged = before is not None and not isinstance(before, Decide) and before.expect.is_judged
    if answers & _HELD and not judged:
        yield "decide.unanswerable", "it asks whether something held, and no block before it in its step can be judged"


def _rollback(page: Page, step: Step, block: Rollback) -> Told:
    undone = page.step(block.undoes)
    if undone is None:
        yield "rollback.step", f"it undoes step {block.undoes}, and there are {len(page.steps)}"
    elif not any(effect_of(each.block) != "read" for each in undone.blocks if not isinstance(each.block, Rollback)):
        yield "rollback.step", f"it undoes step {block.undoes}, which changes nothing"


def _writes(page: Page) -> Iterator[Finding]:
    undone = {
        placed.block.undoes for step in page.steps for placed in step.blocks if isinstance(placed.block, Rollback)
    }
    writes = [
        (step, placed)
        for step in page.steps
        for placed in step.blocks
        if isinstance(placed.block, Call | Command) and placed.block.effect == "write"
    ]
    for step, placed in writes:
        if step.number not in undone and page.front.risk != "high":
            text = "it changes something and no rollback takes it back; add one, or say `risk: high`"
            yield Finding(page.runbook.name, placed.line, "rollback.missing", text, step.number)
    if writes and page.front.risk == "low":
        text = "the page says `risk: low` and a step changes something"
        yield Finding(page.runbook.name, writes[0][1].line, "risk.understated", text, writes[0][0].number)


def _loops(page: Page) -> Iterator[Finding]:
    """Decisions every answer of which leads back to where they were asked from, so that nobody gets out."""
    for step in page.steps:
        for placed in step.blocks:
            if not isinstance(placed.block, Decide):
                continue
            goals = placed.block.when.values()
            if all(isinstance(goal, int) and goal <= step.number and page.step(goal) is not None for goal in goals):
                text = "every answer leads back to a step that was done already"
                yield Finding(page.runbook.name, placed.line, "decide.loop", text, step.number)


def _short(text: str) -> str:
    """A name as it may stand in a finding: of plain signs only."""
    return "".join(char for char in text if char.isalnum() or char in "_:.-")[:60]
