"""Names in the rules of redaction that nobody bears: whom such a rule was meant for would see everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ..core.errors import ConfigError
from ..policies.environments import Environments
from ..redaction.settings import check_audiences
from .settings import Settings

_ANY = "*"


def check_redaction_names(settings: Settings, senders: Iterable[str]) -> None:
    """Refuse rules for audiences, models, environments and teams that there cannot be.

    Args:
        settings: of the installation; a set that they do not declare is not held against.
        senders: kinds of audience that packages add.

    Raises:
        ConfigError: there is such a rule.
    """
    rules = settings.redaction
    check_audiences(rules, senders)
    endpoints = {each.name for each in settings.models.endpoints}
    for audience in rules.audiences:
        kind, _, name = audience.partition("/")
        # `--model provider/name` makes an endpoint of that name, which nobody declares.
        if kind == "model" and name and endpoints and "/" not in name:
            _check("audiences", audience, {f"model/{each}" for each in endpoints}, "`models.endpoints`")
    environments = Environments(settings.gate.environments).names
    if environments is not None:
        for name in rules.environments:
            _check("environments", name, environments, "`gate.environments`")
    if rules.teams:
        teams = frozenset(_teams(settings))
        for name in rules.teams:
            _check("teams", name, teams, "the teams of webhooks, channels, callers, contracts and people")


def _teams(settings: Settings) -> Iterator[str]:
    """Every team that a run can belong to, and those that are named beside."""
    yield settings.team
    named = (
        *(webhook.team for webhook in settings.webhooks.values()),
        *(channel.team for channel in settings.slack.channels.values()),
        *(caller.team for caller in settings.mcp.callers.values()),
    )
    yield from (team for team in named if team is not None)
    for person in settings.people.values():
        yield from person.teams
    yield from (name for name in settings.gate.stages if name != _ANY)
    if settings.gateway.contracts is not None:
        from .gateway.contracts import read_contracts  # noqa: PLC0415 - only where a rule is for a team

        yield from (contract.team for contract in read_contracts(settings.gateway.contracts).values())


def _check(section: str, name: str, known: Iterable[str], declared_in: str) -> None:
    names = sorted(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=3)
    raise ConfigError(
        f"redaction.{section} has a rule for {name!r}, and there is none of that name",
        remedy=(f"did you mean {' or '.join(map(repr, near))}? " if near else "")
        + f"known by {declared_in}: {', '.join(names)}",
    )
