"""What an agent process was refused at its socket, in the ledger."""

from __future__ import annotations

import threading

from ...core.errors import LedgerError
from ...policies.ledger.types import Ledger, LedgerEntry

_MOST = 32


class Refusals:
    """Writes down what was refused in one run; the first of them, so that nobody can fill the ledger.

    Refusing does not depend on it: where the ledger is down, what was refused stays refused.
    """

    def __init__(self, ledger: Ledger, run_id: str) -> None:
        self._ledger = ledger
        self._run_id = run_id
        self._left = _MOST
        self._lock = threading.Lock()

    def add(self, what: str) -> None:
        """Record a refusal.

        Args:
            what: a short word of ours: `wrong-handle`, `second-connection`, `frame-size`, …
        """
        with self._lock:
            if not self._left:
                return
            self._left -= 1
            try:
                self._ledger.append([LedgerEntry("runner.refused", self._run_id, {"what": what})])
            except LedgerError:
                return
