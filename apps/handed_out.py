"""Files that a person asks for by a command: who got which, recorded before it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from ..core.canonical import JsonValue
from ..policies.ledger.types import LedgerEntry
from ..policies.switches import INSTALLATION
from .installation import Installation, current_person
from .senders import write_whole

Handed: TypeAlias = Literal["objective-rules", "cost-patches", "runbook-draft", "document", "quality-rules"]
"""What is in the files."""

_MOST_NAMED = 100


def record_files(installation: Installation, what: Handed, files: Mapping[Path, str], run_id: str = "") -> None:
    """Record that a person is about to get files; their names and hashes, and nothing of what is in them.

    Args:
        installation: whose ledger.
        what: is in them.
        files: redacted texts, by where they will lie.
        run_id: the run that made them; none for what no run made.

    Raises:
        LedgerError: it cannot be recorded, and then nothing may be written.
    """
    named: list[JsonValue] = [
        {
            "name": installation.redaction.scrub(path.name),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "size_bytes": len(text.encode()),
        }
        for path, text in list(files.items())[:_MOST_NAMED]
    ]
    body: dict[str, JsonValue] = {
        "by": f"person:{current_person()}",
        "what": what,
        "count": len(files),
        "files": named,
    }
    installation.ledger.append([LedgerEntry("file.written", run_id or INSTALLATION, body)])


def hand_out(installation: Installation, what: Handed, files: Mapping[Path, str]) -> None:
    """Record files as `record_files` does, and write each whole.

    Raises:
        BackendError: one cannot be written.
        LedgerError: as there.
    """
    if files:
        record_files(installation, what, files)
    for path, text in files.items():
        write_whole(path, text)
