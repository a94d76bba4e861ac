"""What `opswarden doctor` asks the configured systems, and what is kept of their conformance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.clock import Deadline
from ..core.errors import OpswardenError
from ..core.systems.checks import Checked, SystemCheck
from ..policies.ledger.types import LedgerEntry
from ..policies.switches import INSTALLATION
from .conformance import Conformance, ConformanceBook, settings_hash
from .domain_checks import DomainCheck
from .installation import Installation
from .systems import TESTED_REAL, Surroundings, SystemSettings, backends_of, client_of, surroundings_of

_TIMEOUT_S = 30.0


def may_have_effects(installation: Installation, name: str) -> bool:
    """Whether anything but reading may go through a system: its kind was tested for real, or it has passed here."""
    settings = installation.settings.systems[name]
    if settings.kind in TESTED_REAL:
        return True
    return ConformanceBook(installation.database).standing(name, settings, "").standing == "passed"


def look_at(name: str, settings: SystemSettings, surroundings: Surroundings, deadline: Deadline) -> tuple[Checked, ...]:
    """What a system says about itself, without an installation around it."""
    try:
        check = _check_of(name, settings, surroundings)
        return tuple(check.look(deadline))
    except OpswardenError as error:
        return (Checked("reach", "failed", error.message, error.remedy),)


def check_system(
    installation: Installation, name: str, settings: SystemSettings, *, with_conformance: bool, by: str
) -> tuple[Checked, ...]:
    """Look at one system; with conformance, ask and record that as well.

    Raises:
        LedgerError: the conformance could not be recorded.
    """
    try:
        check = _check_of(name, settings, replace(surroundings_of(installation), answers=None, clients=[]))
        found = tuple(check.look(Deadline(installation.clock, _TIMEOUT_S)))
    except OpswardenError as error:
        return (Checked("reach", "failed", error.message, error.remedy),)
    if found[-1].aspect == "reach" and found[-1].state == "failed":
        return found
    book = ConformanceBook(installation.database)
    if with_conformance:
        try:
            asked = tuple(check.conformance(Deadline(installation.clock, _TIMEOUT_S)))
        except OpswardenError as error:
            asked = (Checked("conformance", "failed", error.message, error.remedy),)
        if asked:
            _record(installation, book, name, settings, check.version, asked, by)
        found = (*found, *asked)
    standing = book.standing(name, settings, check.version)
    return (*found, _told(standing, settings.kind in TESTED_REAL))


def _record(
    installation: Installation,
    book: ConformanceBook,
    name: str,
    settings: SystemSettings,
    version: str,
    asked: Sequence[Checked],
    by: str,
) -> None:
    is_kept = all(each.state != "failed" for each in asked)
    body = {
        "system": name,
        "system_kind": settings.kind,
        "version": version,
        "settings_hash": settings_hash(settings),
        "outcome": "passed" if is_kept else "failed",
        "by": by,
    }
    installation.ledger.append([LedgerEntry("system.conformed", INSTALLATION, body)])
    book.keep(name, settings, version, is_kept, installation.clock.now())


def _told(found: Conformance, is_real: bool) -> Checked:
    remedy = "opswarden doctor --conformance"
    tested = "its kind is tested on the real product" if is_real else "its kind was tested on a double only"
    allowed = "" if is_real else "; only reading goes through it"
    at = f"{found.at:%Y-%m-%d %H:%M} UTC" if found.at else ""
    version = f", version {found.version}" if found.version else ""
    if found.standing == "passed":
        return Checked("conformance", "ok", f"passed on {at}{version}; {tested}")
    if found.standing == "failed":
        return Checked("conformance", "failed", f"failed on {at}{version}; {tested}{allowed}", remedy)
    why = f"asked on {at}{version}, and changed since" if found.standing == "changed" else "never asked"
    return Checked("conformance", "ok" if is_real else "warning", f"{why}; {tested}{allowed}", remedy)


# Everything below imports what it makes only when a system of the kind is looked at.


def _prometheus(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ..tools.metrics.backends.prometheus_check import PrometheusCheck  # noqa: PLC0415

    own = settings.confined_to(surroundings.team)
    return PrometheusCheck(client_of(name, own, surroundings), own, surroundings.clock)


def _alertmanager(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ..tools.alerts.backends.alertmanager_check import AlertmanagerCheck  # noqa: PLC0415

    return AlertmanagerCheck(client_of(name, settings, surroundings), settings, surroundings.clock)


def _git(_name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ..tools.changes.backends.git_check import GitCheck  # noqa: PLC0415

    return GitCheck(settings, surroundings.clock)


_CHECKS: Mapping[str, Callable[[str, Any, Surroundings], SystemCheck]] = {
    "prometheus": _prometheus,
    "alertmanager": _alertmanager,
    "git": _git,
}
"""By kind: what is asked of a system of that kind."""


def _check_of(name: str, settings: SystemSettings, surroundings: Surroundings) -> SystemCheck:
    make = _CHECKS.get(settings.kind)
    if make is not None:
        return make(name, settings, surroundings)
    backends = backends_of(name, settings, surroundings)
    client = surroundings.clients[-1] if surroundings.clients else None
    return DomainCheck(settings.kind, backends, client, surroundings.clock)
