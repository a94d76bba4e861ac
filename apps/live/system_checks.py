"""What `opswarden doctor` asks the configured systems, and what is kept of their conformance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...core.clock import Deadline
from ...core.errors import OpswardenError
from ...core.systems.checks import Checked, Look, SystemCheck, version_told
from ...core.systems.settings import HttpSettings
from ...policies.ledger.types import LedgerEntry
from ...policies.switches import INSTALLATION
from ..installation import Installation
from .conformance import Conformance, ConformanceBook, settings_hash
from .domain_checks import DomainCheck
from .systems import TESTED_REAL, Surroundings, SystemSettings, client_of, made, surroundings_of
from .write_rights import rights_of

_TIMEOUT_S = 30.0


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
    from ...tools.metrics.backends.prometheus_check import PrometheusCheck  # noqa: PLC0415

    own = settings.confined_to(surroundings.team)
    return PrometheusCheck(client_of(name, own, surroundings), own, surroundings.clock)


def _alertmanager(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ...tools.alerts.backends.alertmanager_check import AlertmanagerCheck  # noqa: PLC0415

    return AlertmanagerCheck(client_of(name, settings, surroundings), settings, surroundings.clock)


def _git(_name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ...tools.changes.backends.git_check import GitCheck  # noqa: PLC0415

    return GitCheck(settings, surroundings.clock)


def _kubernetes(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ...tools.kubernetes.backends.access import reached  # noqa: PLC0415
    from ...tools.kubernetes.backends.check import KubernetesCheck  # noqa: PLC0415

    asked, proof = reached(name, settings)
    return KubernetesCheck(client_of(name, asked, surroundings, proof), asked, surroundings.clock)


def _cloudwatch(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ...tools.metrics.backends.cloudwatch_check import CloudwatchCheck  # noqa: PLC0415

    return CloudwatchCheck(made(name, settings, surroundings)["metrics"], surroundings.clock)


def _lines(remedy: str, path: str = "", *keys: str) -> Callable[[str, Any, Surroundings], SystemCheck]:
    """A check of log lines; the path and the keys lead to the version of a system over HTTP."""

    def make(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
        from ...tools.logs.backends.logs_check import LogsCheck  # noqa: PLC0415

        backend = made(name, settings, surroundings)["logs"]
        about = _about(name, settings, surroundings, path, keys) if path else None
        return LogsCheck(backend, surroundings.clock, remedy, about, _rights(settings, surroundings))

    return make


def _trace_files(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
    from ...tools.traces.backends.traces_check import TracesCheck  # noqa: PLC0415

    return TracesCheck(made(name, settings, surroundings)["traces"], surroundings.clock, lambda _deadline: ("", ()))


def _traces(path: str, *keys: str) -> Callable[[str, Any, Surroundings], SystemCheck]:
    def make(name: str, settings: Any, surroundings: Surroundings) -> SystemCheck:
        from ...tools.traces.backends.traces_check import TracesCheck  # noqa: PLC0415

        about = _about(name, settings, surroundings, path, keys)
        traces = made(name, settings, surroundings)["traces"]
        return TracesCheck(traces, surroundings.clock, about, _rights(settings, surroundings))

    return make


def _about(
    name: str, settings: Any, surroundings: Surroundings, path: str, keys: Sequence[str]
) -> Callable[[Deadline], tuple[str, Sequence[Checked]]]:
    client = client_of(name, settings, surroundings)
    return lambda deadline: version_told(client, path, keys, surroundings.clock, deadline)


def _rights(settings: SystemSettings, surroundings: Surroundings) -> Look | None:
    """Asks what the credential may do, through the client that was made last; nothing of what lies on this machine."""
    if not isinstance(settings, HttpSettings) or not surroundings.clients:
        return None
    client = surroundings.clients[-1]
    return lambda deadline: rights_of(settings, client, deadline)


_CHECKS: Mapping[str, Callable[[str, Any, Surroundings], SystemCheck]] = {
    "prometheus": _prometheus,
    "alertmanager": _alertmanager,
    "git": _git,
    "kubernetes": _kubernetes,
    "loki": _lines("set `entity_labels` to labels that they have", "/loki/api/v1/status/buildinfo", "version"),
    "elasticsearch": _lines("set `entity_fields` to fields that they have", "/", "version", "number"),
    "cloudwatch": _cloudwatch,
    "cloudwatch-logs": _lines("set `entity_fields`, or say under `entities` whose which groups are"),
    "files": _lines("say under `entities` whose which files are"),
    "journald": _lines("lines without a unit belong to nobody"),
    "tempo": _traces("/api/status/buildinfo", "version"),
    "jaeger": _traces("/api/services"),
    "otlp-files": _trace_files,
}
"""By kind: what is asked of a system of that kind."""


def _check_of(name: str, settings: SystemSettings, surroundings: Surroundings) -> SystemCheck:
    make = _CHECKS.get(settings.kind)
    if make is not None:
        return make(name, settings, surroundings)
    backends = made(name, settings, surroundings)
    client = surroundings.clients[-1] if surroundings.clients else None
    return DomainCheck(settings, backends, client, surroundings.clock)
