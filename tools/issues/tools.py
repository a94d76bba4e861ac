"""`issues.open`: what there is to do, where its owner looks."""

from __future__ import annotations

from ..preview import Change, Preview
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from .backends.types import Issues
from .types import OpenedIssue, OpenIssueArgs

_TIMEOUT_S = 60.0


def issues_tools(issues: Issues) -> tuple[AnyTool, ...]:
    """The tools of this domain over one tracker."""

    def scope(args: OpenIssueArgs) -> Scope:
        return Scope(environment=issues.environment, filters={"subject": args.subject})

    def open_one(args: OpenIssueArgs, context: ToolContext) -> Output[OpenedIssue]:
        made = issues.open(args.subject, args.title, args.text, context.idempotency_key, context.deadline)
        return Output("ok", scope(args), made)

    def reconcile(args: OpenIssueArgs, context: ToolContext) -> Output[OpenedIssue] | None:
        made = issues.made(args.subject, context.idempotency_key, context.deadline)
        return None if made is None else Output("ok", scope(args), made)

    def preview(args: OpenIssueArgs, _context: ToolContext) -> Preview:
        return Preview(
            what=f"open an issue about {args.subject}, or comment on the open one",
            where=issues.place,
            changes=(Change(args.title, None, f"{len(args.text.splitlines())} lines"),),
        )

    return (
        Tool(
            name="issues.open",
            effect="send",
            description="Open an issue for the owner of something, or comment on the open one.",
            args=OpenIssueArgs,
            result=OpenedIssue,
            run=open_one,
            environment=issues.environment,
            timeout_s=_TIMEOUT_S,
            resource=lambda args: args.subject,
            reconcile=reconcile,
            preview=preview,
            asked_by=("open",),
        ),
    )
