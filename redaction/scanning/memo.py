"""What was found in a text, remembered by the text's keyed hash: the same text again costs almost nothing.

Operations repeat themselves: state passes the gate at every step, and log lines come again and again. Only offsets and
entity types are kept; the key of the hash is drawn anew in every process, so the memo cannot be asked from outside
whether a text was seen.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from ..types import Span

_ENTRIES = 16_384
_SPANS = 2_000
"""Texts with more in them are not remembered; they are long, and seldom the same."""


class Memo:
    """The latest texts and what was found in them. Threads may share it."""

    def __init__(self, entries: int = _ENTRIES) -> None:
        self._key = secrets.token_bytes(32)
        self._entries = entries
        self._found: OrderedDict[bytes, tuple[Span, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def spans(
        self, text: str, key: str | None, hidden: Sequence[tuple[int, int]], find: Callable[[], Sequence[Span]]
    ) -> Sequence[Span]:
        """What `find` finds in a text under a key with ranges hidden, or found in it before."""
        digest = self._digest(text, key, hidden)
        with self._lock:
            known = self._found.get(digest)
            if known is not None:
                self._found.move_to_end(digest)
        if known is not None:
            return known
        found = tuple(find())
        if len(found) <= _SPANS:
            with self._lock:
                self._found[digest] = found
                if len(self._found) > self._entries:
                    self._found.popitem(last=False)
        return found

    def _digest(self, text: str, key: str | None, hidden: Sequence[tuple[int, int]]) -> bytes:
        digest = hashlib.blake2b(key=self._key, digest_size=16)
        for part in (text, key if key is not None else "\0", repr(hidden) if hidden else ""):
            encoded = part.encode("utf-8")
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)
        return digest.digest()
