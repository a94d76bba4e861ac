"""The vaults of the gateway: in memory, one for each conversation, forgotten with it."""

from __future__ import annotations

import threading

from ...policies.types import Run
from ...redaction.engine import Redaction
from ...redaction.memory_vault import MemoryVault
from ...redaction.types import Redactor


class Vaults:
    """Makes the redactor of a run over a vault that no other run has."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._lock = threading.Lock()
        self._redactors: dict[str, Redactor] = {}

    def redactor(self, run: Run) -> Redactor:
        """The same for the same run, until it is forgotten."""
        with self._lock:
            found = self._redactors.get(run.id)
            if found is None:
                own = self._redaction.for_run(run.id, vault=MemoryVault(), known_names=run.known_names)
                found = self._redactors[run.id] = own.under(f"team:{run.principal.team}")
            return found

    def forget(self, run_id: str) -> None:
        """Drop the values of a run."""
        with self._lock:
            self._redactors.pop(run_id, None)
