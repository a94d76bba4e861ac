"""What `opswarden doctor` asks the configured systems, and what is kept of their conformance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from ..core.canonical import canonical_json
from ..core.clock import Deadline, from_iso, to_iso
from ..core.database import Database, Migration
from ..core.errors import OpswardenError
from ..core.systems.checks import AnswersAtAll, Checked, SystemCheck, version_told
from ..core.systems.settings import HttpSettings
from ..policies.ledger.types import LedgerEntry
from ..policies.switches import INSTALLATION
from .installation import Installation
from .systems import TESTED_REAL, Surroundings, SystemSettings, client_of, made, surroundings_of

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE system_conformance (
            name TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            version TEXT NOT NULL,
            settings_hash TEXT NOT NULL,
            is_kept INTEGER NOT NULL,
            at TEXT NOT NULL
        ) STRICT
        """,
    ),
)
_TIMEOUT_S = 30.0
_KEEP = """
    INSERT INTO system_conformance VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, version = excluded.version,
        settings_hash = excluded.settings_hash, is_kept = excluded.is_kept, at = excluded.at
"""

Standing = Literal["passed", "failed", "changed", "never"]
"""Of a system's conformance; `changed`: other settings or another version passed."""


@dataclass(frozen=True)
class Conformance:
    """What is recorded of a system.

    Args:
        standing: what it is worth now.
        at: when it was asked; `None` if never.
        version: that answered; empty if it told none.
    """

    standing: Standing
    at: datetime | None = None
    version: str = ""


class ConformanceBook:
    """The newest conformance of each system of an installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("system_conformance", MIGRATIONS)

    def standing(self, name: str, settings: SystemSettings, version: str) -> Conformance:
        """What is recorded of a system, for the settings and the version of today.

        Args:
            name: of the system.
            settings: in force.
            version: that answers now; empty where that is not known, and then it does not count.
        """
        row = self._database.connection().execute("SELECT * FROM system_conformance WHERE name = ?", (name,)).fetchone()
        if row is None:
            return Conformance("never")
        at = from_iso(row["at"])
        if row["settings_hash"] != settings_hash(settings) or (version and row["version"] != version):
            return Conformance("changed", at, row["version"])
        return Conformance("passed" if row["is_kept"] else "failed", at, row["version"])

    def keep(self, name: str, settings: SystemSettings, version: str, is_kept: bool, at: datetime) -> None:
        """Keep how it went; the last time counts."""
        row = (name, settings.kind, version, settings_hash(settings), int(is_kept), to_iso(at))
        with self._database.transaction() as connection:
            connection.execute(_KEEP, row)


def settings_hash(settings: SystemSettings) -> str:
    """SHA-256 of the settings; credentials are not among them, only where they come from."""
    return hashlib.sha256(canonical_json(settings.model_dump(mode="json"))).hexdigest()


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
        return tuple(check.look(deadline)) if check is not None else ()
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
        check = _check_of(name, settings, replace(surroundings_of(installation), answers=None))
        if check is None:
            return (Checked("reach", "warning", "systems of this kind tell nothing about themselves yet"),)
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


def _kubernetes(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ..tools.kubernetes.backends.access import reached  # noqa: PLC0415
    from ..tools.kubernetes.backends.check import KubernetesCheck  # noqa: PLC0415

    asked, proof = reached(name, settings)
    return KubernetesCheck(client_of(name, asked, surroundings, proof), asked, surroundings.clock)


def _lines(remedy: str, path: str = "", *keys: str) -> Callable[[str, Any, Surroundings], SystemCheck]:
    """A check of log lines; the path and the keys lead to the version of a system over HTTP."""

    def make(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
        from ..tools.logs.backends.logs_check import LogsCheck  # noqa: PLC0415

        backend = made(name, settings, surroundings)["logs"]
        about = _about(name, settings, surroundings, path, keys) if path else None
        return LogsCheck(backend, surroundings.clock, remedy, about)

    return make


def _traces(path: str, *keys: str) -> Callable[[str, Any, Surroundings], SystemCheck]:
    def make(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
        from ..tools.traces.backends.traces_check import TracesCheck  # noqa: PLC0415

        about = _about(name, settings, surroundings, path, keys)
        return TracesCheck(made(name, settings, surroundings)["traces"], surroundings.clock, about)

    return make


def _about(
    name: str, settings: Any, surroundings: Surroundings, path: str, keys: Sequence[str]
) -> Callable[[Deadline], tuple[str, Sequence[Checked]]]:
    client = client_of(name, settings, surroundings)
    return lambda deadline: version_told(client, path, keys, surroundings.clock, deadline)


_CHECKS: Mapping[str, Callable[[str, Any, Surroundings], SystemCheck]] = {
    "prometheus": _prometheus,
    "alertmanager": _alertmanager,
    "git": _git,
    "kubernetes": _kubernetes,
    "loki": _lines("set `entity_labels` to labels that they have", "/loki/api/v1/status/buildinfo", "version"),
    "elasticsearch": _lines("set `entity_fields` to fields that they have", "/", "version", "number"),
    "files": _lines("say under `entities` whose which files are"),
    "journald": _lines("lines without a unit belong to nobody"),
    "tempo": _traces("/api/status/buildinfo", "version"),
    "jaeger": _traces("/api/services"),
}
"""By kind: what is asked of a system of that kind."""


def _check_of(name: str, settings: SystemSettings, surroundings: Surroundings) -> SystemCheck | None:
    make = _CHECKS.get(settings.kind)
    if make is not None:
        return make(name, settings, surroundings)
    if isinstance(settings, HttpSettings):
        return AnswersAtAll(client_of(name, settings, surroundings), surroundings.clock)
    return None
