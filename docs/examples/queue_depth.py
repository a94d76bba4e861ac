"""A package of a user: one typed tool, `queues.depth`, and a policy about it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from opswarden.apps.packages import Registry
from opswarden.tools.spec import Args, Output, OutsideText, Result, Scope, Tool, ToolContext

QUEUES = {  # stands for a client of your queue system
    "payouts": (12, ""),
    "refunds": (4_821, "refund of zoe.quist@example.org rejected: account closed"),
}


class DepthArgs(Args):
    queue: str = Field(min_length=1, max_length=64)


class Depth(Result):
    messages: int = Field(description="how many wait")
    last_error: OutsideText


def depth(args: DepthArgs, _context: ToolContext) -> Output[Depth]:
    scope = Scope(environment="production", filters={"queue": args.queue})
    if args.queue not in QUEUES:
        return Output("no_data", scope, note="there is no queue of this name")
    messages, last_error = QUEUES[args.queue]
    return Output("ok", scope, Depth(messages=messages, last_error=last_error))


DEPTH = Tool(
    name="queues.depth",
    effect="read",
    description="How many messages wait in a queue, and the last error of its consumers.",
    args=DepthArgs,
    result=Depth,
    run=depth,
    environment="production",
    timeout_s=5,
    summary_tokens=200,
    resource=lambda args: args.queue,
)


def register(registry: Registry) -> None:
    registry.add_tool(DEPTH)
    registry.add_policies(Path(__file__).parent / "queue_rules")
