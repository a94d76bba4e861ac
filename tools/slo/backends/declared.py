"""Service level objectives that a service catalogue declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ....core.clock import Deadline
from .types import SLO_LIMIT, Slo


@dataclass(frozen=True)
class DeclaredSlos:
    """Objectives that are known already; implements `SloBackend`."""

    environment: str
    declared: tuple[Slo, ...]

    def slos(self, deadline: Deadline, *, entities: Sequence[str] = ()) -> tuple[Slo, ...]:
        """The declared promises."""
        found = [slo for slo in self.declared if not entities or slo.entity in entities]
        return tuple(sorted(found, key=lambda slo: (slo.entity, slo.name, slo.query))[:SLO_LIMIT])
