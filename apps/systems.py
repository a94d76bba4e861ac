"""The systems an installation reads live: what the configuration lists, as one backend per domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ..core.clock import Clock
from ..core.errors import ConfigError
from ..core.keys import KeyProvider
from ..core.state import StateDirectory
from ..core.systems.kept_answers import AnswerFolder
from ..core.systems.settings import HttpSettings
from ..tools.alerts.backends.settings import AlertmanagerSettings
from ..tools.changes.backends.settings import GitSettings
from ..tools.metrics.backends.settings import PrometheusSettings
from ..tools.snapshots.schema import TableName

if TYPE_CHECKING:
    from ..core.systems.client import SystemClient

SystemSettings = Annotated[
    PrometheusSettings | AlertmanagerSettings | GitSettings,
    Field(discriminator="kind"),
]
"""One system, by its `kind`."""

TABLE_OF: Mapping[str, TableName] = {
    "metrics": "metrics",
    "logs": "logs",
    "traces": "spans",
    "topology": "topology",
    "changes": "changes",
    "notices": "events",
    "alerts": "alerts",
}
"""The table of a snapshot that a domain's system stands for."""


TESTED_REAL = frozenset({"prometheus", "alertmanager", "git"})
"""Kinds that tests run against the real product. Every other kind was tested on a double only; until conformance has
passed on a system of such a kind, nothing but reading goes through it."""


def environment_of(systems: Mapping[str, SystemSettings], named: str | None) -> str:
    """The environment of a live run: the one that is named, or the only one that systems reach.

    Raises:
        ConfigError: there is none, or it has to be chosen.
    """
    known = sorted({system.environment for system in systems.values()})
    if not known:
        raise ConfigError("no system is configured", remedy="list one under `[systems.NAME]`, or name a snapshot")
    if named is not None:
        if named not in known:
            raise ConfigError("no system reaches that environment", remedy=f"environments: {', '.join(known)}")
        return named
    if len(known) > 1:
        raise ConfigError("systems reach several environments", remedy=f"`--environment` one of {', '.join(known)}")
    return known[0]


@dataclass(frozen=True)
class Surroundings:
    """What every system is made with.

    Args:
        locks: folder in which processes agree on how many may ask at once.
        clock: counts deadlines, rests and sharing.
        team: of the run, for systems that tell teams apart.
        answers: where processes share what systems answer.
    """

    locks: Path
    clock: Clock
    team: str
    answers: AnswerFolder | None = None


def live_backends(
    systems: Mapping[str, SystemSettings],
    environment: str,
    state: StateDirectory,
    clock: Clock,
    team: str,
    keys: KeyProvider | None = None,
) -> dict[str, Any]:
    """One backend per domain that a system of the environment serves.

    Raises:
        ConfigError: a system cannot be used as it is configured.
    """
    answers = AnswerFolder(state.answers, keys.secret("answers"), clock) if keys is not None else None
    surroundings = Surroundings(state.locks, clock, team, answers)
    found: dict[str, list[Any]] = {}
    for name, settings in sorted(systems.items()):
        if settings.environment == environment:
            for domain, backend in _MADE[settings.kind](name, settings, surroundings).items():
                found.setdefault(domain, []).append(backend)
    return {domain: _JOINED[domain](backends) for domain, backends in found.items()}


# Everything below imports what it makes only when a run is live.


def _prometheus(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.metrics.backends.prometheus import PrometheusMetrics  # noqa: PLC0415

    own = settings.confined_to(surroundings.team)
    return {"metrics": PrometheusMetrics(_client(name, own, surroundings), own)}


def _alertmanager(name: str, settings: Any, surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.alerts.backends.alertmanager import AlertmanagerAlerts  # noqa: PLC0415

    return {"alerts": AlertmanagerAlerts(_client(name, settings, surroundings), settings, surroundings.clock)}


def _git(_name: str, settings: Any, _surroundings: Surroundings) -> dict[str, Any]:
    from ..tools.changes.backends.git_log import GitChanges  # noqa: PLC0415

    return {"changes": GitChanges(settings)}


def client_of(name: str, settings: HttpSettings, surroundings: Surroundings) -> SystemClient:
    """What asks a system over HTTP."""
    return _client(name, settings, surroundings)


def _client(name: str, settings: HttpSettings, surroundings: Surroundings) -> SystemClient:
    from ..core.systems.client import SystemClient  # noqa: PLC0415

    return SystemClient(name, settings, surroundings.locks, clock=surroundings.clock, answers=surroundings.answers)


def _metrics(backends: Sequence[Any]) -> Any:
    from ..tools.metrics.backends.joined import JoinedMetrics  # noqa: PLC0415

    return JoinedMetrics(backends)


def _alerts(backends: Sequence[Any]) -> Any:
    from ..tools.alerts.backends.joined import JoinedAlerts  # noqa: PLC0415

    return JoinedAlerts(backends)


def _changes(backends: Sequence[Any]) -> Any:
    from ..tools.changes.backends.joined import JoinedChanges  # noqa: PLC0415

    return JoinedChanges(backends)


_MADE: Mapping[str, Callable[[str, Any, Surroundings], dict[str, Any]]] = {
    "prometheus": _prometheus,
    "alertmanager": _alertmanager,
    "git": _git,
}
"""By kind: what makes the backends of a system, one for each domain that it serves."""

_JOINED: Mapping[str, Callable[[Sequence[Any]], Any]] = {"metrics": _metrics, "alerts": _alerts, "changes": _changes}
"""By domain: what reads several systems as one."""
