"""Runbooks in a folder: `.md` files at any depth, pages exported as `.html`, and exports of a wiki as `.zip`.

Only regular files inside the folder are read: links are left out wherever they lead, as are files over 256,000 bytes,
exports that `exports` refuses, and whatever comes after the first 20,000 files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Protocol

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...plain_files import read_plain_text
from ..documents import Runbook, parse
from .exports import ExportRefused, markdown_of, pages_of_zip
from .types import Entry

_SIZE_LIMIT_BYTES = 256_000
_COUNT_LIMIT = 20_000
_ENDINGS = (".md", ".html", ".htm")


class History(Protocol):
    """Who knows when files changed last."""

    def changes(self, deadline: Deadline) -> Mapping[str, tuple[datetime, str]]:
        """Path below the folder: when it changed, and the team of whoever changed it (empty if not known)."""
        ...


@dataclass(frozen=True)
class _File:
    name: str
    path: Path
    stamp: str
    modified: datetime


class FolderRunbooks:
    """Reads a folder; implements `RunbooksBackend` and `Listing`.

    Args:
        folder: must exist when it is read; it may be a link itself.
        environment: the environment the runbooks speak of.
        history: when files changed; as the file system says unless given.
    """

    def __init__(self, folder: Path, environment: str, history: History | None = None) -> None:
        self._folder = folder
        self._environment = environment
        self._history = history
        self._exported: dict[str, str] = {}
        self._refused: list[str] = []

    @property
    def environment(self) -> str:
        """The environment the runbooks speak of."""
        return self._environment

    @property
    def refused(self) -> tuple[str, ...]:
        """Exports that the last reading refused: the name of the file and why."""
        return tuple(self._refused)

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        """All runbooks by name, which is the path below the folder; bytes that are no UTF-8 are replaced.

        Raises:
            BackendError: the folder cannot be listed, or not before the deadline.
        """
        found = []
        for entry in self.entries(deadline):
            if deadline.passed:
                raise BackendError("the runbooks were not read before the deadline", remedy="use a smaller folder")
            if (text := self.text(entry.name)) is not None:
                found.append(parse(entry.name, text))
        return tuple(found)

    def entries(self, deadline: Deadline) -> tuple[Entry, ...]:
        """Every page by name; an export is unpacked in memory whenever it is another than before.

        Raises:
            BackendError: the folder cannot be listed, or not before the deadline.
        """
        self._refused = []
        known = self._history.changes(deadline) if self._history else {}
        found: dict[str, Entry] = {}
        try:
            for file in _files(self._folder.resolve(strict=True)):
                if deadline.passed:
                    raise BackendError("the runbooks were not read before the deadline", remedy="use a smaller folder")
                changed, by = known.get(file.name, (file.modified, ""))
                if not file.name.endswith(".zip"):
                    found.setdefault(file.name, Entry(file.name, file.stamp, changed, by))
                    continue
                for name in self._unpacked(file):
                    found.setdefault(name, Entry(name, file.stamp, changed, by))
        except OSError as error:
            raise BackendError(
                "the folder of runbooks cannot be read", remedy="check that it exists and its permissions"
            ) from error
        return tuple(found[name] for name in sorted(found)[:_COUNT_LIMIT])

    def text(self, name: str) -> str | None:
        """The text of a page as Markdown."""
        if name in self._exported:
            return self._exported[name]
        parts = name.split("/")
        if not name.endswith(_ENDINGS) or any(part in ("", ".", "..") for part in parts):
            return None
        text = _opened(self._folder, parts)
        if text is None or name.endswith(".md"):
            return text
        return markdown_of(text)

    def _unpacked(self, file: _File) -> list[str]:
        try:
            pages = pages_of_zip(file.path)
        except ExportRefused as refusal:
            self._refused.append(f"{file.name}: {refusal}")
            return []
        made = {f"{file.name}/{name}": text for name, text in pages.items()}
        self._exported.update(made)
        return list(made)


def _opened(folder: Path, parts: list[str]) -> str | None:
    """The text of a file whose folders are opened one below the other, so that no link is followed on the way."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        place = os.open(folder.resolve(strict=True), flags)
    except OSError:
        return None
    try:
        for part in parts[:-1]:
            below = os.open(part, flags | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = below
        return read_plain_text(parts[-1], _SIZE_LIMIT_BYTES, folder=place)
    except OSError:
        return None
    finally:
        os.close(place)


def _files(folder: Path) -> Iterator[_File]:
    left = _COUNT_LIMIT
    for where, folders, names, place in os.fwalk(folder, follow_symlinks=False):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            if not name.endswith((*_ENDINGS, ".zip")):
                continue
            if left == 0:
                return
            left -= 1
            try:
                found = os.stat(name, dir_fd=place, follow_symlinks=False)
            except OSError:
                continue
            is_page = S_ISREG(found.st_mode) and (name.endswith(".zip") or found.st_size <= _SIZE_LIMIT_BYTES)
            path = Path(where) / name
            below = path.relative_to(folder).as_posix()
            # A name in no known encoding could not be written into any record.
            if is_page and below.isprintable():
                stamp = f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"
                yield _File(below, path, stamp, datetime.fromtimestamp(found.st_mtime, UTC))
