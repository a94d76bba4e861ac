"""A vault that is gone with its process: for one-off commands, evaluations, and runs that keep nothing."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Sequence

from .placeholders import run_nonce
from .vault import Entry, Issued


class MemoryVault:
    """A vault that lives as long as the process, for one-off commands and evaluations. Nothing expires.

    Args:
        secret: keys the nonces; a fixed one makes outputs reproducible.
    """

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret if secret is not None else secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._values: dict[tuple[str, str, int], str] = {}
        self._last: dict[tuple[str, str], int] = {}

    def nonce(self, run_id: str) -> str:
        """What marks the placeholders of a run."""
        return run_nonce(self._secret, run_id)

    def numbers(self, run_id: str, entries: Sequence[Entry]) -> list[int]:
        """The number of each entry."""
        with self._lock:
            return [self._number(run_id, entry) for entry in entries]

    def _number(self, run_id: str, entry: Entry) -> int:
        identity = (run_id, entry.entity_type, entry.identity)
        number = self._numbers.get(identity)
        if number is None:
            number = self._last[run_id, entry.entity_type] = self._last.get((run_id, entry.entity_type), 0) + 1
            self._numbers[identity] = number
            self._values[run_id, entry.entity_type, number] = entry.value
        return number

    def value(self, run_id: str, entity_type: str, number: int) -> str | None:
        """What a placeholder stands for."""
        return self._values.get((run_id, entity_type, number))

    def issued(self, run_id: str, mentioned: Collection[Issued]) -> frozenset[Issued]:
        """Those of the mentioned placeholders that the run has issued."""
        return frozenset(each for each in mentioned if each[1] <= self._last.get((run_id, each[0]), 0))

    def purge(self) -> int:
        """Nothing expires here."""
        return 0
