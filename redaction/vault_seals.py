"""What encrypts the values of the vault, and binds each to the row that it stands in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NEWEST_FORM = 2
"""1: bound to run, type and number, as versions before the expiry counted have sealed. 2: to the expiry too."""
_NONCE_BYTES = 12


class SealBroken(Exception):
    """A value does not open: it was altered or moved, its expiry was, or its key is not there."""


class Place(NamedTuple):
    """What of a row its seal vouches for.

    Args:
        expires_at: as it stands in the row.
    """

    run_id: str
    entity_type: str
    number: int
    expires_at: str


class Seals:
    """AES-256-GCM under keys of 32 bytes."""

    def __init__(self) -> None:
        self._ciphers: dict[bytes, AESGCM] = {}

    def seal(self, key: bytes, place: Place, value: str, form: int = NEWEST_FORM) -> bytes:
        """A nonce of 12 bytes, then the value encrypted, then the tag."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(key).encrypt(nonce, value.encode("utf-8"), _binding(place, form))

    def open(self, key: bytes | None, place: Place, form: int, sealed: bytes) -> str:
        """The value.

        Nothing is gained by calling a new seal an old one: the form is in what it is bound to.

        Raises:
            SealBroken: as above.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 70 ms

        if key is None or len(sealed) <= _NONCE_BYTES or not 1 <= form <= NEWEST_FORM:
            raise SealBroken
        try:
            opened = self._cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _binding(place, form))
        except InvalidTag:
            raise SealBroken from None
        return opened.decode("utf-8")

    def _cipher(self, key: bytes) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 70 ms

        cipher = self._ciphers.get(key)
        if cipher is None:
            cipher = self._ciphers[key] = AESGCM(key)
        return cipher


def _binding(place: Place, form: int) -> bytes:
    parts = [place.run_id, place.entity_type, str(place.number)]
    if form > 1:
        parts += [place.expires_at, f"form {form}"]
    return "\0".join(parts).encode()
