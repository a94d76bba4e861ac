"""What a person asks for by a command, as files or on the terminal: who got which, recorded before they do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from ..core.canonical import JsonValue, digest
from ..policies.ledger.types import LedgerEntry
from ..policies.switches import INSTALLATION
from .installation import Installation, current_person
from .people.senders import write_whole

Handed: TypeAlias = Literal["objective-rules", "cost-patches", "runbook-draft", "document", "quality-rules", "site"]
"""What is in the files."""

TERMINAL = Path("-")
"""In place of a file: the terminal of whoever gave the command, or what its output is sent into."""

_MOST_NAMED = 100


def record_files(installation: Installation, what: Handed, files: Mapping[Path, str], run_id: str = "") -> None:
    """Record that a person is about to get files; their names and hashes, and nothing of what is in them.

    What lies in them was decided when it was read: on behalf of the same person, by calls of a run.

    Args:
        installation: whose ledger.
        what: is in them.
        files: redacted texts, by where they will lie; `TERMINAL` for what is shown.
        run_id: the run that made them; none for what no run made.

    Raises:
        LedgerError: it cannot be recorded, and then nothing may be written.
    """
    hashes = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in files.items()}
    named: list[JsonValue] = [
        {
            "name": installation.redaction.scrub(path.name),
            "sha256": hashes[path],
            "size_bytes": len(files[path].encode()),
        }
        for path in list(files)[:_MOST_NAMED]
    ]
    body: dict[str, JsonValue] = {
        "by": f"person:{current_person()}",
        "what": what,
        "to": "terminal" if TERMINAL in files else "file",
        "count": len(files),
        "files": named,
        # Covers those that are not named as well.
        "sha256": digest(sorted(hashes.values())),
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
