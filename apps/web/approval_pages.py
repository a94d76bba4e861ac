"""Approvals: what waits, exactly what would happen, and the answer of a person who may give it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ...core.clock import to_iso
from ...core.errors import CallDenied, InputError, OpswardenError
from ...policies.approval_view import view
from ...policies.approvals import Approval
from ...policies.cautions import visible
from ...policies.stage_steps import STAGE_ACTION
from ..cli.approval_page import ago, origins_text
from ..reports.markup import Child, Markup, element, fragment
from .asked import Asked, Reply, Viewer
from .layout import command, facts, notice, page, since, table
from .records import OURS
from .sign_in import token_owner

_SAFE_KINDS = ("development", "staging")
_MOST_SHOWN = 200
_TRUST = {"untrusted": "untrusted", "trusted": "trusted", "endorsed": "endorsed", "plain": ""}
_WORDS = {
    "approved": "approved",
    "denied": "denied",
    "consumed": "approved and used",
    "void": "void",
    "expired": "expired",
}


def listed(asked: Asked) -> Reply:
    """What waits, oldest first; or everything."""
    everything = asked.query.get("all") == "yes"
    found = _seen(asked, asked.house.installation.approvals.records(state=None if everything else "pending"))
    if not everything:
        found = [item for item in found if not item.has_expired(asked.now)]
    if everything:
        found = found[::-1]
    left_out = max(0, len(found) - _MOST_SHOWN)
    rows = [
        (
            element("a", line(view(item)["what"]), href=asked.url("approvals", item.id)),
            line(item.environment),
            _who(item),
            state_of(item, asked.now),
            since(item.requested_at, asked.now),
            _left(item, asked.now),
        )
        for item in found[:_MOST_SHOWN]
    ]
    other = (
        element("a", "Only what waits", href=asked.url("approvals"))
        if everything
        else element("a", "Also what was answered or has expired", href=asked.url("approvals", all="yes"))
    )
    return page(
        asked,
        "Approvals",
        table("newest first" if everything else "what waits longest first", _HEADS, rows, "approvals")
        if rows
        else element("p", "Nothing waits for an answer.", class_="empty"),
        element("p", f"{left_out} more are not shown.", class_="lead") if left_out else None,
        element("p", other, class_="more"),
        again_s=0,
    )


_HEADS = ("what", "environment", "who may", "state", "asked", "expires")


def one(asked: Asked) -> Reply:
    """One question."""
    return _shown(asked, _item(asked))


def answered(asked: Asked) -> Reply:
    """Approve or deny: one outcome, whoever presses how often."""
    item, word = _item(asked), asked.form.get("answer", "")
    if word not in ("approve", "deny"):
        raise InputError("the form says neither approve nor deny", remedy="go back and press one of the two")
    note = asked.form.get("note", "")[:2_000].strip()
    if item.state != "pending" or item.has_expired(asked.now):
        return _shown(asked, item, _too_late(item, asked), status=409)
    proof: Mapping[str, str] = {}
    if word == "approve" and needs_fresh(asked, item):
        fresh = _fresh(asked, item)
        if isinstance(fresh, Reply):
            return fresh
        proof = {"fresh_sign_in_at": fresh}
    try:
        done = _answer(asked, item, word, note, proof)
    except (CallDenied, InputError) as error:
        now = asked.house.installation.approvals.get(item.id)
        if now.state != "pending":  # somebody else was faster, between our look and our answer
            return _shown(asked, now, _too_late(now, asked), status=409)
        scrub = asked.house.installation.redaction.scrub
        problem = f"Nothing was changed: {scrub(error.message)}. {scrub(error.remedy)}".strip()
        return _shown(asked, now, problem, status=403 if isinstance(error, CallDenied) else 400)
    problem = _carried_on(asked, done)
    if problem:
        return _shown(asked, done, problem, status=200)
    return Reply(status=303, to=asked.url("approvals", item.id))


def _answer(asked: Asked, item: Approval, word: str, note: str, proof: Mapping[str, str]) -> Approval:
    who, house = asked.who, asked.house
    if word == "approve" and item.two_person and who.session.vouched_by == item.requester:
        raise CallDenied(
            "your token was made by whoever started the run, who would be both people of this answer",
            code="approval-two-person",
            remedy="sign in with a token that somebody else made, or with the issuer",
        )
    held = house.held_by(who.session, who.person)
    return house.installation.approvals.answer(
        item.id,
        "approve" if word == "approve" else "deny",
        approver=who.person.principal,
        roles=held.roles,
        note=note,
        established={
            **held.as_recorded(who.person),
            "surface": "web",
            "signed_in_at": to_iso(who.session.began_at),
            **({"token_made_by": who.session.vouched_by} if who.session.vouched_by else {}),
            **proof,
        },
    )


def needs_fresh(asked: Asked, item: Approval) -> bool:
    """Whether an approval takes a sign-in of its own: anything but a read where it is not known to be no production."""
    if item.verb != "call" or item.preview.get("effect") == "read":
        return item.action == STAGE_ACTION
    return asked.house.environments.kind_of(item.environment) not in _SAFE_KINDS


def _fresh(asked: Asked, item: Approval) -> str | Reply:
    """When this person proved who they are for this very call, or the page that asks them to."""
    who = asked.who
    if who.session.identified_by == OURS:
        if not asked.form.get("token"):
            return _shown(asked, item, "To approve this, enter your token again.", status=403)
        owner = token_owner(asked)
        if isinstance(owner, Reply):
            problem = "That token is not known, or too many were tried. Nothing was approved."
            return _shown(asked, item, problem, status=owner.status)
        if owner != (who.person.name, who.session.vouched_by):
            return _shown(asked, item, "That is not the token you signed in with. Nothing was approved.", status=403)
        return to_iso(asked.now)
    at = asked.house.records.fresh_at(who.session, item.id)
    if at is None or asked.now - at > timedelta(seconds=asked.house.settings.fresh_s):
        return _shown(asked, item, "To approve this, sign in again for it. Nothing was approved.", status=403)
    asked.house.records.use_fresh(who.session, item.id)
    return to_iso(at)


def _carried_on(asked: Asked, done: Approval) -> str:
    """Do what follows from an answer; why that did not go."""
    if done.state == "pending":
        return ""
    try:
        if done.action == STAGE_ACTION:
            if done.state == "approved":
                from ..stages import stage_steps  # noqa: PLC0415 - policies and tools, which few answers need

                stage_steps(asked.house.installation, done.environment).settle(done.id)
        elif asked.house.on_answered is not None:
            asked.house.on_answered(done.run_id)
    except OpswardenError as error:
        scrub = asked.house.installation.redaction.scrub
        return f"Your answer stands, but it could not be carried on: {scrub(error.message)}"
    return ""


def _item(asked: Asked) -> Approval:
    item = asked.house.installation.approvals.get(asked.names["approval_id"])
    if not asked.who.sees(item.team):
        # The same words as for an id that nobody has: what another team asks is nothing to know of.
        raise InputError("there is no approval of this id", remedy="the list shows those that you may see")
    return item


def _seen(asked: Asked, items: Iterable[Approval]) -> list[Approval]:
    return [item for item in items if asked.who.sees(item.team)]


def _shown(asked: Asked, item: Approval, problem: str = "", status: int = 200) -> Reply:
    endorsed = asked.house.installation.endorsements.of(item)
    seen: dict[str, Any] = view(item, endorsed)
    is_open = item.state == "pending" and not item.has_expired(asked.now)
    return page(
        asked,
        line(seen["what"]),
        element("p", line(f"{seen['where']}; environment "), element("strong", line(item.environment)), class_="lead"),
        element("p", problem, class_="notice bad", role="alert") if problem else None,
        _outcome(asked, item) if not is_open else None,
        *(element("p", line(text), class_="notice mind") for text in seen["warnings"]),
        _changes(seen["changes"]),
        _arguments(seen["arguments"], "Arguments" if item.verb == "call" else "Message"),
        _facts(asked, item, seen),
        _evidence(asked, seen["evidence"]),
        _hidden(item, seen["placeholders"]),
        _forms(asked, item) if is_open else None,
        status=status,
    )


def _outcome(asked: Asked, item: Approval) -> Markup:
    words = state_of(item, asked.now)
    by = f" by {item.approver}" if item.approver else ""
    at = f" at {item.answered_at:%Y-%m-%d %H:%M:%S} UTC" if item.answered_at else ""
    said = f": {item.note}" if item.note else ""
    onward: Child = None
    if item.state in ("approved", "denied") and item.action != STAGE_ACTION:
        by_hand = command(f"opswarden resume {item.run_id}")
        onward = element("p", "A run of the service goes on by itself; any other with ", by_hand, class_="lead")
    return fragment((notice(line(f"{words}{by}{at}{said}"), "good" if item.state != "expired" else "mind"), onward))


def _too_late(item: Approval, asked: Asked) -> str:
    """Why a press changed nothing."""
    if item.state == "expired" or (item.state == "pending" and item.has_expired(asked.now)):
        return "Too late: the time for an answer is over. Nothing was changed; let the run ask again."
    by = "You were" if item.approver == asked.who.person.principal else f"{item.approver or 'Somebody'} was"
    return f"{by} here before: this is {state_of(item, asked.now)} already. What you pressed changed nothing."


def state_of(item: Approval, now: datetime) -> str:
    """The state of a question in words."""
    if item.state == "pending":
        return "expired" if item.has_expired(now) else "partly agreed" if item.grants else "waiting"
    return _WORDS.get(item.state, item.state)


def _facts(asked: Asked, item: Approval, seen: Mapping[str, Any]) -> Markup:
    agreed = ", ".join(f"{each.approver} as {' and '.join(sorted(each.roles))}" for each in item.grants)
    return facts(
        (
            ("action", element("span", line(f"{item.action} ({seen['effect'] or 'call'})"), class_="name")),
            ("where", line(f"{seen['where']}; environment {seen['environment']}")),
            ("on what", line(seen["resource"])),
            ("team", line(f"{item.team}; stage {seen['stage'] or '?'}")),
            ("asked by", line(f"agent {seen['role'] or '?'} for {item.requester}")),
            ("run", element("a", item.run_id, href=asked.url("runs", item.run_id))),
            ("asked", since(item.requested_at, asked.now)),
            ("expires", _left(item, asked.now)),
            ("because", line(f"{item.reason} ({item.code})")),
            ("who may", _who(item)),
            ("agreed", line(agreed)),
        )
    )


def _who(item: Approval) -> str:
    who = (" and " if item.needs_every_role else " or ").join(item.roles)
    if item.state == "pending" and item.grants:
        who += f"; still needed: {' and '.join(item.missing_roles)}"
    return line(f"{who}; not {item.requester}" if item.two_person else who)


def _left(item: Approval, now: datetime) -> str:
    if item.state != "pending":
        return ""
    return f"in {ago(item.expires_at, now)}" if not item.has_expired(now) else f"{ago(item.expires_at, now)} ago"


def _changes(changes: list[dict[str, Any]]) -> Markup | None:
    if not changes:
        return None
    rows = [[line(_value(change.get(name))) for name in ("field", "before", "after")] for change in changes]
    return table("Would change", ("what", "from", "to"), rows, "changes")


def _arguments(arguments: list[dict[str, Any]], title: str) -> Markup | None:
    if not arguments:
        return None
    rows = [
        (
            element("span", line(row["name"]), class_="name"),
            element("span", line(_value(row["value"])), class_="name"),
            element("strong", "untrusted", class_="bad") if row["trust"] == "untrusted" else _TRUST[row["trust"]],
            line(origins_text(row)),
        )
        for row in arguments
    ]
    return table(title, ("name", "value", "trust", "from"), rows, "arguments-list")


def _evidence(asked: Asked, places: list[int]) -> Markup | None:
    if not places:
        return None
    links = [element("a", str(seq), href=asked.url("ledger", str(seq))) for seq in places]
    spaced = [part for link in links for part in (link, " ")]
    return element("p", "Evidence in the ledger: ", *spaced)


def _hidden(item: Approval, placeholders: list[str]) -> Markup | None:
    if not placeholders:
        return None
    commands = [
        element("li", command(f"opswarden reveal {item.run_id} '{line(each)}' --reason WHY")) for each in placeholders
    ]
    lead = element("p", "Hidden values, each shown on a terminal to who may see it, on the record:", class_="lead")
    return fragment((lead, element("ul", *commands, class_="plain")))


def _forms(asked: Asked, item: Approval) -> Markup:
    approve, is_fresh = _approve_part(asked, item, asked.who), needs_fresh(asked, item)
    lead = (
        "Approving this takes a sign-in of its own, for this call and no other."
        if is_fresh
        else "Approving allows exactly this call, once."
    )
    return element(
        "section",
        element("h2", "Your answer", id="answer"),
        element("p", lead, " Denying never does." if is_fresh else None, class_="lead"),
        element(
            "div", approve, _form(asked, item, "deny", "Deny", "Reason, for the agent and the ledger"), class_="answers"
        ),
        aria_labelledby="answer",
    )


def _approve_part(asked: Asked, item: Approval, who: Viewer) -> Markup:
    label = "Why, for the ledger"
    if not needs_fresh(asked, item):
        return _form(asked, item, "approve", "Approve", label)
    if who.session.identified_by == OURS:
        field = element(
            "label",
            element("span", "Your token, again"),
            element(
                "input", type="password", name="token", required=True, maxlength=200, autocomplete="current-password"
            ),
        )
        return _form(asked, item, "approve", "Approve", label, field)
    at = asked.house.records.fresh_at(who.session, item.id)
    if at is not None and asked.now - at <= timedelta(seconds=asked.house.settings.fresh_s):
        return _form(asked, item, "approve", "Approve", label)
    way = asked.url("oidc", "start", approval=item.id)
    return element("p", element("a", "Sign in again to approve", class_="button", href=way), class_="answer")


def _form(asked: Asked, item: Approval, answer: str, button: str, label: str, *more: Child) -> Markup:
    return element(
        "form",
        asked.key_field(),
        element("input", type="hidden", name="answer", value=answer),
        element("label", element("span", label), element("textarea", "", name="note", rows=2, maxlength=2_000)),
        *more,
        element("button", button, type="submit", class_=answer),
        method="post",
        action=asked.url("approvals", item.id),
        class_="stack answer",
    )


def line(text: object) -> str:
    """One line in which every character that nobody sees is written out."""
    return visible(str(text))


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
