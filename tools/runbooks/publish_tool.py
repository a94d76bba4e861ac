"""`runbooks.publish`: a page becomes a file among the runbooks, or waits on a branch for its owners."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from ..preview import Change, Preview
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from .backends.places import PagePlace
from .publish_types import PublishArgs, Published

_TIMEOUT_S = 60.0
_MOST_SHOWN = 40


def runbook_publish_tool(place: PagePlace, *, two_person: bool = False) -> AnyTool:
    """The tool over the place where runbooks are kept.

    Args:
        place: where pages go.
        two_person: whether somebody else than whoever publishes has to approve.
    """
    asks = "push a branch and open a pull request to " if place.is_remote else ""

    def scope(args: PublishArgs) -> Scope:
        return Scope(environment=place.environment, filters={"name": args.name})

    def publish(args: PublishArgs, context: ToolContext) -> Output[Published]:
        made = place.publish(args.name, args.text, args.title, context.idempotency_key, context.deadline)
        return Output("ok", scope(args), made)

    def reconcile(args: PublishArgs, context: ToolContext) -> Output[Published] | None:
        made = place.published(args.name, args.text, context.idempotency_key, context.deadline)
        return None if made is None else Output("ok", scope(args), made)

    def preview(args: PublishArgs, context: ToolContext) -> Preview:
        before = place.before(args.name, context.deadline)
        changes = [*differences(before, args.text)]
        left_out = len(changes) - _MOST_SHOWN
        return Preview(
            what=f"{asks}{'write a new page' if before is None else 'replace the page in force'}: {args.name}",
            where=place.place,
            changes=tuple(changes[:_MOST_SHOWN]),
            warnings=(f"{left_out} passages more differ",) if left_out > 0 else (),
        )

    return Tool(
        name="runbooks.publish",
        effect="send" if place.is_remote else "write",
        description="Put a reviewed runbook among the runbooks: as a file, on a branch, or by a pull request.",
        args=PublishArgs,
        result=Published,
        run=publish,
        environment=place.environment,
        timeout_s=_TIMEOUT_S,
        resource=lambda args: args.name,
        reconcile=reconcile,
        preview=preview,
        asked_by=("publish", "publicar"),
        # A person publishes what they have gone through; an agent drafts.
        is_offered=False,
        two_person=two_person,
    )


def differences(before: str | None, after: str) -> Iterator[Change]:
    """Every passage that differs, with the line at which it begins; a new page is one passage."""
    if before is None:
        yield Change("the whole page", None, after)
        return
    old, new = before.splitlines(), after.splitlines()
    for word, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
        if word != "equal":
            gone, come = "\n".join(old[old_from:old_to]), "\n".join(new[new_from:new_to])
            yield Change(f"line {old_from + 1}", gone or None, come or None)
