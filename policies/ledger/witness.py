"""A witness: knows the newest head of every ledger it serves and cosigns nothing that does not continue it.

It runs on a machine and with a key of its own, in the hands of other people than those who hold the ledger. A ledger
that was cut, forked or rewritten after a head was cosigned never gets another cosignature.

Source: github.com/C2SP/C2SP, tlog-witness.md (`add-checkpoint`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.clock import Clock
from ...core.errors import LedgerError, OpswardenError
from ...core.keys import KeyProvider
from ...core.ledger_keys import PublicKeys
from .checkpoint import COSIGNER, Checkpoint, decode_base64, open_checkpoint, signature_of, verifier_key
from .cosignature import cosign, split_note
from .tree import HASH_BYTES, verify_consistency
from .witness_state import WitnessState

MAX_REQUEST_BYTES = 64 * 1024
"""63 hashes and a head with some signatures are 5 kB."""

MOST_HASHES = 63
"""As many as the protocol lets a client send."""

SIZE_TYPE = "text/x.tlog.size"

_TEXT = "text/plain; charset=utf-8"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True)
class Answer:
    """What the HTTP server says."""

    status: int
    body: str
    content_type: str = _TEXT


@dataclass(frozen=True)
class _Request:
    """From which size the proof leads, the proof, and the head as it was sent."""

    old_size: int
    hashes: Sequence[bytes]
    origin: str
    note: str


class _NoError(Exception):
    """A request that is answered with a refusal; no error of the program."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.answer = Answer(status, f"{text}\n")


class Witness:
    """Answers `add-checkpoint`; safe to use from several threads and processes.

    Args:
        state: what it remembers.
        keys: signs its cosignatures; a key of its own, never that of a ledger.
        logs: origin → the public keys that may sign its heads; more than one while a file of them changes.
        clock: the moment of which a cosignature speaks.
    """

    def __init__(
        self, state: WitnessState, keys: KeyProvider, logs: Mapping[str, Sequence[PublicKeys]], clock: Clock
    ) -> None:
        self._state = state
        self._keys = keys
        self._logs = logs
        self._clock = clock

    @property
    def verifier_key(self) -> str:
        """Its public key as one word, for everybody who relies on it."""
        return verifier_key(self._state.name, self._keys.public_key(), COSIGNER)

    def add_checkpoint(self, content: bytes) -> Answer:
        """Check a head against what is remembered; cosign it only after it is durable that it was seen."""
        try:
            request = _parse(content)
            head = self._open(request)
            with self._state.only_one():
                self._advance(request, head)
            text, _ = split_note(request.note)
            return Answer(200, cosign(text, self._state.name, self._keys, self._clock.now()) + "\n")
        except _NoError as refusal:
            return refusal.answer
        except OpswardenError:
            # Its own trouble: a disk that is full, a state that is damaged. The operator sees which; strangers do not.
            return Answer(500, "the witness cannot answer now\n")

    def _open(self, request: _Request) -> Checkpoint:
        keys = self._logs.get(request.origin)
        if not keys:
            raise _NoError(404, "this witness does not know such a ledger")
        for key in keys:
            try:
                head = open_checkpoint(request.note, request.origin, key)
            except LedgerError:
                continue
            if request.old_size > head.size:
                raise _NoError(400, "the old size is larger than the head")
            return head
        raise _NoError(403, "no signature by a known key of this ledger")

    def _advance(self, request: _Request, head: Checkpoint) -> None:
        seen = self._state.seen(head.origin)
        conflict = _NoError(409, "")
        conflict.answer = Answer(409, f"{seen.size}\n", SIZE_TYPE)
        if request.old_size != seen.size:
            raise conflict
        if head.size == seen.size and head.root != seen.root:
            raise conflict
        if not verify_consistency(seen.size, head.size, seen.root, head.root, request.hashes):
            raise _NoError(422, "the proof does not show that this head continues the last one")
        # An equal head has been kept already, and is only dated anew; an empty first one is nothing to remember.
        if head.size > seen.size:
            self._state.keep(head)


def _parse(content: bytes) -> _Request:
    if len(content) > MAX_REQUEST_BYTES:
        raise _NoError(400, f"a request has at most {MAX_REQUEST_BYTES} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _NoError(400, "a request is a text") from None
    top, gap, note = text.partition("\n\n")
    first, *lines = top.split("\n")
    old = _OLD.fullmatch(first)
    if not gap or old is None:
        raise _NoError(400, "a request begins with the old size and holds an empty line")
    hashes = [decode_base64(line) for line in lines[: MOST_HASHES + 1]]
    if len(hashes) > MOST_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise _NoError(400, f"a proof is at most {MOST_HASHES} lines of one hash each")
    try:
        body, signatures = split_note(note)
        for line in signatures:
            signature_of(line)
    except LedgerError:
        raise _NoError(400, "a request ends with a signed head") from None
    origin = body.partition("\n")[0]
    if not origin:
        raise _NoError(400, "a head begins with the name of its ledger")
    return _Request(int(old[1]), hashes, origin, note)
