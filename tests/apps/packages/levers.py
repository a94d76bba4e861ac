"""A package as a user would write it: one tool that only looks and one that does something, seen in a file."""

from __future__ import annotations

import os
from pathlib import Path

from opswarden.apps.packages import Registry
from opswarden.tools.spec import Args, Output, Result, Scope, Tool, ToolContext

EFFECTS_VARIABLE = "LEVERS_FILE"
"""Where the lines go; an environment variable, because the tool runs in processes that a test starts."""


class LeverArgs(Args):
    lever: str


class Lever(Result):
    pulls: int


def _line(word: str, lever: str) -> None:
    with Path(os.environ[EFFECTS_VARIABLE]).open("a", encoding="utf-8") as file:
        file.write(f"{word} {lever}\n")


def pull(args: LeverArgs, context: ToolContext) -> Output[Lever]:
    _line("pulled", args.lever)
    return Output("ok", Scope(environment="production"), Lever(pulls=1))


def back(args: LeverArgs, _pulled: Lever) -> tuple[str, dict[str, str]]:
    return "levers.pull", {"lever": f"{args.lever}-back"}


def lift(args: LeverArgs, context: ToolContext) -> Output[Lever]:
    _line("lifted", args.lever)
    return Output("ok", Scope(environment="production"), Lever(pulls=2))


def look(args: LeverArgs, context: ToolContext) -> Output[Lever]:
    _line("looked", args.lever)
    return Output("ok", Scope(environment="production"), Lever(pulls=0))


def register(registry: Registry) -> None:
    registry.add_tool(Tool("levers.pull", "write", "Pull a lever.", LeverArgs, Lever, pull, "production", undo=back))
    registry.add_tool(
        Tool("levers.lift", "write", "Lift with somebody.", LeverArgs, Lever, lift, "production", two_person=True)
    )
    registry.add_tool(Tool("levers.look", "read", "Look at a lever.", LeverArgs, Lever, look, "production"))
