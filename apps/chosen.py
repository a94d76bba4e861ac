"""Which of several configured things a person means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..core.errors import ConfigError


@dataclass(frozen=True)
class Choice:
    """What is said where nothing can be chosen.

    Args:
        none: that nothing is configured.
        remedy: where to configure it.
        unknown: that nothing has the name that was given.
        several: that there are several.
        option: by which one is named.
    """

    none: str
    remedy: str
    unknown: str
    several: str
    option: str

    def of(self, names: Iterable[str], named: str | None) -> str:
        """The one that is named, or the only one.

        Raises:
            ConfigError: there is none, or it has to be chosen.
        """
        known = sorted(set(names))
        if not known:
            raise ConfigError(self.none, remedy=self.remedy)
        if named is not None and named not in known:
            raise ConfigError(self.unknown, remedy=f"there are: {', '.join(known)}")
        if named is None and len(known) > 1:
            raise ConfigError(self.several, remedy=f"`{self.option}` one of {', '.join(known)}")
        return named or known[0]
