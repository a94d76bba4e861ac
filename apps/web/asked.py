"""One request and what is answered to it, free of any framework, so that pages are plain functions."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from ...policies.people.roles import Person
from ..reports.markup import Markup, element
from .records import Session

if TYPE_CHECKING:
    from .house import House

SESSION_COOKIE = "__Host-opswarden"
FLOW_COOKIE = "__Host-opswarden-flow"


@dataclass(frozen=True)
class Viewer:
    """Whoever looks.

    Args:
        person: who they are.
        session: by which sign-in.
        teams: whose runs they see; `None` for those of every team.
        form_key: what a form of theirs carries, so that nobody else can send it.
    """

    person: Person
    session: Session
    teams: tuple[str, ...] | None
    form_key: str

    def sees(self, team: str) -> bool:
        """Whether what belongs to a team is shown."""
        return self.teams is None or team in self.teams


@dataclass(frozen=True)
class Asked:
    """A request.

    Args:
        house: what the pages are made from.
        viewer: who asks; `None` for nobody we know.
        path: below where the view is mounted.
        base: where that is, without a slash at its end.
        names: parts of the path.
        query: what stands behind the `?`; of several values the last.
        form: fields of a form.
        address: of the client's end of the connection.
        now: when it came.
    """

    house: House
    viewer: Viewer | None
    path: str
    base: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    cookies: Mapping[str, str]
    headers: Mapping[str, str]
    address: str
    now: datetime

    @property
    def who(self) -> Viewer:
        """Who asks, where only people whom we know are served."""
        assert self.viewer is not None  # noqa: S101 - the router lets nobody else through
        return self.viewer

    def url(self, *parts: str, **query: str | int | None) -> str:
        """An address of ours: `url("runs", run_id, page=2)`."""
        given = {name: str(value) for name, value in query.items() if value not in (None, "")}
        path = f"{self.base}/{'/'.join(quote(part, safe='') for part in parts)}"
        return f"{path}?{urlencode(given)}" if given else path

    @property
    def here(self) -> str:
        """What was asked for, below where the view is mounted; never an address elsewhere, whatever was asked."""
        path = quote(f"/{self.path.lstrip('/')}")
        return f"{path}?{urlencode(self.query)}" if self.query else path

    def key_field(self) -> Markup:
        """The hidden field without which no form of this person is taken."""
        return element("input", type="hidden", name="key", value=self.who.form_key)

    def has_key(self) -> bool:
        """Whether the form carries it."""
        shown = self.form.get("key", "").encode("utf-8", "replace")
        return self.viewer is not None and hmac.compare_digest(shown, self.viewer.form_key.encode())


@dataclass(frozen=True)
class Reply:
    """An answer.

    Args:
        body: HTML, unless `kind` says otherwise.
        to: where the browser is to go instead.
        cookies: lines of `Set-Cookie`.
    """

    body: str = ""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    to: str = ""
    cookies: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def cookie(name: str, value: str, *, strict: bool = True, lasts_s: int | None = None) -> str:
    """A line of `Set-Cookie` that scripts and other sites never see; `lasts_s` of 0 takes it back."""
    age = "" if lasts_s is None else f"; Max-Age={lasts_s}"
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite={'Strict' if strict else 'Lax'}{age}"
