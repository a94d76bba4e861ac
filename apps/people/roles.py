"""Who answers on this machine, and with which roles: resolved at the moment, and nobody's credential is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ...core.clock import Clock
from ...core.errors import ConfigError, InputError
from ...core.https import HttpService
from ...policies.people.roles import ConfiguredRoles, Directory, HeldRoles, Person, RoleBook, RoleSource
from ...policies.runs import RunRegister
from .. import installation as machine
from ..settings import OidcSettings, ScheduleSettings

if TYPE_CHECKING:
    from ...policies.people.key_set import KeySource
    from ..installation import Installation

_TOKEN_LIMIT_BYTES = 16_000


def who_answers(installation: Installation, token_file: Path | None) -> tuple[Person, HeldRoles]:
    """The person at the keyboard, or whom an identity token names, and the roles they hold now.

    Args:
        installation: whose settings name people, schedules and the issuer of tokens.
        token_file: a file with an identity token; without one the operating system says who it is.

    Raises:
        CallDenied: `token-refused`.
        InputError: the token cannot be read, or nobody is known by the name in it.
        ConfigError: the settings cannot be used, or name no issuer for the token.
        BackendError: the issuer does not answer.
    """
    settings = installation.settings
    directory = Directory({name: person.known_as for name, person in settings.people.items()})
    sources: list[RoleSource] = [
        ConfiguredRoles({name: person.roles for name, person in settings.people.items()}),
        *schedules(installation),
    ]
    if token_file is None:
        person = directory.named(machine.current_person())
    else:
        person, given = _named_by(installation, directory, token_file)
        sources.append(given)
    return person, RoleBook(sources).held_by(person)


def requester_roles(installation: Installation, run_id: str, on_behalf_of: str, ask: str) -> frozenset[str]:
    """The roles that whoever asks for a run holds now; looked up only where they asked for something in words.

    A schedule that does not answer gives nobody its role, and the run asks as if they did not hold it.
    """
    kind, _, name = on_behalf_of.partition(":")
    words = ask or RunRegister(installation.database, installation.clock).request_of(run_id)
    if kind != "person" or not words:
        return frozenset()
    settings = installation.settings
    directory = Directory({each: person.known_as for each, person in settings.people.items()})
    listed = ConfiguredRoles({each: person.roles for each, person in settings.people.items()})
    return RoleBook([listed, *schedules(installation)]).held_by(directory.named(name)).roles


def schedules(installation: Installation) -> list[RoleSource]:
    """The on-call schedules that the settings name.

    Raises:
        ConfigError: an address or an id cannot be used.
    """
    identity = installation.settings.identity
    return [_schedule(one, installation.clock, identity.cache_s) for one in identity.schedules]


def _schedule(settings: ScheduleSettings, clock: Clock, cache_s: float) -> RoleSource:
    from ...policies.people.oncall import (  # noqa: PLC0415 - where a schedule is configured
        OPSGENIE,
        PAGERDUTY,
        OnCallSchedule,
        opsgenie_asker,
        pagerduty_asker,
    )

    token = partial(token_in, settings.token_env)
    is_pagerduty = settings.system == "pagerduty"
    http = HttpService(
        "PagerDuty" if is_pagerduty else "Opsgenie",
        settings.endpoint or (PAGERDUTY if is_pagerduty else OPSGENIE),
        timeout_s=settings.timeout_s,
        ca_file=settings.ca_file,
        section="identity.schedules[]",
    )
    ask: Callable[[], frozenset[str]] = (
        pagerduty_asker(settings.schedule, token, http, clock)
        if is_pagerduty
        else opsgenie_asker(settings.schedule, token, http)
    )
    return OnCallSchedule(settings.system, settings.schedule, settings.role, ask, clock, cache_s)


def token_in(variable: str) -> SecretStr:
    """The token in an environment variable.

    Raises:
        ConfigError: it holds none.
    """
    value = os.environ.get(variable, "").strip()
    if not value or not value.isascii() or not value.isprintable():
        raise ConfigError(f"the variable {variable} holds no token", remedy="set it to the token, on one line")
    return SecretStr(value)


def _named_by(installation: Installation, directory: Directory, token_file: Path) -> tuple[Person, RoleSource]:
    from ...policies.people.tokens import (  # noqa: PLC0415 - where a token is handed in
        Expected,
        TokenCheck,
        TokenRoles,
        roles_in,
        text_claim,
    )

    oidc, clock = installation.settings.identity.oidc, installation.clock
    if oidc.issuer is None:
        raise ConfigError("no issuer of identity tokens is configured", remedy="name it in `identity.oidc.issuer`")
    check = TokenCheck(Expected(oidc.issuer, oidc.audience, oidc.max_age_s), issuer_keys(installation))
    claims = check.claims(_read(token_file), clock.now())
    person = directory.known(text_claim(claims, oidc.person_claim), f"oidc:{oidc.issuer}")
    return person, TokenRoles(oidc.issuer, person, roles_in(claims, oidc.roles_claim, oidc.roles))


def issuer_keys(installation: Installation) -> KeySource:
    """The keys of the issuer of identity tokens: from its file, or found by discovery.

    Raises:
        ConfigError: no issuer is configured.
    """
    from ...policies.people.key_set import IssuerKeys, KeyFile  # noqa: PLC0415 - where a token is handed in

    oidc = installation.settings.identity.oidc
    if oidc.issuer is None:
        raise ConfigError("no issuer of identity tokens is configured", remedy="name it in `identity.oidc.issuer`")
    if oidc.jwks_file is not None:
        return KeyFile(oidc.jwks_file)
    return IssuerKeys(oidc.issuer, partial(_issuer, oidc), installation.clock, installation.settings.identity.cache_s)


def _issuer(oidc: OidcSettings, url: str) -> HttpService:
    return HttpService(
        "the issuer of identity tokens",
        url,
        timeout_s=oidc.timeout_s,
        ca_file=oidc.ca_file,
        section="identity.oidc",
    )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_TOKEN_LIMIT_BYTES + 1)
        if len(content) > _TOKEN_LIMIT_BYTES:
            raise ValueError("too long")
        return content.decode("ascii").strip()
    except (OSError, ValueError) as error:
        raise InputError("the identity token cannot be read", remedy="hand in a file with one token") from error
