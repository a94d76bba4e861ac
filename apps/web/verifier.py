"""Whether the ledger still stands, asked by several people at once and worked out once."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from ...policies.ledger.verify import Verification, verify
from ..installation import Installation


@dataclass(frozen=True)
class Checked:
    """What a verification found, over how many entries and when."""

    found: Verification
    size: int
    at: datetime


class Verifier:
    """Verifies the ledger once at a time and remembers the last answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.last: Checked | None = None

    def check(self, installation: Installation) -> Checked:
        """Verify now; whoever asks meanwhile waits for the same answer."""
        asked_at = installation.clock.now()
        with self._lock:
            if self.last is not None and self.last.at > asked_at:
                return self.last
            ledger, keys = installation.ledger, installation.keys
            found = verify(installation.database, keys.ledger_keys(), origin=ledger.origin)
            self.last = Checked(found, found.entries, installation.clock.now())
            return self.last
