"""Signing in and out: with a token of ours, or with the issuer of identity tokens; and again, for one call."""

from __future__ import annotations

import hmac
import re

from ...core.errors import InputError
from ..reports.markup import Markup, element
from .asked import FLOW_COOKIE, SESSION_COOKIE, Asked, Reply, cookie
from .layout import command, page, told
from .oidc import Issuer, Proved
from .records import OURS, Flow

_FLOW_S = 600
_ID = re.compile(r"[A-Za-z0-9_]{1,64}")
_OURS = re.compile(r"/[A-Za-z0-9][A-Za-z0-9_.~%?=&+/-]{0,500}")
"""Where a form may lead on to: a path of ours, which no browser takes for an address elsewhere."""


def show(asked: Asked, problem: str = "", status: int = 200) -> Reply:
    """The form to sign in."""
    if asked.viewer is not None and not problem:
        return Reply(status=303, to=asked.url("runs"))
    issuer = asked.house.issuer
    here, approval_id = asked.form.get("then", "" if asked.path == "/sign-in" else asked.here), ""
    if here.startswith("/approvals/"):
        approval_id = here.removeprefix("/approvals/")
    way = asked.url("oidc", "start", approval=approval_id if _ID.fullmatch(approval_id) else "")
    return page(
        asked,
        "Sign in",
        element("p", problem, class_="notice bad", role="alert", id="problem") if problem else None,
        element(
            "p",
            element("a", f"Sign in with {issuer.name}", class_="button", href=way),
            class_="act",
        )
        if issuer is not None
        else None,
        element(
            "form",
            element(
                "label",
                element("span", "Token"),
                element(
                    "input",
                    type="password",
                    name="token",
                    autocomplete="current-password",
                    required=True,
                    maxlength=200,
                    aria_describedby="problem token-help" if problem else "token-help",
                ),
            ),
            element("input", type="hidden", name="then", value=here) if here else None,
            element("button", "Sign in", type="submit"),
            element("p", "Whoever runs this installation makes one: ", _command(), class_="lead", id="token-help"),
            method="post",
            action=asked.url("sign-in"),
            class_="stack",
        ),
        status=status,
    )


def with_token(asked: Asked) -> Reply:
    """Sign in with a token."""
    who = token_owner(asked)
    if isinstance(who, Reply):
        return who
    person, made_by = who
    made = cookie(SESSION_COOKIE, asked.house.records.sign_in(person, OURS, made_by))
    then = asked.form.get("then", "")
    to = f"{asked.base}{then}" if _OURS.fullmatch(then) else asked.url("runs")
    return Reply(status=303, to=to, cookies=(made,))


def token_owner(asked: Asked) -> tuple[str, str] | Reply:
    """Whose the token in the form is and who made it, or the page that says why nobody's."""
    attempts = asked.house.attempts
    if attempts.are_too_many(asked.address):
        minutes = round(attempts.window_s / 60)
        reply = show(asked, f"Too many tokens were tried from here. Wait {minutes} minutes.", 429)
        return Reply(reply.body, 429, headers={"retry-after": str(round(attempts.window_s))})
    found = asked.house.records.owner_of(asked.form.get("token", "").strip())
    if found is None or found[0] not in asked.house.installation.settings.people:
        attempts.failed(asked.address)
        return show(asked, "That token is not known, or its time is over.", 403)
    return found


def out(asked: Asked) -> Reply:
    """Sign out."""
    asked.house.records.sign_out(asked.who.session.key)
    return Reply(status=303, to=asked.url("sign-in"), cookies=(cookie(SESSION_COOKIE, "", lasts_s=0),))


def to_issuer(asked: Asked) -> Reply:
    """On the way to the issuer; for one call where the query names its approval."""
    issuer, approval_id = asked.house.issuer, asked.query.get("approval", "")
    if issuer is None:
        return told(asked, 404, "Sign in", "No issuer is set up here.", "Sign in with a token.")
    is_fresh = asked.viewer is not None and bool(approval_id)
    if is_fresh and not asked.who.sees(asked.house.installation.approvals.get(approval_id).team):
        return told(asked, 404, "Sign in", "There is no such approval.")
    key = asked.who.session.key if is_fresh else ""
    state = asked.house.records.begin_flow(key, approval_id if _ID.fullmatch(approval_id) else "")
    # Lax: the browser comes back from another site, and has to bring it along.
    held = cookie(FLOW_COOKIE, state, strict=False, lasts_s=_FLOW_S)
    return Reply(status=303, to=issuer.way_there(state, is_fresh=is_fresh), cookies=(held,))


def from_issuer(asked: Asked) -> Reply:
    """Back from the issuer."""
    issuer, state = asked.house.issuer, asked.query.get("state", "")
    brought = asked.cookies.get(FLOW_COOKIE, "")
    is_same = hmac.compare_digest(state.encode("utf-8", "replace"), brought.encode("utf-8", "replace"))
    flow = asked.house.records.end_flow(state) if state and is_same else None
    if issuer is None or flow is None:
        return told(asked, 403, "Sign in", "This is no answer to a sign-in of this browser.", "Sign in again.")
    if not asked.query.get("code"):
        return told(asked, 403, "Sign in", "The issuer did not sign you in.", "Sign in again, or ask who runs it.")
    proved = issuer.proved(state, asked.query["code"], asked.query.get("iss", ""), asked.now)
    if flow.session:
        return _made_fresh(asked, issuer, flow, proved)
    made = asked.house.records.sign_in(proved.person.name, issuer.identified_by, "", proved.roles)
    to = asked.url("approvals", flow.approval_id) if flow.approval_id else asked.url("runs")
    cookies = (cookie(SESSION_COOKIE, made), cookie(FLOW_COOKIE, "", strict=False, lasts_s=0))
    return onward(asked, to, cookies)


def _made_fresh(asked: Asked, issuer: Issuer, flow: Flow, proved: Proved) -> Reply:
    records = asked.house.records
    session = records.session(flow.session)
    if session is None or session.person != proved.person.name:
        return told(asked, 403, "Sign in", "Somebody else signed in than who wanted to approve.", "Sign in again.")
    if not issuer.is_fresh(proved, flow.began_at):
        return told(
            asked,
            403,
            "Sign in",
            "The issuer does not say that you have just proved who you are.",
            "It must send `auth_time` when it is asked with `max_age`.",
        )
    records.make_fresh(session, flow.approval_id, proved.roles)
    return onward(asked, asked.url("approvals", flow.approval_id))


def onward(asked: Asked, to: str, cookies: tuple[str, ...] = ()) -> Reply:
    """A page that leads on: browsers send a strict cookie only to where one of our own pages leads."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="refresh", content=f"0;url={to}"),
        element("title", "opswarden"),
        element("link", rel="stylesheet", href=asked.url("static", "style.css", v=asked.house.style_tag)),
    )
    body = element("body", element("main", element("a", "Go on", href=to), class_="view"))
    return Reply(f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n", cookies=cookies)


def _command() -> Markup:
    return command("opswarden web token NAME")


def check_key(asked: Asked) -> None:
    """Refuse a form that does not stand on a page which this person was shown.

    Raises:
        InputError: it does not.
    """
    if not asked.has_key():
        raise InputError("this form is of an earlier sign-in, or not ours", remedy="go back, reload and send it again")
