"""`documents.propose`: files on a branch, for their owners to look at and merge."""

from __future__ import annotations

from ..preview import Change, Preview
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from .backends.types import Proposals
from .types import ProposeArgs, Proposed

_TIMEOUT_S = 60.0
_MOST_SHOWN = 20


def documents_tools(proposals: Proposals) -> tuple[AnyTool, ...]:
    """The tools of this domain over one repository; what is pushed is sent, what stays in a clone is written."""
    verb = "ask to merge" if proposals.is_remote else "commit"

    def scope(args: ProposeArgs) -> Scope:
        return Scope(environment=proposals.environment, filters={"branch": f"opswarden/{args.branch}"})

    def propose(args: ProposeArgs, context: ToolContext) -> Output[Proposed]:
        made = proposals.propose(
            args.branch, args.title, args.body, args.files, context.idempotency_key, context.deadline
        )
        return Output("ok", scope(args), made)

    def reconcile(args: ProposeArgs, context: ToolContext) -> Output[Proposed] | None:
        made = proposals.made(args.branch, context.idempotency_key, context.deadline)
        return None if made is None else Output("ok", scope(args), made)

    def preview(args: ProposeArgs, context: ToolContext) -> Preview:
        changes = [
            Change(file.path, _lines(proposals.before(file.path, context.deadline)), _lines(file.text))
            for file in args.files[:_MOST_SHOWN]
        ]
        left_out = len(args.files) - len(changes)
        return Preview(
            what=f"{verb} {len(args.files)} files on the branch opswarden/{args.branch}",
            where=proposals.place,
            changes=tuple(changes),
            warnings=(f"{left_out} files more",) if left_out else (),
        )

    return (
        Tool(
            name="documents.propose",
            effect="send" if proposals.is_remote else "write",
            description="Commit files on a branch, for their owners to look at: in a clone, or as a pull request.",
            args=ProposeArgs,
            result=Proposed,
            run=propose,
            environment=proposals.environment,
            timeout_s=_TIMEOUT_S,
            resource=lambda args: args.branch,
            reconcile=reconcile,
            preview=preview,
            asked_by=("propose",),
        ),
    )


def _lines(text: str | None) -> str | None:
    return None if text is None else f"{len(text.splitlines())} lines, {len(text.encode())} bytes"
