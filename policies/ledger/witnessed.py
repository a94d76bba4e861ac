"""The ledger's side of a witness: hand it the newest head with a proof, and keep what it cosigned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...core.database import Database
from ...core.errors import BackendError, LedgerError
from ...core.http_exchange import Exchanged
from ...core.https import HttpPlace
from .checkpoint import COSIGNER, Checkpoint, key_id, signature_of
from .cosignature import Cosigned, cosigned_by, with_lines
from .proof import hash_lines
from .prove import extension_hashes
from .sqlite import SqliteLedger

_SIZE_TYPE = "text/x.tlog.size"
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_ADD = "/add-checkpoint"
_MOST_TURNS = 3  # others may hand in newer heads meanwhile; the witness tells its size each time


@dataclass(frozen=True)
class Witnessed:
    """What came of it.

    Args:
        status: `cosigned`; `empty` if the ledger has no entry yet; `refused` if the ledger does not continue what the
            witness has seen.
        size: entries that the witness vouches for, as far as it says.
        note: the cosigned head; empty unless `cosigned`.
        by: who cosigned it when.
        problem: why it was refused; empty otherwise.
    """

    status: Literal["cosigned", "empty", "refused"]
    size: int
    note: str = ""
    by: tuple[Cosigned, ...] = ()
    problem: str = ""


def have_cosigned(
    place: HttpPlace, ledger: SqliteLedger, database: Database, witness: tuple[str, bytes], *, known_size: int = 0
) -> Witnessed:
    """Have a witness cosign the newest head.

    Args:
        place: the witness's submission prefix.
        ledger: of which the newest head is taken.
        database: where it lies.
        witness: name and public key, 32 raw bytes; its answer counts only if this key signed it.
        known_size: what the witness is believed to have seen; it says if that is wrong.

    Raises:
        BackendError: it cannot be reached, or answers nothing usable.
        LedgerError: the ledger cannot be read.
    """
    size = known_size
    for _ in range(_MOST_TURNS):
        head = ledger.head()
        if head is None:
            return Witnessed("empty", 0) if size == 0 else _refused(size, "the ledger is empty")
        if size > head.size:
            return _refused(size, f"the ledger ends after {head.size} entries: the end was cut off")
        hashes = extension_hashes(database, size, head)
        if hashes is None:
            return _refused(size, "the entries do not lead to the newest signed head; they were changed")
        lines = "".join(f"{line}\n" for line in (f"old {size}", *hash_lines(hashes)))
        answer = place.ask("POST", place.path + _ADD, f"{lines}\n{head.note}".encode())
        if answer.status == 200:
            return _checked(place, answer, head, dict([witness]))
        if answer.status == 422:
            return _refused(size, "the ledger does not continue what it has seen: it was rewritten")
        if answer.status != 409:
            raise _unusable(place, answer)
        told = _size_in(place, answer)
        if told == size:
            return _refused(size, "it has seen another head of this size: the ledger was rewritten")
        size = told
    raise BackendError(f"{place.name} is handed other heads all the time", remedy="try again")


def _checked(place: HttpPlace, answer: Exchanged, head: Checkpoint, witnesses: Mapping[str, bytes]) -> Witnessed:
    """The head with the witness's line, if the key that was handed in signed it; nothing else that it says is kept."""
    try:
        # A line in the name of the ledger would take the place of the ledger's own.
        lines = [line for line in answer.content.decode().split("\n") if line and _is_by(line, witnesses)]
        note = with_lines(head.note, lines)
        by = cosigned_by(note, witnesses)
    except (UnicodeDecodeError, LedgerError):
        raise _unusable(place, answer) from None
    if not by:
        raise BackendError(
            f"{place.name} cosigned with another key than the one that was handed in",
            remedy="check --witness-key and the address",
        )
    return Witnessed("cosigned", head.size, note, by)


def _is_by(line: str, witnesses: Mapping[str, bytes]) -> bool:
    name, signature = signature_of(line)
    return name in witnesses and signature.startswith(key_id(name, witnesses[name], COSIGNER))


def _refused(size: int, problem: str) -> Witnessed:
    return Witnessed("refused", size, problem=f"the witness has seen {size} entries; {problem}")


def _size_in(place: HttpPlace, answer: Exchanged) -> int:
    found = _SIZE.fullmatch(answer.content)
    if answer.content_type != _SIZE_TYPE or found is None:
        raise _unusable(place, answer)
    return int(found[1])


def _unusable(place: HttpPlace, answer: Exchanged) -> BackendError:
    remedies = {
        403: "give it the public key of this ledger (`audit prove --save-key`)",
        404: "give it the public key of this ledger (`audit prove --save-key`), and check the address",
    }
    return BackendError(
        f"{place.name} answered {answer.status} and nothing that is of use",
        remedy=remedies.get(answer.status, "check the address, and look at its own log"),
    )
