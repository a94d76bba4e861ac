"""Find the folders of a raw data set by what they hold, never by their names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

MAX_DEPTH = 6
"""Raw sets nest at most five folders deep; the bound keeps a look at the wrong folder (a home, a disk) short."""


def folders(src: Path, *, max_depth: int = MAX_DEPTH) -> Iterator[tuple[Path, frozenset[str]]]:
    """`src` and every folder below it with the names of the files in it, in a fixed order; links are not followed."""
    for here, below, files in os.walk(src):
        path = Path(here)
        below[:] = sorted(name for name in below if not name.startswith("."))
        if len(path.relative_to(src).parts) >= max_depth:
            below.clear()
        yield path, frozenset(files)


def matching(src: Path, holds: Callable[[Path, frozenset[str]], bool]) -> tuple[Path, ...]:
    """All folders for which `holds(folder, file names)` is true."""
    return tuple(path for path, names in folders(src) if holds(path, names))


def has_match(src: Path, holds: Callable[[Path, frozenset[str]], bool]) -> bool:
    """Whether there is one such folder; stops at the first."""
    return any(holds(path, names) for path, names in folders(src))


def source_id(src: Path, folder: Path) -> str:
    """The place of a case in the raw set; it may name the root cause and is never written into a case."""
    return folder.relative_to(src).as_posix()


def ancestors(src: Path, folder: Path) -> Iterator[Path]:
    """`folder` and the folders above it, up to and including `src`."""
    yield folder
    while folder != src and folder != folder.parent:
        folder = folder.parent
        yield folder
