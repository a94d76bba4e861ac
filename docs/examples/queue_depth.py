"""A package of a user: one typed tool, `queues.depth`, and the policy that lets an agent call it."""

from __future__ import annotations

from pathlib import Path

from opswarden.apps.packages import Registry
from opswarden.tools.spec import Args, Output, Result, Scope, Tool, ToolContext

DEPTHS = {"payouts": 12, "refunds": 4_821}  # stands for a client of your queue system


class DepthArgs(Args):
    queue: str


class Depth(Result):
    messages: int


def depth(args: DepthArgs, context: ToolContext) -> Output[Depth]:
    scope = Scope(environment="production", filters={"queue": args.queue})
    if args.queue not in DEPTHS:
        return Output("no_data", scope, note="there is no queue of this name")
    return Output("ok", scope, Depth(messages=DEPTHS[args.queue]))


def register(registry: Registry) -> None:
    registry.add_tool(
        Tool("queues.depth", "read", "How many messages wait in a queue.", DepthArgs, Depth, depth, "production")
    )
    registry.add_policies(Path(__file__).parent / "queue_rules")
