"""A question to people on a terminal: everything in it is inert, and nothing is left out without a word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...policies.approval_view import view
from ...policies.cautions import visible
from ...policies.escalation_steps import next_notice

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    from ...policies.approvals import Approval
    from ...policies.escalation_steps import EscalationStep

_SHORT = 600
_TRUST = {"untrusted": "untrusted", "trusted": "trusted", "endorsed": "endorsed", "plain": ""}


def as_json(item: Approval, endorsed: frozenset[str] = frozenset()) -> dict[str, object]:
    """The record and its parts, for machines."""
    return {
        "id": item.id,
        "run_id": item.run_id,
        "call_id": item.call_id,
        "action": item.action,
        **view(item, endorsed),
        "code": item.code,
        "reason": item.reason,
        "preview": item.preview,
        "roles": list(item.roles),
        "needs_every_role": item.needs_every_role,
        "two_person": item.two_person,
        "requester": item.requester,
        "state": item.state,
        "requested_at": item.requested_at,
        "expires_at": item.expires_at,
        "approver": item.approver,
        "note": item.note,
        "answered_at": item.answered_at,
        "grants": [
            {"approver": each.approver, "roles": sorted(each.roles), "note": each.note, "at": each.at}
            for each in item.grants
        ],
        "missing_roles": list(item.missing_roles) if item.needs_every_role and item.state == "pending" else [],
    }


def page(
    item: Approval, now: datetime, *, whole: bool, endorsed: frozenset[str] = frozenset()
) -> Iterator[RenderableType]:
    """The parts of the page, top to bottom.

    Args:
        item: the record.
        now: for ages.
        whole: show long values in full.
        endorsed: arguments whose values a person has endorsed since it was asked.
    """
    from rich.text import Text  # noqa: PLC0415 - `--help` loads none of this

    seen: dict[str, Any] = view(item, endorsed)
    yield Text(inert(seen["what"], whole=whole), style="bold")
    yield Text("")
    yield _facts(item, seen, now)
    for warning in seen["warnings"]:
        yield Text.assemble(("! ", "bold yellow"), (inert(warning, whole=whole), "yellow"))
    if seen["changes"]:
        yield Text("\nWould change", style="bold")
        yield _changes(seen["changes"], whole=whole)
    if seen["arguments"]:
        yield Text("\nArguments" if item.verb == "call" else "\nMessage", style="bold")
        yield _arguments(seen["arguments"], whole=whole)
    if seen["evidence"]:
        yield Text(f"\nEvidence: ledger {', '.join(map(str, seen['evidence']))} (opswarden audit show SEQ)")
    if seen["placeholders"]:
        yield Text("\nHidden values, each shown to who may see it, on the record:", style="bold")
        for placeholder in seen["placeholders"]:
            yield Text(f"  opswarden reveal {item.run_id} '{inert(placeholder)}' --reason WHY")


def next_steps(item: Approval, endorsed: frozenset[str] = frozenset()) -> list[str]:
    """What whoever reads the page can do, one command a line."""
    if item.state != "pending":
        return []
    doubted = [row["name"] for row in arguments_of(item, endorsed) if row["trust"] == "untrusted"]
    return [
        f"opswarden approvals approve {item.id}",
        f"opswarden approvals deny {item.id} --reason WHY",
        *(f"opswarden approvals endorse {item.id} --argument {inert(name)}" for name in doubted[:1]),
    ]


def arguments_of(item: Approval, endorsed: frozenset[str]) -> list[dict[str, Any]]:
    """The rows of `view` for its arguments."""
    rows: Any = view(item, endorsed)["arguments"]
    return list(rows)


def inert(text: str, *, whole: bool = True) -> str:
    """One line in which nothing is obeyed by a terminal; the middle of a long one is counted unless all is wanted."""
    line = visible(text)
    if whole or len(line) <= _SHORT:
        return line
    half = _SHORT // 2
    return f"{line[:half]} [… {len(line) - 2 * half} characters not shown, see --full …] {line[-half:]}"


def due_text(item: Approval, steps: Sequence[EscalationStep], told: frozenset[str], now: datetime) -> str:
    """When further people will be told of a question, and who."""
    found = next_notice(item, steps, told) if item.state == "pending" and not item.has_expired(now) else None
    if found is None:
        return "–"
    due, step = found
    when = f"in {ago(due, now)}" if due > now else "due now"
    return f"{when}: {inert(', '.join(step.roles or step.audiences))}"


def ago(moment: datetime, now: datetime) -> str:
    """How long something lies back, or ahead: `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`."""
    minutes = int(abs(now - moment) / timedelta(minutes=1))
    if minutes < 1:
        return f"{abs(now - moment).seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def _facts(item: Approval, seen: dict[str, Any], now: datetime) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - the same

    left = f"expires in {ago(item.expires_at, now)}" if now < item.expires_at else "has expired"
    is_open = item.state == "pending"
    rows = {
        "approval": f"{item.id}, {item.state}",
        "action": f"{item.action} ({seen['effect'] or 'call'})",
        "where": f"{seen['where']}; environment {seen['environment']}",
        "on what": seen["resource"],
        "team": f"{item.team}; stage {seen['stage'] or '?'}",
        "asked by": f"agent {seen['role'] or '?'} for {item.requester}, run {item.run_id}",
        "asked": f"{ago(item.requested_at, now)} ago" + (f", {left}" if is_open else ""),
        "because": f"{item.reason} ({item.code})",
        "who may": _who(item),
        "agreed": ", ".join(f"{each.approver} as {' and '.join(sorted(each.roles))}" for each in item.grants),
        "answer": f"{item.approver}: {item.note or 'no word'}" if item.approver else "",
    }
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows.items():
        if value:
            table.add_row(name, Text(inert(value)))
    return table


def _who(item: Approval) -> str:
    who = (" and " if item.needs_every_role else " or ").join(item.roles)
    if item.state == "pending" and item.grants:
        who += f"; still needed: {' and '.join(item.missing_roles)}"
    return f"{who}; not {item.requester}" if item.two_person else who


_SOURCES = {
    "request": "the request",
    "lookup": "a lookup that follows from the request",
    "harmless": "harmless",
    "draft": "the agent, for a draft",
    "known": "the system, chosen by the agent",
    "outside": "text that outsiders can write",
    "unknown": "nobody knows where",
}
"""Where a value comes from, in words; see `policies.provenance`."""


def _changes(changes: list[dict[str, Any]], *, whole: bool) -> RenderableType:
    table, text = _table("what", "from", "to")
    for change in changes:
        table.add_row(*(text(inert(_value(change.get(name)), whole=whole)) for name in ("field", "before", "after")))
    return table


def _arguments(arguments: list[dict[str, Any]], *, whole: bool) -> RenderableType:
    has_origins = any(row["origins"] or row["via"] or row["sources"] for row in arguments)
    table, text = _table("name", "value", "trust", *(("from",) if has_origins else ()))
    for row in arguments:
        cells = [text(inert(row["name"])), text(inert(_value(row["value"]), whole=whole)), text(_TRUST[row["trust"]])]
        if row["trust"] == "untrusted":
            cells[2].stylize("bold red")
        if has_origins:
            cells.append(text(inert(origins_text(row), whole=whole)))
        table.add_row(*cells)
    return table


def origins_text(row: dict[str, Any]) -> str:
    """Where the value of an argument comes from, in words."""
    places = [
        " ".join(filter(None, (each.get("tool"), each.get("field"), f"(ledger {each.get('seq', '?')})")))
        for each in row["origins"]
    ]
    sources = [_SOURCES.get(source, str(source)) for source in row["sources"]]
    ways = [str(row["via"])] if row["via"] else []
    return ", ".join([*sources, *places, *ways]) or "–"


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(*names: str) -> tuple[Table, type[Text]]:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, overflow="fold")
    return table, Text
