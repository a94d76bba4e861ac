"""The secrets of one installation, as they lie in memory: a root, a seed for the ledger, and sealing keys by version.

The root never changes: what hangs on it (seals of approvals, hashes in the ledger, join tokens) has to stay comparable.
Sealing keys encrypt what expires, and rotate. The seed signs the ledger, and can be relieved at a number of entries:
what it signed up to there still counts.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .errors import ConfigError, InputError
from .ledger_keys import RelievedKey

_FORM = 2
_RELIEVED_FORM = 3
"""Once a seed was relieved: an older program would not know whose signatures count."""
_FIRST_FORM = 1  # one master for everything, no versions
_LENGTH_BYTES = 32
_MANY_VERSIONS = 1_000


@dataclass(frozen=True)
class KeyRing:
    """The keys of one purpose, 32 bytes each, by version; the newest seals, every one opens."""

    newest: int
    keys: Mapping[int, bytes]


@dataclass(frozen=True)
class KeySet:
    """Everything secret. Never printed: its `repr` names the versions alone.

    Args:
        root: 32 bytes; purposes that must not change are derived from it.
        seed: 32 bytes; the Ed25519 key of the ledger.
        sealing: 32 bytes by version, counted from 1.
        newest: the version that seals.
        relieved: public keys of the seeds before, the oldest first.
    """

    root: bytes
    seed: bytes
    sealing: Mapping[int, bytes]
    newest: int
    relieved: tuple[RelievedKey, ...] = ()

    def __repr__(self) -> str:
        return f"KeySet(versions={sorted(self.sealing)}, newest={self.newest})"

    def secret(self, purpose: str) -> bytes:
        """32 bytes for a purpose, the same for ever."""
        return _derived(self.root, purpose)

    def ring(self, purpose: str) -> KeyRing:
        """The sealing keys of a purpose."""
        return KeyRing(self.newest, {version: _derived(key, purpose) for version, key in self.sealing.items()})

    def rotated(self) -> KeySet:
        """With a new sealing key; the older ones still open."""
        version = self.newest + 1
        return replace(self, sealing={**self.sealing, version: secrets.token_bytes(_LENGTH_BYTES)}, newest=version)

    def without(self, version: int) -> KeySet:
        """Without an older sealing key.

        Raises:
            InputError: there is no such version, or it is the newest.
        """
        if version not in self.sealing:
            held = ", ".join(map(str, sorted(self.sealing)))
            raise InputError(f"there is no key version {version}", remedy=f"versions: {held}")
        if version == self.newest:
            raise InputError(
                f"key version {version} is the one in use", remedy="`opswarden config rotate-keys` first, then wait"
            )
        return replace(self, sealing={number: key for number, key in self.sealing.items() if number != version})

    def with_seed(self, seed: bytes, relieved: RelievedKey) -> KeySet:
        """With another seed from now on."""
        return replace(self, seed=seed, relieved=(*self.relieved, relieved))

    def same_installation(self, other: KeySet) -> bool:
        """Whether two sets differ in what may rotate at most, and one goes on where the other stands."""
        shorter, longer = sorted((self, other), key=lambda keys: len(keys.relieved))
        goes_on = longer.relieved[: len(shorter.relieved)] == shorter.relieved
        same_seed = self.seed == other.seed or len(self.relieved) != len(other.relieved)
        return self.root == other.root and goes_on and same_seed

    def to_bytes(self) -> bytes:
        """JSON; whoever reads it has everything."""
        body: dict[str, object] = {
            "version": _RELIEVED_FORM if self.relieved else _FORM,
            "root": _text(self.root),
            "ledger_seed": _text(self.seed),
            "newest": self.newest,
            "sealing": {str(version): _text(key) for version, key in sorted(self.sealing.items())},
        }
        if self.relieved:
            body["relieved"] = [
                {"public_key": _text(key.public_key), "last": key.last, "note": key.note} for key in self.relieved
            ]
        return json.dumps(body, indent=2).encode() + b"\n"


def new_seed() -> bytes:
    """A fresh key for the ledger."""
    return secrets.token_bytes(_LENGTH_BYTES)


def new_key_set() -> KeySet:
    """Fresh secrets, independent of each other."""
    root, seed, first = (secrets.token_bytes(_LENGTH_BYTES) for _ in range(3))
    return KeySet(root, seed, {1: first}, 1)


def read_key_set(content: bytes) -> KeySet:
    """What `to_bytes` wrote, or the first form of it, whose master served every purpose.

    Raises:
        ValueError: it is neither.
    """
    try:
        body = json.loads(content)
        if body["version"] == _FIRST_FORM:
            master = _key(body["master"])
            return KeySet(master, _key(body["ledger_seed"]), {1: master}, 1)
        if body["version"] not in (_FORM, _RELIEVED_FORM) or not 1 <= len(body["sealing"]) <= _MANY_VERSIONS:
            raise ValueError("another form")
        sealing = {int(version): _key(text) for version, text in body["sealing"].items()}
        newest = body["newest"]
        if type(newest) is not int or newest != max(sealing) or min(sealing) < 1:
            raise ValueError("versions do not fit together")
        relieved = tuple(_relieved(each) for each in body["relieved"]) if body["version"] == _RELIEVED_FORM else ()
        lasts = [key.last for key in relieved]
        if lasts != sorted(set(lasts)):
            raise ValueError("relieved keys are out of order")
        return KeySet(_key(body["root"]), _key(body["ledger_seed"]), sealing, newest, relieved)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no key set") from error


def exchanged(name: str) -> ConfigError:
    """Other keys lie where this process found its own: going on would tear the ledger and the vault apart."""
    return ConfigError(
        f"key file {name!r} holds the keys of another installation since this process began",
        remedy="put the right file back, or start anew with the other one",
    )


def _derived(key: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) with the purpose as its info."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - 70 ms that `--help` need not pay
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - the same

    return HKDF(SHA256(), _LENGTH_BYTES, salt=None, info=f"opswarden/{purpose}".encode()).derive(key)


def _relieved(body: Mapping[str, object]) -> RelievedKey:
    public_key, last, note = body["public_key"], body["last"], body["note"]
    if not isinstance(public_key, str) or type(last) is not int or last < 0 or not isinstance(note, str):
        raise ValueError("no relieved key")
    return RelievedKey(_key(public_key), last, note)


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if len(key) != _LENGTH_BYTES:
        raise ValueError("no key of 32 bytes")
    return key


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
