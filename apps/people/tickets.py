"""The change tickets of an installation, as its settings name them."""

from __future__ import annotations

from functools import partial

from ...core.errors import ConfigError
from ...core.https import HttpService
from ...policies.servicenow import ServiceNowTickets
from ...policies.settings import TicketSettings
from ...policies.tickets import FolderTickets, RunTickets, TicketCheck, TicketSource
from ..installation import Installation
from .roles import token_in


def run_tickets(installation: Installation) -> RunTickets:
    """Which ticket a person named for a run."""
    return RunTickets(installation.database, installation.ledger, installation.keys)


def ticket_check(installation: Installation) -> TicketCheck | None:
    """What asks for tickets; `None` where no system is configured.

    Raises:
        ConfigError: a setting is missing or cannot be used.
    """
    settings = installation.settings.gate.tickets
    if settings.system == "none":
        return None
    return TicketCheck(_source(settings), run_tickets(installation), installation.clock, settings.cache_s)


def _source(settings: TicketSettings) -> TicketSource:
    if settings.system == "folder":
        if settings.folder is None:
            raise ConfigError("tickets in a folder need a folder", remedy="name it in `gate.tickets.folder`")
        return FolderTickets(settings.folder)
    variable = settings.token_env
    if settings.endpoint is None or variable is None:
        raise ConfigError(
            "ServiceNow needs an address and a token", remedy="set `gate.tickets.endpoint` and `gate.tickets.token_env`"
        )
    http = HttpService(
        "ServiceNow",
        settings.endpoint,
        timeout_s=settings.timeout_s,
        ca_file=settings.ca_file,
        section="gate.tickets",
    )
    return ServiceNowTickets(partial(token_in, variable), http, settings.teams)
