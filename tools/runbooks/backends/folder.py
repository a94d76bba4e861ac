"""Runbooks in a folder: `.md` files at any depth.

Only regular files inside the folder are read: links are left out wherever they lead, as are files over 256,000 bytes,
and whatever comes after the first 2,000 files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...plain_files import read_plain_text
from ..documents import Runbook, parse

_SIZE_LIMIT_BYTES = 256_000
_COUNT_LIMIT = 2_000


class FolderRunbooks:
    """Reads a folder anew at every call; implements `RunbooksBackend`.

    Args:
        folder: must exist when it is read; it may be a link itself.
        environment: the environment the runbooks speak of.
    """

    def __init__(self, folder: Path, environment: str) -> None:
        self._folder = folder
        self._environment = environment

    @property
    def environment(self) -> str:
        """The environment the runbooks speak of."""
        return self._environment

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        """All runbooks by name, which is the path below the folder; bytes that are no UTF-8 are replaced.

        Raises:
            BackendError: the folder cannot be listed, or not before the deadline.
        """
        found = []
        try:
            for name, text in _texts(self._folder.resolve(strict=True)):
                if deadline.passed:
                    raise BackendError("the runbooks were not read before the deadline", remedy="use a smaller folder")
                found.append(parse(name, text))
        except OSError as error:
            raise BackendError(
                "the folder of runbooks cannot be read", remedy="check that it exists and its permissions"
            ) from error
        return tuple(sorted(found, key=lambda runbook: runbook.name))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every usable file, opened relative to its folder so that no link is followed on the way."""
    left = _COUNT_LIMIT
    for where, folders, names, place in os.fwalk(folder, follow_symlinks=False):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(".md"):
                continue
            if left == 0:
                return
            left -= 1
            text = read_plain_text(name, _SIZE_LIMIT_BYTES, folder=place)
            path = (Path(where) / name).relative_to(folder).as_posix()
            # A name in no known encoding could not be written into any record.
            if text is not None and path.isprintable():
                yield path, text
