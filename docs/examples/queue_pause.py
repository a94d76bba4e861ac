"""A package of a user: a tool with an effect, `queues.pause`, which a person has to approve."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from opswarden.apps.packages import Registry
from opswarden.tools.preview import Change, Preview
from opswarden.tools.spec import Args, Output, Result, Scope, Tool, ToolContext

PAUSED: set[str] = set()  # stands for a client of your queue system


class PauseArgs(Args):
    queue: Literal["payouts", "refunds"]


class Paused(Result):
    was_running: bool


def pause(args: PauseArgs, _context: ToolContext) -> Output[Paused]:
    was_running = args.queue not in PAUSED
    PAUSED.add(args.queue)
    scope = Scope(environment="production", filters={"queue": args.queue})
    return Output("ok", scope, Paused(was_running=was_running))


def preview(args: PauseArgs, _context: ToolContext) -> Preview:
    now = "paused" if args.queue in PAUSED else "running"
    return Preview(
        what=f"stop the consumers of {args.queue}",
        where="the payments cluster",
        changes=(Change("consumers", now, "paused"),),
        warnings=("messages pile up until somebody starts them again",),
    )


PAUSE = Tool(
    name="queues.pause",
    effect="write",
    description="Stop the consumers of a queue; messages are kept.",
    args=PauseArgs,
    result=Paused,
    run=pause,
    environment="production",
    two_person=True,
    preview=preview,
)


def register(registry: Registry) -> None:
    registry.add_tool(PAUSE)
    registry.add_policies(Path(__file__).parent / "pause_rules")
