"""Under what an evaluation runs, for its result."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.canonical import digest
from ...evals.circumstances import installed_revision, installed_versions
from ...evals.suite import Circumstances
from ..settings import Settings

_NOT_COMPARED = frozenset({"state_dir", "keys", "database", "ledger", "telemetry", "people", "identity", "reveal"})
"""Settings that say where records go and who people are: no answer depends on them, and some are secret."""


def circumstances_of(settings: Settings, options: Mapping[str, object], started: str) -> Circumstances:
    """Versions, the hash of the settings, and the options.

    Args:
        settings: in force.
        options: of the command, by name; those that are `None` are left out.
        started: ISO 8601.
    """
    return Circumstances(
        versions=installed_versions(),
        revision=installed_revision(),
        configuration=digest(settings.model_dump(mode="json", exclude=set(_NOT_COMPARED))),
        options={name: str(value) for name, value in options.items() if value is not None},
        started=started,
    )
