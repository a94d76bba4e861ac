"""The public keys of a ledger as a file that people hand over, and the notes by which one key names the next.

The first line is the key that signs now, the way other tools for signed notes take it. The notes of relieved keys
follow, the oldest first: each is signed by the key that it relieves. Whoever has kept an older file can so check a
newer one without trusting the way it came.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...core.errors import InputError, LedgerError
from ...core.keys import KeyProvider
from ...core.ledger_keys import LedgerKeys, RelievedKey
from .checkpoint import open_note, open_verifier_key, sign_note, verifier_key

MAX_KEY_FILE_BYTES = 200_000
_TITLE = "opswarden ledger key"
"""No name of a ledger holds a space, so this is no head of one."""
_LAST = re.compile(r"0|[1-9][0-9]{0,18}")
_REMEDY = "hand in a file that `--save-key` wrote"


def handover_note(origin: str, new: bytes, last: int, keys: KeyProvider) -> str:
    """The note in which the key that signs now names the one that signs heads over more than `last` entries."""
    old = verifier_key(origin, keys.public_key())
    return sign_note(f"{_TITLE}\n{origin}\n{last}\n{old}\n{verifier_key(origin, new)}\n", origin, keys)


def key_file(origin: str, keys: LedgerKeys) -> str:
    """The content of a file with every key of a ledger."""
    return "\n".join([verifier_key(origin, keys.current) + "\n", *(key.note for key in keys.relieved)])


def open_key_file(text: str) -> tuple[str, LedgerKeys]:
    """Name and keys of a ledger.

    Raises:
        InputError: it is no such file, or one of its notes does not lead from one key to the next.
    """
    first, gap, rest = text.partition("\n\n")
    origin, current = open_verifier_key(first)
    parts = rest.split("\n\n") if gap else []
    if len(parts) % 2:
        raise InputError("the file of the ledger's keys was cut off", remedy=_REMEDY)
    try:
        relieved = _relieved(
            origin, [f"{head}\n\n{tail.rstrip()}\n" for head, tail in zip(parts[::2], parts[1::2], strict=True)]
        )
    except LedgerError as error:
        raise InputError(f"a note about the ledger's keys does not hold: {error.message}", remedy=_REMEDY) from error
    keys = LedgerKeys(current, tuple(key for key, _ in relieved))
    follows = [*(key.public_key for key in keys.relieved), current][1:]
    lasts = [key.last for key, _ in relieved]
    if [named for _, named in relieved] != follows or lasts != sorted(set(lasts)):
        raise InputError("the notes about the ledger's keys do not lead from one to the next", remedy=_REMEDY)
    return origin, keys


def goes_on(keys: LedgerKeys, kept: LedgerKeys) -> bool:
    """Whether keys go on where older ones stood; how one leads to the next is checked where they are read."""
    before = len(kept.relieved)
    line = (*(key.public_key for key in keys.relieved), keys.current)
    return keys.relieved[:before] == kept.relieved and line[before : before + 1] == (kept.current,)


def _relieved(origin: str, notes: Sequence[str]) -> list[tuple[RelievedKey, bytes]]:
    """Each relieved key with the one that it named."""
    found = []
    for note in notes:
        lines = note.split("\n", 5)
        if len(lines) < 6 or lines[:2] != [_TITLE, origin] or not _LAST.fullmatch(lines[2]):
            raise LedgerError("it is of another ledger, or no such note")
        (_, old), (name, new) = open_verifier_key(lines[3]), open_verifier_key(lines[4])
        if name != origin or open_note(note, origin, old).count("\n") != 5:
            raise LedgerError("it is of another ledger, or no such note")
        found.append((RelievedKey(old, int(lines[2]), note), new))
    return found
