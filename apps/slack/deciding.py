"""A pressed button becomes an answer: by a person whom we know, to a question of ours, once, and explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...core.errors import CallDenied, ConfigError, InputError
from ...policies.approvals import Answer, Approval
from ...policies.people.roles import ConfiguredRoles, Directory, HeldRoles, Person, RoleBook
from ..installation import Installation
from ..people.roles import schedules
from .approval_message import APPROVE, DENY, outcome_of
from .telling import SlackParts
from .words import Language, say

_ANSWERS: dict[str, Answer] = {APPROVE: "approve", DENY: "deny"}


@dataclass(frozen=True)
class Press:
    """A pressed button, as Slack tells of it.

    Args:
        user: id of whoever pressed.
        channel: where.
        ts: of the message with the button.
        action: which button.
        value: the opaque id that we gave the button.
    """

    user: str
    channel: str
    ts: str
    action: str
    value: str


def person_of(installation: Installation, user: str) -> tuple[Person, HeldRoles] | None:
    """The person that a Slack id means, with the roles held now; `None` if nobody under `people` has it.

    Raises:
        ConfigError: `people` or a schedule cannot be used.
    """
    people = installation.settings.people
    directory = Directory({name: person.known_as for name, person in people.items()})
    try:
        person = directory.known(user, f"slack:{installation.settings.slack.workspace}")
    except InputError:
        return None
    listed = ConfiguredRoles({name: each.roles for name, each in people.items()})
    return person, RoleBook([listed, *schedules(installation)]).held_by(person)


def decide(installation: Installation, parts: SlackParts, press: Press, language: Language) -> str:
    """Answer a question, or say why not; what to tell whoever pressed.

    Nothing that the button carries is believed: it names a question, and the message has to be the one in which we
    asked it. Being called again with the same press changes nothing.

    Raises:
        BackendError: Slack does not say who that is, or does not take the outcome; calling again is safe.
        LedgerError: it could not be recorded, and nothing has changed.
    """
    problem = parts.access.of_channel(press.channel, fresh=True) or parts.access.of_person(press.user, fresh=True)
    if problem:
        return say(language, problem)
    post = parts.posts.at(press.channel, press.ts)
    if post is None or post.slot != f"approval/{press.value}" or press.action not in _ANSWERS:
        return say(language, "forged")
    try:
        approval = installation.approvals.get(press.value)
    except InputError:
        return say(language, "forged")
    try:
        said = _answered(installation, parts, approval, press, language)
    finally:
        parts.show_approval(approval.id, press.channel, post.thread_ts, language)
    return said


def _answered(
    installation: Installation, parts: SlackParts, approval: Approval, press: Press, language: Language
) -> str:
    answer = _ANSWERS[press.action]
    try:
        known = person_of(installation, press.user)
    except ConfigError as error:
        return say(language, "did_not_work", why=error.message)
    if known is None:
        return say(language, "nobody")
    person, held = known
    if approval.state != "pending" or approval.has_expired(installation.clock.now()):
        return _too_late(approval, person.principal, answer, language, parts)
    if answer == "approve" and not parts.messages.is_enough(approval):
        return f"{say(language, 'not_by_button')} {parts.messages.where(approval)}"
    try:
        now = installation.approvals.answer(
            approval.id,
            answer,
            approver=person.principal,
            roles=held.roles,
            note="",
            established=held.as_recorded(person),
        )
    except CallDenied as error:
        named = {"approval-role": "no_role", "approval-two-person": "two_person"}.get(error.code)
        if named is None:
            # Somebody was faster by less than we could see.
            return _too_late(installation.approvals.get(approval.id), person.principal, answer, language, parts)
        return say(language, named, roles=", ".join(approval.roles))
    except InputError:
        return _too_late(installation.approvals.get(approval.id), person.principal, answer, language, parts)
    if now.state == "pending":
        return say(language, "is_partly", by=person.principal, roles=", ".join(now.missing_roles))
    return outcome_of(now, language, installation.clock.now())


def _too_late(approval: Approval, who: str, answer: Answer, language: Language, parts: SlackParts) -> str:
    """Why an answer changes nothing."""
    mine: tuple[Literal["approved", "denied", "consumed"], ...] = (
        ("approved", "consumed") if answer == "approve" else ("denied",)
    )
    if approval.approver == who and approval.state in mine:
        return say(language, "told_once")
    if any(grant.approver == who for grant in approval.grants):
        return say(language, "told_once")
    outcome = outcome_of(approval, language, parts.clock.now())
    if approval.state == "expired" or (approval.state == "pending" and outcome):
        return say(language, "too_late")
    if approval.approver:
        return say(language, "somebody_else", by=approval.approver, state=outcome)
    return say(language, "not_waiting", state=outcome or approval.state)
