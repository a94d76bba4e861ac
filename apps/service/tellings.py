"""Every way to tell incidents, by name; each is made when an incident is first told like that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ...core.errors import ConfigError
from ..installation import Installation
from .telling import ReportsFolder, Telling


def _reports(installation: Installation) -> Telling:
    return ReportsFolder(installation.state)


def _slack(installation: Installation) -> Telling:
    from ..slack.opening import slack_of  # noqa: PLC0415 - only where it is configured

    return slack_of(installation).telling


TELLINGS: dict[str, Callable[[Installation], Telling]] = {"reports": _reports, "slack": _slack}
"""By name: what makes a telling for an installation. A maker imports what it needs itself."""


class Tellings:
    """The tellings of one process.

    Args:
        installation: they are made for.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def of(self, name: str) -> Telling:
        """The telling of a name.

        Raises:
            ConfigError: there is none, or it cannot be used as it is configured.
        """
        with self._lock:
            if name not in self._made:
                if name not in TELLINGS:
                    raise ConfigError(
                        f"incidents are told to {name!r}, which is no telling", remedy=f"one of {', '.join(TELLINGS)}"
                    )
                self._made[name] = TELLINGS[name](self._installation)
            made: Telling = self._made[name]
            return made
