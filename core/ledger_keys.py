"""The public keys of a ledger, one after the other: each signs heads up to so many entries; the next goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class RelievedKey:
    """A key that signs no more.

    Args:
        public_key: 32 raw bytes.
        last: the most entries that a head of it covers.
        note: in which it named its successor, and signed that.
    """

    public_key: bytes
    last: int
    note: str


@dataclass(frozen=True)
class LedgerKeys:
    """Every public key of one ledger.

    Args:
        current: signs now; 32 raw bytes.
        relieved: those before it, the oldest first.
    """

    current: bytes
    relieved: tuple[RelievedKey, ...] = ()

    def of_size(self, size: int) -> bytes:
        """The only key whose head over so many entries counts.

        Whoever gets hold of a relieved key can sign nothing that comes after it.
        """
        return next((key.public_key for key in self.relieved if size <= key.last), self.current)


PublicKeys: TypeAlias = bytes | LedgerKeys
"""What a head is checked with: one key of 32 raw bytes, or all that a ledger has had."""
