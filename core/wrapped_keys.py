"""Keys that lie on disk wrapped by a key service: unwrapped once at start, and in memory only."""

from __future__ import annotations

from pathlib import Path

from .errors import BackendError, ConfigError
from .key_envelope import Envelope
from .key_files import create_private, damaged, only_one_writer, read_private, replace_private
from .key_set import read_key_set
from .keys import StoredKeys


class WrappedKeys(StoredKeys):
    """Keys in `keys.wrapped.json`, which opens only with the key service; made at the first run.

    Args:
        path: the file; its folder must exist.
        envelope: seals and opens it.

    Raises:
        ConfigError: the file is damaged, of another service or installation, or the service refuses.
        BackendError: the service does not answer.
    """

    def __init__(self, path: Path, envelope: Envelope) -> None:
        super().__init__(path, envelope.opened, envelope.sealed)


def rewrap(path: Path, envelope: Envelope) -> None:
    """Have the stored keys wrapped by the newest version of the service's key; the keys stay the same.

    Raises:
        ConfigError: as `WrappedKeys`.
        BackendError: the service does not answer, or the file cannot be written; nothing has changed.
    """
    with only_one_writer(path):
        replace_private(path, envelope.rewrapped(read_private(path)))


def wrap_file_keys(plain: Path, wrapped: Path, envelope: Envelope) -> None:
    """Take the keys of `keys.json` over into a wrapped file, and remove the plain one once the other has opened.

    Raises:
        ConfigError: there is nothing to wrap, the wrapped file exists already, or the service refuses.
        BackendError: the service does not answer, or the file cannot be written; the plain file stands.
    """
    # The plain file's lock too: nobody shall rotate keys into a file that is about to go.
    with only_one_writer(plain), only_one_writer(wrapped):
        if wrapped.exists():
            raise ConfigError(f"{wrapped.name} exists already", remedy="nothing is left to wrap")
        try:
            keys = read_key_set(read_private(plain))
        except ValueError:
            raise damaged(plain) from None
        try:
            create_private(wrapped, envelope.sealed(keys))
            if envelope.opened(read_private(wrapped)) != keys:
                raise BackendError(f"{wrapped.name} does not hold the keys of {plain.name}", remedy="try again")
            plain.unlink()
        except OSError as error:
            raise BackendError(
                f"{wrapped.name} cannot be written: {error.strerror}",
                remedy="check the free space and the rights of the state directory",
            ) from error
