"""Tokens by which records of different runs can be joined without saying whom they are about.

`<BR_CPF·j4q0…>` stands for one value of a type, the same in every run of a team. Nothing stands behind it: it is no
placeholder and is never restored. Whoever holds the key can find out short ids by trying them all, so a token is for
the ledger and for analysis inside the same trust zone, not for publication.
"""

from __future__ import annotations

import hashlib
import hmac

from ..core.keys import KeyProvider
from .engine import Redaction
from .placeholders import join_mark
from .types import TextWithheld
from .views.normalise import plain

_TOKEN_BYTES = 16


class JoinTokens:
    """Makes the join tokens of one team. Threads may share it.

    Args:
        redaction: says what may be kept at all, and when two values are the same.
        keys: where the key comes from; the same through every rotation, or nothing would join any more.
        team: tokens of different teams cannot be joined.
    """

    def __init__(self, redaction: Redaction, keys: KeyProvider, team: str) -> None:
        self._redaction = redaction
        self._key = keys.secret(f"join-token/{team}")

    def join_token(self, entity_type: str, value: str) -> str:
        """The token of a value as it was found in a text.

        HMAC-SHA256 of type and normalised identity, cut to 128 bits, in 26 characters of Crockford's base 32.

        Raises:
            TextWithheld: `not-restorable`: a secret, a card number or what authenticates is never hashed.
        """
        if not self._redaction.is_restorable(entity_type):
            raise TextWithheld(
                f"there are no join tokens for {entity_type}",
                reason="not-restorable",
                remedy="secrets and card numbers are neither kept nor hashed",
            )
        identity = self._redaction.identity(entity_type, plain(value))
        digest = hmac.digest(self._key, f"{entity_type}\0{identity}".encode(), hashlib.sha256)
        return join_mark(entity_type, digest[:_TOKEN_BYTES])
