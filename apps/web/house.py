"""What every page is made from: the installation, its people and who of them may see what."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import cached_property
from importlib.resources import files

from ...policies.environments import Environments
from ...policies.people.roles import ConfiguredRoles, Directory, HeldRoles, Person, RoleBook, RoleSource
from ...policies.people.tokens import TokenRoles
from ...policies.runs import MIGRATIONS as RUNS
from ..installation import Installation
from ..keeping.reports import KeptReports
from ..own_metrics import OwnMetrics
from ..people.roles import schedules
from ..reports.html import report_style
from .asked import Viewer
from .oidc import Issuer
from .records import OURS, Attempts, Session, WebRecords
from .verifier import Verifier

Answered = Callable[[str], None]
"""Told the id of a run when a person has answered a question of it."""


class House:
    """One installation, as the web view sees it.

    Args:
        installation: whose pages these are.
        on_answered: makes a run go on; without it a person is told the command.
    """

    def __init__(self, installation: Installation, on_answered: Answered | None = None) -> None:
        self.installation = installation
        self.settings = installation.settings.web
        self.on_answered = on_answered
        self.reports = KeptReports(installation.database)
        installation.database.migrate("runs", RUNS)
        self.records = WebRecords(
            installation.database,
            installation.ledger,
            installation.clock,
            session_s=self.settings.session_s,
            idle_s=self.settings.idle_s,
        )
        self.verifier = Verifier()
        self.own_metrics = OwnMetrics(installation)
        self.attempts = Attempts(installation.clock.monotonic)
        people = installation.settings.people
        self.directory = Directory({name: person.known_as for name, person in people.items()})
        self._roles: list[RoleSource] = [
            ConfiguredRoles({name: person.roles for name, person in people.items()}),
            *schedules(installation),
        ]
        self._form_key = installation.keys.secret("web-forms")

    @cached_property
    def style(self) -> bytes:
        """The one style sheet: that of reports, and what pages add to it."""
        own = files(__name__.rpartition(".")[0]).joinpath("static", "web.css").read_text(encoding="utf-8")
        return f"{report_style()}\n{own}".encode()

    @cached_property
    def style_tag(self) -> str:
        """Changes when the style sheet does, so that browsers may keep it."""
        return hashlib.sha256(self.style).hexdigest()[:16]

    @cached_property
    def issuer(self) -> Issuer | None:
        """Where people can sign in instead of with a token; `None` unless an issuer and our address are named."""
        oidc = self.installation.settings.identity.oidc
        if oidc.issuer is None or self.settings.address is None:
            return None
        return Issuer(self.installation, self.directory)

    @cached_property
    def environments(self) -> Environments:
        """The environments that are declared."""
        return Environments(self.installation.settings.gate.environments)

    def person_of(self, session: Session) -> Person | None:
        """Whose a session is, if they are still listed."""
        listed = self.installation.settings.people.get(session.person)
        if listed is None:
            return None
        return Person(session.person, frozenset(listed.known_as), session.identified_by)

    def viewer_of(self, cookie: str) -> Viewer | None:
        """Who a browser belongs to; `None` for nobody we know now."""
        session = self.records.session_of(cookie) if cookie else None
        person = self.person_of(session) if session is not None else None
        if session is None or person is None:
            return None
        form_key = hmac.new(self._form_key, cookie.encode("utf-8", "replace"), "sha256").hexdigest()
        return Viewer(person, session, self._teams(person, session), form_key)

    def held_by(self, session: Session, person: Person) -> HeldRoles:
        """The roles that somebody holds now; those that an issuer gave count only as long as its tokens do."""
        given = self._given(session, person)
        return RoleBook([*self._roles, *given]).held_by(person)

    def _given(self, session: Session, person: Person) -> list[RoleSource]:
        oidc = self.installation.settings.identity.oidc
        age = (self.installation.clock.now() - session.began_at).total_seconds()
        if session.identified_by == OURS or oidc.issuer is None or age > oidc.max_age_s:
            return []
        return [TokenRoles(oidc.issuer, person, session.roles)]

    def _teams(self, person: Person, session: Session) -> tuple[str, ...] | None:
        listed = self.installation.settings.people[person.name]
        # Schedules are asked when somebody answers, not for every page.
        sources = [ConfiguredRoles({person.name: listed.roles}), *self._given(session, person)]
        if RoleBook(sources).held_by(person).roles & self.settings.all_teams:
            return None
        return listed.teams or (self.installation.settings.team,)
