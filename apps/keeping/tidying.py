"""Everything whose time is over is let go of: by command, by schedule, and what records say at length with it."""

from __future__ import annotations

from ...policies.ledger.erasure import Erased, Erasures
from ...policies.switches import INSTALLATION
from ..installation import Installation
from .reports import KeptReports
from .retention import PAYLOADS, run_countries


def erasures_of(installation: Installation) -> Erasures:
    """What erases payloads here."""
    return Erasures(
        installation.ledger,
        installation.database,
        installation.clock,
        installation.redaction.scrub,
        roles=installation.settings.ledger.erase_roles,
        run_id=INSTALLATION,
        reports=KeptReports(installation.database).erase,
        held=installation.holds.held,
    )


def keeps_payloads_for_good(installation: Installation) -> bool:
    """Whether nothing says how long what records say at length is kept."""
    settings, general = installation.settings.retention, installation.settings.ledger.payload_days
    return general is None and all(each.payload_days is None for each in settings.countries.values())


def retain_payloads(installation: Installation) -> Erased:
    """Erase what records say at length and is over; by the country of the data, where one has a time of its own.

    Raises:
        LedgerError: it could not be recorded.
    """
    settings, general = installation.settings.retention, installation.settings.ledger.payload_days
    countries = run_countries(installation.database, settings)

    def days_of(run_id: str) -> int | None:
        return settings.days_of(PAYLOADS, (), countries.get(run_id, ()), general)

    return erasures_of(installation).retain(general, days_of if countries else None)


def tidy(installation: Installation) -> Erased:
    """Let go of everything whose time is over and that is not on hold; how much of what records say at length.

    Raises:
        LedgerError: it cannot be known what is on hold; then nothing is deleted.
    """
    installation.tidy()
    return retain_payloads(installation)
