"""A question to people in Slack: exactly what would happen, and a button only where a button is enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ...core.errors import RedactionError
from ...policies.approval_view import view
from ...policies.approvals import Approval
from ...policies.environments import Environments
from ...policies.stage_steps import STAGE_ACTION
from ..reports.cleaning import clean
from .phrases import in_language
from .settings import SlackSettings
from .texts import Block, Button, Line, Message, Words, buttons, header, message, paragraph
from .words import Language, say

APPROVE, DENY, OPEN = "approval.approve", "approval.deny", "approval.open"
_LONGEST_SHOWN = 500
_MOST_ARGUMENTS = 20


class ApprovalMessages:
    """Words questions for a channel.

    Args:
        settings: say what a button is enough for.
        environments: say which of them is production.
        scrub: cleans every value once more for people in Slack.
    """

    def __init__(self, settings: SlackSettings, environments: Environments, scrub: Callable[[str], str]) -> None:
        self._settings = settings
        self._environments = environments
        self._scrub = scrub

    def message(self, approval: Approval, language: Language, now: datetime) -> Message:
        """The question as it stands: with buttons while it waits, with its outcome afterwards."""
        seen: dict[str, Any] = view(approval)
        last: list[Block] = []
        outcome = outcome_of(approval, language, now)
        if outcome:
            last.append(paragraph([[Words(outcome, "bold")]]))
        else:
            if not self.is_enough(approval):
                last.append(
                    paragraph([[Words(say(language, "not_by_button") + " "), Words(self.where(approval), "code")]])
                )
            last.append(buttons("approval", self._buttons(approval, language)))
        what = in_language(self._clean(seen["what"]), language)
        return message(f"{say(language, 'asks')}: {what}", self._blocks(approval, seen, language), last)

    def is_enough(self, approval: Approval) -> bool:
        """Whether a button may approve it: no write or send in production but what `low_risk` lists, all of it shown.

        An environment that nobody has declared counts as production.
        """
        seen: dict[str, Any] = view(approval)
        if approval.action == STAGE_ACTION or approval.two_person or not self._is_whole(seen):
            return False
        kind = self._environments.kind_of(approval.environment)
        if seen["effect"] == "read" or (approval.verb == "call" and kind in ("development", "staging")):
            return True
        return approval.verb == "call" and approval.action in self._settings.low_risk

    def _is_whole(self, seen: Mapping[str, Any]) -> bool:
        """Whether people can see every value in full: nothing cut, nothing withheld, no doubt about an argument."""
        rows = seen["arguments"]
        if len(rows) > _MOST_ARGUMENTS or any(row["trust"] == "untrusted" for row in rows):
            return False
        texts = [str(row["value"]) for row in rows]
        texts += [str(change.get(name)) for change in seen["changes"] for name in ("field", "before", "after")]
        if len(seen["changes"]) > _MOST_ARGUMENTS or sum(map(len, texts)) > 2_000:
            return False
        return all(len(text) <= _LONGEST_SHOWN and self._clean(text) == text == clean(text) for text in texts if text)

    def _buttons(self, approval: Approval, language: Language) -> list[Button]:
        found = [Button(DENY, say(language, "deny"), approval.id, "danger")]
        if self.is_enough(approval):
            found.insert(0, Button(APPROVE, say(language, "approve"), approval.id, "primary"))
        elif self._settings.approvals_url:
            found.insert(0, Button(OPEN, say(language, "open_page"), approval.id, "primary", self.where(approval)))
        return found

    def where(self, approval: Approval) -> str:
        """Where it is approved with a fresh login."""
        base = self._settings.approvals_url
        return f"{base.rstrip('/')}/{approval.id}" if base else f"opswarden approvals approve {approval.id}"

    def _blocks(self, approval: Approval, seen: dict[str, Any], language: Language) -> list[Block]:
        blocks = [header(f"{say(language, 'asks')}: {in_language(self._clean(seen['what']), language)}")]
        who = (" + " if approval.needs_every_role else " / ").join(approval.roles)
        agreed = ", ".join(each.approver for each in approval.grants)
        facts = [
            (say(language, "where"), _place(seen, approval, language)),
            (say(language, "because"), in_language(approval.reason, language)),
            (say(language, "who_may"), f"{who}{f' (≠ {approval.requester})' if approval.two_person else ''}"),
            (say(language, "expires"), f"{approval.expires_at:%Y-%m-%d %H:%M} UTC"),
        ]
        lines: list[Line] = [[Words(f"{name}: ", "bold"), Words(self._clean(text))] for name, text in facts]
        if agreed and approval.state == "pending":
            lines.append(
                [Words(say(language, "is_partly", by=agreed, roles=", ".join(approval.missing_roles)), "bold")]
            )
        blocks.append(paragraph(lines))
        warnings: list[Line] = [
            [Words("! ", "bold"), Words(in_language(self._clean(text), language))] for text in seen["warnings"]
        ]
        if warnings:
            blocks.append(paragraph(warnings))
        if seen["arguments"]:
            blocks.append(paragraph([[Words(say(language, "arguments"), "bold")]]))
            rows = [
                [
                    Words(self._clean(str(row["name"])), "code"),
                    Words(" = "),
                    Words(self._clean(str(row["value"])) or '""', "code"),
                    Words(f" ({say(language, row['trust'])})" if row["trust"] in ("untrusted", "endorsed") else ""),
                ]
                for row in seen["arguments"][:_MOST_ARGUMENTS]
            ]
            blocks.append(paragraph(rows, bulleted=True))
        if seen["changes"]:
            blocks.append(paragraph([[Words(say(language, "would_change"), "bold")]]))
            changes = [
                [
                    Words(f"{in_language(self._clean(str(one.get('field'))), language)}: "),
                    Words(self._clean(str(one.get("before"))), "code"),
                    Words(" → "),
                    Words(self._clean(str(one.get("after"))), "code"),
                ]
                for one in seen["changes"][:_MOST_ARGUMENTS]
            ]
            blocks.append(paragraph(changes, bulleted=True))
        blocks.append(paragraph([[Words(f"{approval.id} · {approval.run_id}", "code")]]))
        return blocks

    def _clean(self, text: str) -> str:
        try:
            return self._scrub(text)
        except RedactionError:
            return "…"


def _place(seen: Mapping[str, Any], approval: Approval, language: Language) -> str:
    """Where it would happen; the environment is named once, however the tool words it."""
    where = in_language(str(seen["where"]), language)
    return where if approval.environment in where else f"{where} ({approval.environment})"


def outcome_of(approval: Approval, language: Language, now: datetime) -> str:
    """What became of a question, in words; empty while it waits."""
    by = approval.approver
    if approval.state == "expired" or (approval.state == "pending" and approval.has_expired(now)):
        return say(language, "is_expired")
    if approval.state == "pending":
        return ""
    named = {"approved": "is_approved", "denied": "is_denied", "consumed": "is_used", "void": "is_void"}
    return say(language, named[approval.state], by=by)
