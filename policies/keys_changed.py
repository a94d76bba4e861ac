"""What people do to the keys of the installation, in the ledger."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..core.canonical import JsonValue
from .ledger.types import Ledger, LedgerEntry
from .switches import INSTALLATION

Act: TypeAlias = Literal["back-up", "rotate", "retire", "wrap", "rewrap", "relieve", "relieved"]


def record_keys_changed(ledger: Ledger, act: Act, by: str, version: int | None = None) -> None:
    """Write down who is about to do what, so that no key changes unseen.

    Args:
        ledger: of the installation.
        act: what they do.
        by: `person:<name>`.
        version: of the sealing key, where the act is about one.

    Raises:
        LedgerError: it could not be recorded; then it must not be done.
    """
    body: dict[str, JsonValue] = {"act": act, "by": by}
    if version is not None:
        body["version"] = version
    ledger.append([LedgerEntry("keys.changed", INSTALLATION, body)])
