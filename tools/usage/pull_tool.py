"""`usage.pull`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field

from ...core.errors import InputError, ToolFailed
from ..spec import Args, OneLine, Output, OutsideText, Result, Scope, Tool, ToolContext
from .pulling import Pulled

_MOST_NOTES = 50
_LONGEST_S = 12 * 3_600.0


class PullArgs(Args):
    """Read usage, sizes and happenings of whole days, both included, that the fleet does not have yet."""

    first: date = Field(strict=False)
    last: date = Field(strict=False)


class PullResult(Result):
    """What a pull did."""

    days: int
    kept: int = Field(description="days that were there already")
    samples: int
    notes: tuple[Annotated[OutsideText, OneLine(60)], ...] = Field(description="what could not be had")


def pull_tool(pull: Callable[[date, date], Pulled], environment: str) -> Tool[PullArgs, PullResult]:
    """The tool that lets one fleet grow; it writes into the folder that it was made for and nowhere else."""

    def run(args: PullArgs, _context: ToolContext) -> Output[PullResult]:
        start = datetime.combine(args.first, time(), UTC)
        scope = Scope(environment=environment, start=start, end=datetime.combine(args.last, time(), UTC) + timedelta(1))
        try:
            found = pull(args.first, args.last)
        except InputError as error:
            raise ToolFailed(error.message, remedy=error.remedy) from error
        result = PullResult(
            days=len(found.read),
            kept=len(found.kept),
            samples=sum(found.read.values()),
            notes=found.notes[:_MOST_NOTES],
        )
        return Output("ok", scope, result)

    return Tool(
        name="usage.pull",
        effect="read",
        description="Reads usage of whole days out of systems and files into a fleet folder of the operator's.",
        args=PullArgs,
        result=PullResult,
        run=run,
        environment=environment,
        timeout_s=_LONGEST_S,
        summary_tokens=1_200,
        data_classes=frozenset({"operational"}),
    )
