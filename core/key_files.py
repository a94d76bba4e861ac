"""Files that hold keys: private, whole or absent, changed by one process at a time."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import BackendError, ConfigError

RESTORE = "restore it from the backup made with `opswarden config backup-keys`"
_SIZE_LIMIT_BYTES = 1_000_000


def read_private(path: Path) -> bytes:
    """The content of a key file.

    Raises:
        ConfigError: it cannot be read, or others may read it.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode & 0o777
            content = file.read(_SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise damaged(path) from error
    if mode & 0o077:
        raise ConfigError(f"key file {path.name!r} can be read by others (mode {mode:o})", remedy=f"chmod 600 {path}")
    if len(content) > _SIZE_LIMIT_BYTES:
        raise damaged(path)
    return content


def damaged(path: Path) -> ConfigError:
    """The error of a key file that is there and says nothing."""
    return ConfigError(f"key file {path.name!r} cannot be read", remedy=RESTORE)


def stamp_of(path: Path) -> tuple[int, int, int] | None:
    """What changes whenever the file is replaced; None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def create_private(path: Path, content: bytes) -> None:
    """Write a new file 0600, whole or not at all, without ever replacing one that another process made first.

    Raises:
        OSError: the folder cannot be written.
    """
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its keys are the installation's keys
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def replace_private(path: Path, content: bytes) -> None:
    """Put new content in the place of a key file in one step: whoever is killed meanwhile leaves the old or the new.

    To be called inside `only_one_writer`.

    Raises:
        BackendError: it cannot be written; the old file stands.
    """
    _sweep(path)
    try:
        draft = _draft(path, content)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        _sweep(path)
        raise BackendError(
            f"key file {path.name!r} cannot be written: {error.strerror}; the old one is untouched",
            remedy="check the free space and the rights of the state directory",
        ) from error


@contextmanager
def only_one_writer(path: Path) -> Iterator[None]:
    """Keep every other process and thread that changes this key file waiting; a killed process lets go by itself.

    Raises:
        BackendError: the folder cannot be written.
    """
    import fcntl  # noqa: PLC0415 - not on every system

    lock = path.with_name(f".{path.name}-lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BackendError(
            f"{lock.name!r} cannot be written: {error.strerror}", remedy="check the rights of the state directory"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _sweep(path: Path) -> None:
    """Remove drafts of processes that were killed; they hold keys."""
    for draft in path.parent.glob(f".{path.name}.????????????????"):
        with suppress(OSError):
            draft.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
